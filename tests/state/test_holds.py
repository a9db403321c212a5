"""What processes hold alone in the state: one of them at a time, as long as it renews it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.address import Server
from bot.stores import Held, Runner, Wanted
from storage.state.database import State, database_at, open_state, opened
from storage.state.holds import StoredHolds
from storage.state.running import who_runs
from storage.state.tables import HOLD

LEASE = timedelta(minutes=1)
A, B, C = "one 1 aaaa", "two 22 bbbb", "three 333 cccc"


def shards(*ours: int, of: int = 16) -> Wanted:
    return Wanted("discord:1", ours, of)


def shown(in_way: Sequence[Held]) -> list[tuple[int, int, str]]:
    return [(held.part, held.parts, held.holder) for held in in_way]


async def end_leases(state: State) -> None:
    """Let all that is held be over, as if nobody had renewed it for long."""
    async with state.writing() as connection:
        await connection.execute(update(HOLD).values(held_until=datetime(2020, 1, 1, tzinfo=UTC)))


async def test_other_parts_of_the_same_total_are_held_side_by_side(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0, 1), A, LEASE)
    assert not await holds.hold(shards(2, 3), B, LEASE)
    assert not await holds.hold(Wanted("discord:2", (0,), 1), C, LEASE)
    assert {(held.resource, held.part, held.holder) for held in await holds.every()} == {
        ("discord:1", 0, A),
        ("discord:1", 1, A),
        ("discord:1", 2, B),
        ("discord:1", 3, B),
        ("discord:2", 0, C),
    }


@pytest.mark.parametrize(
    ("wanted", "in_way"),
    [
        (shards(1, 2), [(1, 16, A)]),
        (shards(0, 1, 2, 3), [(0, 16, A), (1, 16, A)]),
        # The servers are shared out otherwise, so some would be served twice.
        (shards(4, 5, of=8), [(0, 16, A), (1, 16, A)]),
        (shards(0, of=1), [(0, 16, A), (1, 16, A)]),
    ],
    ids=str,
)
async def test_what_is_held_is_refused_as_a_whole(
    state: State, another: State, wanted: Wanted, in_way: list[tuple[int, int, str]]
) -> None:
    assert not await StoredHolds(state).hold(shards(0, 1), A, LEASE)
    assert shown(await StoredHolds(another).hold(wanted, B, LEASE)) == in_way
    assert {held.holder for held in await StoredHolds(state).every()} == {A}


async def test_renewed_it_is_held_longer_since_the_same_time(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0), A, LEASE)
    (before,) = await holds.every()
    assert not await holds.hold(shards(0), A, 2 * LEASE)
    (after,) = await holds.every()
    assert after.held_since == before.held_since
    assert after.held_until - before.held_until >= LEASE
    assert after.by == Runner("matome run", "one", 1, before.held_since)


async def test_what_is_over_is_free_for_whoever_comes_first(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0, 1), A, LEASE)
    await end_leases(state)
    assert not await holds.every()
    assert not await holds.hold(shards(0, of=8), B, LEASE)
    # Whoever has had it finds out.
    assert shown(await holds.hold(shards(0, 1), A, LEASE)) == [(0, 8, B)]


async def test_who_was_away_for_too_long_goes_on_where_nobody_came(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0, 1), A, LEASE)
    await end_leases(state)
    assert not await holds.hold(shards(0, 1), A, LEASE)
    assert [held.part for held in await holds.every()] == [0, 1]


async def test_given_back_it_is_free_at_once(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0), A, LEASE)
    assert not await holds.hold(shards(1), B, LEASE)
    await holds.release("discord:1", A)
    assert not await holds.hold(shards(0), C, LEASE)
    assert {(held.part, held.holder) for held in await holds.every()} == {(0, C), (1, B)}


async def test_what_a_clock_that_jumped_has_left_keeps_nobody_out(state: State) -> None:
    holds = StoredHolds(state)
    assert not await holds.hold(shards(0), A, timedelta(days=400))
    assert not await holds.every()
    assert not await holds.hold(shards(0), B, LEASE)


async def test_of_many_who_come_at_once_one_has_it(state: State, another: State) -> None:
    stores = [StoredHolds(state), StoredHolds(another)] * 3
    outcomes = await asyncio.gather(
        *(holds.hold(shards(0), f"host {n} x", LEASE) for n, holds in enumerate(stores))
    )
    assert len([in_way for in_way in outcomes if not in_way]) == 1
    assert len({held.holder for in_way in outcomes for held in in_way}) == 1


async def test_who_runs_is_told_by_what_is_held(postgres_url: str) -> None:
    server = Server(postgres_url)
    assert await who_runs(server) is None
    async with open_state(server) as state:
        assert await who_runs(server) is None
        await StoredHolds(state).hold(Wanted(f"run:{A}", (0,), 1), A, LEASE)
        found = await who_runs(server)
        assert found is not None
        assert (found.what, found.host, found.pid) == ("matome run", "one", 1)
        await end_leases(state)
        assert await who_runs(server) is None


async def test_the_clock_is_that_of_the_database(address: Path | Server) -> None:
    async with open_state(address):
        pass
    async with opened(database_at(address)) as state, state.reading() as connection:
        before = datetime.now(UTC)
        told = await connection.run_sync(state.database.now)
        assert before <= told <= datetime.now(UTC)
        assert told.tzinfo is UTC
