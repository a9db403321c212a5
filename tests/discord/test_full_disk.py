"""`matome run` on a disk without room: people are answered, deliveries wait, nothing is lost."""

import asyncio
import resource
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.intent import Help
from bot.outbox import NewRow, Op
from storage.state.database import open_state
from storage.state.outbox import StoredOutbox
from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import running
from tests.discord.test_first_reading import Town, is_read, stopped_in_the_end, town
from tests.logged import lines_of

__all__ = ["town"]

if not hasattr(resource, "prlimit"):
    pytest.skip("the system cannot limit another process", allow_module_level=True)


@contextmanager
def no_room_for(process: int) -> Iterator[None]:
    """Let all that a process writes to files fail, as on a full disk."""
    soft, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (soft, hard))


def help_for(town: Town, key: str) -> NewRow:
    now = datetime.now(UTC)
    return NewRow(
        key=key,
        platform="discord",
        op=Op.POST,
        said=Help(),
        language="ja",
        ready_at=now,
        deadline=now + timedelta(hours=1),
        target=str(town.channel.id),
    )


async def until_told(process: Process, words: str) -> int:
    """Read what a process logs until an event has these words; how many lines it were."""
    assert process.stderr is not None
    for count in range(1, 10):
        (line,) = lines_of(await asyncio.wait_for(process.stderr.readline(), SECONDS))
        assert "incident" not in line
        assert "exception" not in line
        if words in line["event"]:
            return count
    pytest.fail(f"ten lines, and none with {words!r}")


async def test_a_bot_without_room_answers_and_delivers_when_there_is_some_again(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    async with (
        open_state(matome.data / "state.sqlite3") as state,
        running(matome, town.discord) as process,
        stopped_in_the_end(process) as said,
    ):
        outbox = StoredOutbox(state)
        await town.ready()
        await town.ask_until(is_read)
        await outbox.put([help_for(town, "before")], datetime.now(UTC))
        messages = town.channel.messages
        assert await town.discord.changes.until(lambda: len(messages) == 1, SECONDS)
        with no_room_for(process.pid):
            rows = [help_for(town, f"row {number}") for number in range(5)]
            await outbox.put(rows, datetime.now(UTC))
            for _ in range(20):
                assert "GPU" in (await town.ask()).text
            lines = await until_told(process, "deliveries wait")
            assert "GPU" in (await town.ask()).text
            assert len(messages) == 1
        lines += await until_told(process, "deliveries go on")
        assert await town.discord.changes.until(lambda: len(messages) == 6, SECONDS)
    assert len(messages) == 6
    assert lines + len(said) < 10
    assert not [line for line in said if "deliveries" in line["event"]]
    assert not [line for line in said if "incident" in line or "exception" in line]
