"""What is handled once: by one replica or by many, with the state at hand or away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.handled import Handled
from bot.app import utc_now
from bot.errors import StateError
from bot.stores import GetStores, Stores
from storage.state.database import open_state
from storage.state.stores import stores_of


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[GetStores]:
    async with open_state(path) as state:

        async def get_stores() -> Stores:
            return stores_of(state)

        yield get_stores


async def test_one_of_many_replicas_takes_something(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.sqlite3") as one, opened(tmp_path / "s.sqlite3") as other:
        replicas = [Handled(get, utc_now, 10.0) for get in (one, other, one, other)]
        taken = await asyncio.gather(*(each.take("event", "Ev1") for each in replicas))
        assert sum(taken) == 1
        assert await replicas[0].take("event", "Ev2")
        assert await replicas[0].take("eve", "ntEv2")
        # A restart does not forget.
        assert not await Handled(one, utc_now, 10.0).take("event", "Ev2")


async def test_after_an_hour_it_is_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.sqlite3") as get_stores:
        now = utc_now()
        assert await Handled(get_stores, lambda: now, 10.0).take("event", "Ev1")
        stores = await get_stores()
        await stores.upkeep.forget_expired(now + timedelta(hours=2), timedelta(days=365))
        assert await Handled(get_stores, lambda: now, 10.0).take("event", "Ev1")


async def test_while_the_state_is_away_people_are_answered_once_by_each_replica() -> None:
    async def away() -> Stores:
        raise StateError("state.unreachable", path="state", cause="gone")

    async def stuck() -> Stores:
        await asyncio.Event().wait()
        raise AssertionError

    for get_stores in (away, stuck):
        handled = Handled(get_stores, utc_now, 0.01)
        assert await handled.take("event", "Ev1")
        assert not await handled.take("event", "Ev1")
        assert await handled.take("event", "Ev2")


async def test_what_comes_during_a_slow_write_is_known_to_others_afterwards(
    tmp_path: Path,
) -> None:
    free = asyncio.Event()
    async with opened(tmp_path / "s.sqlite3") as one, opened(tmp_path / "s.sqlite3") as other:

        async def slow() -> Stores:
            await free.wait()
            return await one()

        handled = Handled(slow, utc_now, 0.01)
        for event in ("Ev1", "Ev2", "Ev3"):
            assert await handled.take("event", event)
        free.set()
        assert handled._writing is not None
        await asyncio.wait_for(handled._writing, 10)
        replica = Handled(other, utc_now, 10.0)
        assert [await replica.take("event", f"Ev{number}") for number in (1, 2, 3, 4)] == [
            False,
            False,
            False,
            True,
        ]


async def test_while_the_state_hangs_only_so_much_waits_for_it() -> None:
    async def stuck() -> Stores:
        await asyncio.Event().wait()
        raise AssertionError

    handled = Handled(stuck, utc_now, 0.01)
    assert await handled.take("event", "that is written")
    await asyncio.gather(*(handled.take("event", number) for number in range(10_010)))
    assert len(handled._waiting) == 10_000


@pytest.mark.parametrize(("shared", "told"), [(True, 1), (False, 0)])
async def test_a_slow_state_is_told_of_where_others_may_handle_the_same(
    shared: bool, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def stuck() -> Stores:
        await asyncio.Event().wait()
        raise AssertionError

    handled = Handled(stuck, utc_now, 0.01, shared=shared)
    assert await handled.take("event", "Ev1")
    assert await handled.take("event", "Ev2")
    assert len(caplog.records) == told
