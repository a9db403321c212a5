"""Services side by side: how they end, fail and are cancelled."""

import asyncio
import logging

import pytest

from bot.running.supervisor import Service, supervise
from tests.logged import events, only_incident


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
    stopped: list[tuple[str, str]] = []
    with caplog.at_level(logging.ERROR):
        services = [seen.failing("sync"), seen.done("a"), seen.done("b")]
        await supervise(services, lambda *told: stopped.append(told))
    assert seen.ended == ["a", "b"]
    event = only_incident(caplog)
    assert event["part"] == "sync"
    assert stopped == [("sync", event["incident"])]


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


async def test_two_of_one_name_are_two() -> None:
    seen = Recorder()
    await supervise([seen.forever("sync"), seen.forever("sync"), seen.done("chat", leads=True)])
    assert seen.ended == ["chat", "sync", "sync"]


async def test_two_leaders_of_one_name_are_both_waited_for() -> None:
    seen = Recorder()
    await supervise([seen.done("chat", leads=True), seen.forever("chat", leads=True)])
    assert seen.ended == ["chat", "chat"]


async def test_of_several_leaders_that_fail_the_first_is_raised_and_the_others_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = Recorder()

    async def fail_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("late")

    services = [
        Service("late", fail_at_the_end, leads=True),
        seen.failing("first", leads=True),
        seen.failing("second", leads=True),
    ]
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="first"):
        await supervise(services)
    assert [event["part"] for event in events(caplog)] == ["second", "late"]
    assert all("exc_info" in event for event in events(caplog))
