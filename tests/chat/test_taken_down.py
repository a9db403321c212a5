"""What was taken down, as it was last read: also while the state is away, and from the start."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.model import post_key
from bot.stores import Hidden
from bot.taken_down import TakenDown
from storage.hidden_file import HiddenFile
from tests.logged import events, only_incident

POST = post_key("post")


class State:
    """A state that can be away."""

    def __init__(self, hidden: Hidden) -> None:
        self.hidden = hidden
        self.away = False
        self.asked = 0

    async def read(self) -> Hidden:
        self.asked += 1
        if self.away:
            raise StateError("state.failed", path="state", cause="away")
        return self.hidden


async def test_a_state_that_is_away_keeps_what_was_hidden_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = State({POST: frozenset([0])})
    taken = TakenDown(state.read)
    assert await taken.hidden() == state.hidden
    state.away = True
    with caplog.at_level(logging.INFO):
        await taken.refresh()
        await taken.refresh()
        assert await taken.hidden() == {POST: frozenset([0])}
        assert len(caplog.records) == 1
        state.away = False
        state.hidden = {}
        await taken.refresh()
        await taken.refresh()
    assert await taken.hidden() == {}
    assert [event["event"] for event in events(caplog)] == [
        "what is hidden could not be read",
        "what is hidden can be read again",
    ]


async def test_who_has_to_know_is_told_that_it_could_not_be_read() -> None:
    state = State({POST: frozenset([1])})
    taken = TakenDown(state.read)
    state.away = True
    with pytest.raises(StateError):
        await taken.look_again()
    state.away = False
    await taken.look_again()
    assert await taken.hidden() == state.hidden


async def test_many_who_have_to_know_share_what_is_read_after_they_came() -> None:
    state, may_end = State({}), asyncio.Event()

    async def read() -> Hidden:
        found = await state.read()
        await may_end.wait()
        return found

    taken = TakenDown(read)
    looking = [asyncio.create_task(taken.look_again())]
    await asyncio.sleep(0)
    # What is being read does not show this any more.
    state.hidden = {POST: frozenset([1])}
    looking += [asyncio.create_task(taken.look_again()) for _ in range(5)]
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.gather(*looking)
    assert await taken.hidden() == state.hidden
    assert state.asked == 2


async def test_it_is_read_once_at_first_and_then_every_half_minute() -> None:
    state = State({POST: frozenset([1])})
    taken = TakenDown(state.read)
    assert await asyncio.gather(*[taken.hidden() for _ in range(5)]) == [state.hidden] * 5
    assert state.asked == 1
    slept: list[float] = []

    class EnoughError(Exception):
        """The test has seen enough."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise EnoughError

    with pytest.raises(EnoughError):
        await taken.keep_fresh(sleep)
    assert slept == [30.0] * 3
    assert state.asked == 4


async def test_whatever_goes_wrong_it_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    asked = 0

    async def read() -> Hidden:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise ZeroDivisionError
        return {POST: frozenset([1])}

    taken = TakenDown(read)
    for _ in range(3):
        await taken.refresh()
    assert await taken.hidden() == {POST: frozenset([1])}
    assert only_incident(caplog)["event"] == "what is hidden could not be read"


async def test_a_state_that_is_not_there_is_not_opened() -> None:
    state = State({POST: frozenset([1])})
    there = False
    taken = TakenDown(state.read, lambda: there)
    assert await taken.hidden() == {}
    assert state.asked == 0
    there = True
    await taken.refresh()
    assert await taken.hidden() == state.hidden


def starting(state: State, directory: Path) -> TakenDown:
    """As a start of the program has it."""
    return TakenDown(state.read, kept=HiddenFile(directory / "hidden.json"))


def files(directory: Path) -> list[tuple[str, int]]:
    """The files of a directory, each with its number."""
    return [(file.name, file.stat().st_ino) for file in directory.iterdir()]


async def test_a_start_while_the_state_is_away_hides_what_was_hidden_before(tmp_path: Path) -> None:
    state = State({POST: frozenset([0]), "other": frozenset([3, 1])})
    assert await starting(state, tmp_path).hidden() == state.hidden
    state.away = True
    later = starting(state, tmp_path)
    assert await later.hidden() == state.hidden
    state.away, state.hidden = False, {}
    await later.refresh()
    assert await later.hidden() == {}
    state.away = True
    assert await starting(state, tmp_path).hidden() == {}


async def test_a_file_is_there_only_when_something_was_hidden(tmp_path: Path) -> None:
    state = State({})
    taken = starting(state, tmp_path)
    assert await taken.hidden() == {}
    assert files(tmp_path) == []
    state.hidden = {POST: frozenset([2])}
    await taken.refresh()
    before = files(tmp_path)
    assert len(before) == 1
    await taken.refresh()
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "kept",
    [b"", b"{", b"\xff\xfe", b"[1]", b'{"post": 1}', b'{"post": ["1"]}', b'{"post": [true]}'],
)
async def test_a_damaged_file_is_nothing_and_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: bytes
) -> None:
    state = State({POST: frozenset([2])})
    (tmp_path / "hidden.json").write_bytes(kept)
    state.away = True
    taken = starting(state, tmp_path)
    assert await taken.hidden() == {}
    assert "what was kept as hidden cannot be read" in [event["event"] for event in events(caplog)]
    state.away = False
    await taken.refresh()
    state.away = True
    assert await starting(state, tmp_path).hidden() == state.hidden
    assert len(files(tmp_path)) == 1


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """Let no file become larger, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_told_once_and_keeps_what_was_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = State({POST: frozenset([2])})
    taken = starting(state, tmp_path)
    assert await taken.hidden() == state.hidden
    state.hidden = {POST: frozenset([0, 2])}
    with no_room(1):
        await taken.refresh()
        await taken.refresh()
    assert await taken.hidden() == state.hidden
    (event,) = events(caplog)
    assert event["event"] == "what is hidden could not be kept for the next start"
    assert len(files(tmp_path)) == 1
    assert await HiddenFile(tmp_path / "hidden.json").load() == {POST: frozenset([2])}
    await taken.refresh()
    assert await HiddenFile(tmp_path / "hidden.json").load() == state.hidden
