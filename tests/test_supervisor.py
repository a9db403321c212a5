"""Services side by side: how they end, fail and are cancelled."""

import asyncio
import logging

import pytest

from bot.supervisor import Service, supervise


class Recorder:
    """Services that note what becomes of them."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def forever(self, name: str, *, leads: bool = False) -> Service:
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.ended.append(name)

        return Service(name, run, leads)

    def done(self, name: str, *, leads: bool = False) -> Service:
        async def run() -> None:
            self.ended.append(name)

        return Service(name, run, leads)

    def failing(self, name: str, *, leads: bool = False) -> Service:
        async def run() -> None:
            raise ValueError(name)

        return Service(name, run, leads)


async def test_all_end_with_the_one_that_leads() -> None:
    seen = Recorder()
    await supervise([seen.forever("sync"), seen.done("chat", leads=True)])
    assert seen.ended == ["chat", "sync"]


async def test_without_a_leader_all_are_waited_for() -> None:
    seen = Recorder()
    await supervise([seen.done("a"), seen.done("b")])
    assert seen.ended == ["a", "b"]


async def test_one_that_fails_is_logged_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = Recorder()
    with caplog.at_level(logging.ERROR):
        await supervise([seen.failing("sync"), seen.done("a"), seen.done("b")])
    assert seen.ended == ["a", "b"]
    (record,) = caplog.records
    assert record.getMessage().startswith("incident ")
    assert record.getMessage().endswith(": sync stopped")
    assert record.exc_info is not None


async def test_the_failure_of_one_that_leads_is_raised_as_it_is() -> None:
    seen = Recorder()
    with pytest.raises(ValueError, match="chat"):
        await supervise([seen.forever("sync"), seen.failing("chat", leads=True)])
    assert seen.ended == ["sync"]


async def test_cancelling_cancels_all_and_waits_for_them() -> None:
    seen = Recorder()
    running = asyncio.create_task(supervise([seen.forever("a"), seen.forever("b", leads=True)]))
    for _ in range(3):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(seen.ended) == ["a", "b"]
