"""The lock of a state in a file: one process runs on it at a time, and none that is dead."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.stores import Runner
from storage.state.running import alone_on, lock_of, who_runs_on
from tests.logged import events
from tests.state.processes import start

US = Runner("matome run", "here", 17, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
THEM = Runner("matome restore", "there", 18, datetime(2026, 11, 21, 9, 31, tzinfo=UTC))

RUN = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.stores import Runner
from storage.state.running import alone_on

async def main():
    us = Runner("matome run", "here", 17, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
    async with alone_on(Path(sys.argv[1]), us):
        print("running", flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


@contextmanager
def running(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that runs on a state."""
    with start(RUN, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        try:
            yield process
        finally:
            process.kill()


async def test_who_comes_second_is_refused_with_the_name_of_the_first(path: Path) -> None:
    with running(path):
        assert who_runs_on(path) == US
        with pytest.raises(StateError) as raised:
            async with alone_on(path, THEM):
                pass
        # It was refused, and has changed nothing of what is written there.
        assert who_runs_on(path) == US
    assert raised.value.key == "state.in_use"
    shown = {"path": str(path), "what": "matome run", "host": "here", "pid": 17}
    assert raised.value.details == {**shown, "since": "2026-11-21 09:30:00 UTC"}


async def test_however_the_first_one_ends_the_next_may_run(path: Path) -> None:
    for number in (signal.SIGKILL, signal.SIGTERM):
        with running(path) as process:
            process.send_signal(number)
            process.wait()
        assert who_runs_on(path) is None
    async with alone_on(path, US):
        assert who_runs_on(path) == US
    assert who_runs_on(path) is None


async def test_whoever_only_asks_keeps_nobody_from_running(path: Path) -> None:
    async with alone_on(path, US):
        pass
    asked = os.open(lock_of(path), os.O_RDONLY)
    fcntl.flock(asked, fcntl.LOCK_SH)

    async def is_told(seconds: float) -> None:
        fcntl.flock(asked, fcntl.LOCK_UN)

    try:
        async with alone_on(path, THEM, is_told):
            assert who_runs_on(path) == THEM
    finally:
        os.close(asked)


def test_asking_leaves_nothing_behind(path: Path) -> None:
    assert who_runs_on(path) is None
    assert not path.parent.exists()


async def test_a_link_to_a_state_is_the_same_state(path: Path) -> None:
    link, other = path.parent.parent / "link.sqlite3", path.parent.parent / "other"
    link.symlink_to(path)
    other.symlink_to(path.parent)
    async with alone_on(path, US):
        assert who_runs_on(link) == US
        assert who_runs_on(other / path.name) == US
        assert who_runs_on(path.with_name("another.sqlite3")) is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"what": 1}', b"\xff" * 5000])
async def test_what_is_written_there_does_not_matter(path: Path, text: bytes) -> None:
    path.parent.mkdir()
    lock_of(path).write_bytes(text)
    assert who_runs_on(path) is None
    async with alone_on(path, US):
        assert who_runs_on(path) == US
        lock_of(path).write_bytes(text)
        found = who_runs_on(path)
        assert found is not None
        assert found.host == "?"


async def test_a_longer_record_of_before_leaves_nothing(path: Path) -> None:
    async with alone_on(path, Runner("x" * 500, "there", 1, US.since)):
        pass
    async with alone_on(path, US):
        assert json.loads(lock_of(path).read_text())["what"] == "matome run"


async def test_where_no_lock_can_be_had_it_goes_on_and_says_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lock_of(path).mkdir(parents=True)
    async with alone_on(path, US):
        pass
    (event,) = events(caplog)
    assert (event["level"], event["path"]) == ("warning", str(lock_of(path)))


async def test_what_fails_without_a_lock_is_not_taken_for_its_failure(path: Path) -> None:
    lock_of(path).mkdir(parents=True)
    with pytest.raises(LookupError) as raised:
        async with alone_on(path, US):
            raise LookupError
    assert raised.value.__context__ is None
