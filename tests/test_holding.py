"""What one process holds alone: waiting for the dead, giving way to the living, outages."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from bot.address import Server
from bot.errors import OperatorError, StateError
from bot.running.holding import Holding, Terms
from bot.stores import Held, Stores, Wanted
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.logged import events, only_incident

SHARDS = Wanted("discord:1", (0, 1), 2)
US, THEM, OTHERS = "here 1 aaaa", "there 2 bbbb", "elsewhere 3 cccc"
LEASE = timedelta(minutes=1)
QUICK = Terms(timedelta(minutes=1), 0.01, 0.01)
SECONDS = 20

Step = Callable[[], Awaitable[object]]


def refusal(held: Held) -> OperatorError:
    return OperatorError("discord.shard_in_use", shard=held.part, host=held.by.host)


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[Stores]:
    async with open_state(Server(postgres_url)) as state:
        yield stores_of(state)


class Places:
    """The state as one process reaches it: away for as long as somebody says so."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.is_away = False
        self.error: Exception = StateError("state.unreachable", path="the state", cause="away")
        self.asked = asyncio.Event()

    async def __call__(self) -> Stores:
        self.asked.set()
        if self.is_away:
            raise self.error
        return self.stores


class Naps:
    """Takes no time; something happens in each of the naps, and the last one lasts for ever."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.asleep = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        if not self._steps:
            self.asleep.set()
            await asyncio.Event().wait()
        await self._steps.pop(0)()


async def holders(stores: Stores) -> set[tuple[int, str]]:
    return {(held.part, held.holder) for held in await stores.holds.every()}


async def test_it_is_held_until_the_end_and_then_given_back(stores: Stores) -> None:
    holding = Holding(Places(stores), US, Naps(), QUICK)
    async with holding.hold(SHARDS, refusal):
        assert await holders(stores) == {(0, US), (1, US)}
    assert await holders(stores) == set()


async def test_who_is_killed_and_comes_again_waits_for_the_lease_to_end(stores: Stores) -> None:
    await stores.holds.hold(SHARDS, THEM, timedelta(seconds=0.5))
    holding = Holding(Places(stores), US, asyncio.sleep, QUICK)
    async with asyncio.timeout(SECONDS), holding.hold(SHARDS, refusal):
        assert await holders(stores) == {(0, US), (1, US)}


async def test_who_is_alive_is_given_way_to(stores: Stores) -> None:
    async def renewed() -> object:
        return await stores.holds.hold(SHARDS, THEM, LEASE)

    await renewed()
    holding = Holding(Places(stores), US, Naps(nothing, renewed), QUICK)
    with pytest.raises(OperatorError) as raised:
        async with holding.hold(SHARDS, refusal):
            pass
    assert raised.value.details == {"shard": 0, "host": "there"}
    assert await holders(stores) == {(0, THEM), (1, THEM)}


async def nothing() -> object:
    return None


async def test_who_comes_in_while_we_wait_is_given_way_to(stores: Stores) -> None:
    async def taken() -> object:
        await stores.holds.release(SHARDS.resource, THEM)
        return await stores.holds.hold(Wanted("discord:1", (1,), 2), OTHERS, LEASE)

    await stores.holds.hold(SHARDS, THEM, LEASE)
    naps = Naps(taken)
    holding = Holding(Places(stores), US, naps, QUICK)
    with pytest.raises(OperatorError) as raised:
        async with holding.hold(SHARDS, refusal):
            pass
    assert raised.value.details == {"shard": 1, "host": "elsewhere"}


async def test_renewing_ends_where_another_has_taken_it(stores: Stores) -> None:
    async def taken() -> object:
        await stores.holds.release(SHARDS.resource, US)
        return await stores.holds.hold(SHARDS, THEM, LEASE)

    async def renewed() -> object:
        return await stores.holds.hold(SHARDS, THEM, LEASE)

    holding = Holding(Places(stores), US, Naps(taken, renewed), QUICK)
    async with holding.hold(SHARDS, refusal) as renewing:
        with pytest.raises(OperatorError) as raised:
            await asyncio.wait_for(renewing(), SECONDS)
    assert raised.value.details == {"shard": 0, "host": "there"}
    assert await holders(stores) == {(0, THEM), (1, THEM)}


async def test_while_the_state_is_away_nobody_waits_and_afterwards_it_is_held(
    stores: Stores,
) -> None:
    places = Places(stores)
    places.is_away = True

    async def back() -> object:
        assert await holders(stores) == set()
        places.is_away = False
        return None

    naps = Naps(nothing, back)
    async with Holding(places, US, naps, QUICK).hold(SHARDS, refusal) as renewing:
        running = asyncio.ensure_future(renewing())
        await asyncio.wait_for(naps.asleep.wait(), SECONDS)
        assert await holders(stores) == {(0, US), (1, US)}
        places.is_away = True
        running.cancel()
    # Nothing could be given back: that is over with the lease.
    assert await holders(stores) == {(0, US), (1, US)}


async def test_an_outage_ends_nothing_where_nobody_else_came(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    places = Places(stores)

    async def away() -> object:
        places.is_away = True
        await stores.holds.release(SHARDS.resource, US)
        return None

    async def back() -> object:
        places.is_away = False
        return None

    naps = Naps(away, nothing, back)
    async with Holding(places, US, naps, QUICK).hold(SHARDS, refusal) as renewing:
        running = asyncio.ensure_future(renewing())
        await asyncio.wait_for(naps.asleep.wait(), SECONDS)
        assert await holders(stores) == {(0, US), (1, US)}
        running.cancel()
    assert [event["event"] for event in events(caplog)] == [
        "what is held cannot be renewed, it is tried again",
        "what is held can be renewed again",
    ]


async def test_that_it_runs_is_known_until_it_ends(stores: Stores) -> None:
    naps = Naps(nothing)
    running = asyncio.create_task(Holding(Places(stores), US, naps, QUICK).be_known())
    await asyncio.wait_for(naps.asleep.wait(), SECONDS)
    assert [held.resource for held in await stores.holds.every()] == [f"run:{US}"]
    running.cancel()
    await asyncio.wait({running})
    assert await holders(stores) == set()


async def test_what_cannot_be_given_back_hides_nothing(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    places, naps = Places(stores), Naps(nothing)
    places.error = ModuleNotFoundError("asyncpg")
    running = asyncio.create_task(Holding(places, US, naps, QUICK).be_known())
    await asyncio.wait_for(naps.asleep.wait(), SECONDS)
    places.is_away = True
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert only_incident(caplog)["event"] == "what is held ends only with its lease"


async def test_on_a_file_nothing_is_asked() -> None:
    holding = Holding(None, US, Naps(), QUICK)
    await holding.be_known()
    async with holding.hold(SHARDS, refusal) as renewing:
        running = asyncio.ensure_future(renewing())
        await asyncio.sleep(0)
        assert not running.done()
        running.cancel()
