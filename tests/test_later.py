"""The state is opened when it is needed, by whoever needs it first, and tried again."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.running.later import LaterCodes, later_stores
from bot.stores import Stores
from storage.state import sqlite
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.logged import events

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Opening:
    """Opens a state in a file, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begun = 0
        self.open = 0
        self.has_begun = asyncio.Event()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Stores]:
        self.begun += 1
        self.has_begun.set()
        async with open_state(self.path) as state:
            self.open += 1
            yield stores_of(state)
        self.open -= 1


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return Opening(tmp_path / "data" / "state.sqlite3")


async def test_all_who_need_it_at_once_open_it_once(opening: Opening) -> None:
    async with later_stores(opening, lambda: NOW, DAY) as stores:
        assert opening.begun == 0
        codes = LaterCodes(stores)
        await asyncio.gather(*(codes.keep({f"{n}": "x"}, NOW + DAY) for n in range(5)))
        assert await codes.payload("3", NOW) == "x"
        assert (await stores()) is (await stores())
        assert (opening.begun, opening.open) == (1, 1)
    assert opening.open == 0


async def test_what_failed_is_told_to_all_and_tried_again_by_the_next(opening: Opening) -> None:
    opening.path.parent.touch()
    async with later_stores(opening, lambda: NOW, DAY) as stores:
        results = await asyncio.gather(*(stores() for _ in range(3)), return_exceptions=True)
        assert all(isinstance(result, StateError) for result in results)
        assert opening.begun == 1
        with pytest.raises(StateError):
            await stores()
        opening.path.parent.unlink()
        assert await (await stores()).hidden.all() == {}
        assert opening.begun == 3


async def test_who_gives_up_waiting_does_not_take_it_away_from_others(opening: Opening) -> None:
    async with later_stores(opening, lambda: NOW, DAY) as stores:
        first, second = (asyncio.ensure_future(stores()) for _ in range(2))
        await opening.has_begun.wait()
        first.cancel()
        assert await (await second).hidden.all() == {}
        assert first.cancelled()
        assert opening.begun == 1


async def test_ending_while_it_is_opened_leaves_nothing_open(opening: Opening) -> None:
    async with later_stores(opening, lambda: NOW, DAY) as stores:
        asking = asyncio.ensure_future(stores())
        await opening.has_begun.wait()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert opening.open == 0


async def test_after_the_end_it_is_not_opened_any_more(opening: Opening) -> None:
    async with later_stores(opening, lambda: NOW, DAY) as stores:
        asking = asyncio.ensure_future(stores())
        await opening.has_begun.wait()
    await asyncio.wait([asking])
    with pytest.raises(asyncio.CancelledError):
        await stores()
    assert opening.begun == 1


async def test_it_serves_although_what_has_expired_cannot_be_deleted(
    opening: Opening, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening() as made:
        await made.codes.keep({"a": "x"}, NOW + DAY)
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    with closing(sqlite3.connect(opening.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with later_stores(opening, lambda: NOW, DAY) as stores:
            codes = LaterCodes(stores)
            assert await codes.payload("a", NOW) == "x"
            assert await codes.payload("a", NOW) == "x"
    (event,) = events(caplog)
    assert event["event"] == "what has expired could not be deleted"
