"""Events are taken once, whoever asks, until they are forgotten."""

import asyncio
from datetime import timedelta

from storage.state.database import State
from storage.state.handled import StoredHandledEvents
from storage.state.upkeep import StoredUpkeep
from tests.state.samples import DAY, NOW


async def test_one_of_all_who_ask_gets_it(state: State, another: State) -> None:
    stores = [StoredHandledEvents(each) for each in (state, another)]
    taken = await asyncio.gather(*(store.take("slack:Ev1", NOW + DAY) for store in stores * 5))
    assert sorted(taken) == [False] * 9 + [True]
    assert await stores[0].take("slack:Ev2", NOW + DAY)


async def test_many_are_taken_at_once_and_each_by_one(state: State, another: State) -> None:
    stores = [StoredHandledEvents(each) for each in (state, another)]
    keys = [f"slack:Ev{number}" for number in range(50)]
    halves = await asyncio.gather(
        stores[0].take_all(keys[:30], NOW + DAY), stores[1].take_all(keys[20:][::-1], NOW + DAY)
    )
    assert halves[0] | halves[1] == set(keys)
    assert not halves[0] & halves[1]
    assert await stores[0].take_all([], NOW + DAY) == frozenset()


async def test_after_its_time_it_is_forgotten(state: State) -> None:
    handled, upkeep = StoredHandledEvents(state), StoredUpkeep(state)
    await handled.take("slack:Ev1", NOW + DAY)
    assert await upkeep.forget_expired(NOW + DAY - timedelta(seconds=1), 365 * DAY) == 0
    assert not await handled.take("slack:Ev1", NOW + 2 * DAY)
    assert await upkeep.forget_expired(NOW + DAY, 365 * DAY) == 1
    assert await handled.take("slack:Ev1", NOW + 2 * DAY)
