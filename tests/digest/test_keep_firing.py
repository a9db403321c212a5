"""Firing again and again: outages, syncs, other replicas, clocks that jump."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.digest.firing import (
    POSTPONED,
    STALE_GRACE,
    bring_back,
    keep_firing,
)
from bot.digest.schedule import Alarm
from bot.errors import StateError
from bot.stores import Stores
from bot.subscription import Due, Place, Times
from tests.digest.fire import NEXT, days, due_of, fire_at, firing, history
from tests.digest.world import (
    DAY,
    DUE,
    HOUR,
    MORNING,
    NOW,
    World,
    keys,
    subscription,
)


async def test_a_replica_with_an_older_archive_leaves_what_is_due_to_others_for_a_while(
    world: World,
) -> None:
    await world.add(subscription())
    newer = await world.index.revision() + 1
    await world.stores.seen.observe(await world.index.versions(), newer, world.now)
    assert await fire_at(world, DUE.at + STALE_GRACE - timedelta(seconds=1)) == 0
    assert await fire_at(world, DUE.at + STALE_GRACE) == 1


async def test_what_a_sync_has_brought_is_noted_before_anything_is_fired(world: World) -> None:
    await world.add(subscription())
    world.write("a", 2)
    await world.sync()
    assert await fire_at(world, DUE.at) == 0
    await world.observe()
    assert await fire_at(world, DUE.at) == 1
    assert [post.post for post in (await history(world))[0].posts] == keys("a")


@pytest.mark.parametrize(
    "times",
    [
        replace(MORNING, zone="Mars/Olympus"),
        replace(MORNING, zone="../etc"),
        replace(MORNING, weekdays=frozenset()),
    ],
)
async def test_one_that_cannot_be_fired_is_postponed_and_the_others_are_not(
    world: World, times: Times, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription("bad", times=times))
    await world.add(subscription("good", Place("discord", "C2", "G1"), due=NEXT))
    await fire_at(world, NEXT.at)
    assert days(await history(world, "good")) == [("2026-11-22", None)]
    assert await due_of(world, "bad") == Due(NEXT.at + POSTPONED, DUE.day)
    assert "incident" in caplog.text
    assert "bad" in caplog.text


async def fired(world: World, name: str = "s1") -> None:
    """Wait until a digest is in the outbox."""
    async with asyncio.timeout(20):
        while not await history(world, name):  # noqa: ASYNC110 (another task's transaction)
            await asyncio.sleep(0.01)


async def test_while_the_state_is_away_it_is_tried_again_with_growing_pauses(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription())
    world.now = DUE.at
    pauses: list[float] = []

    async def get_stores() -> Stores:
        if len(pauses) < 8:
            raise StateError("state.failed", path="state", cause="gone")
        return world.stores

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    caplog.set_level(logging.INFO)
    async with Alarm(world.clock) as alarm:
        service = asyncio.create_task(
            keep_firing(replace(firing(world), get_stores=get_stores), alarm, pause)
        )
        async with asyncio.timeout(20):
            while "goes well" not in caplog.text:  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0.01)
        service.cancel()
        await asyncio.wait([service])
    assert days(await history(world)) == [("2026-11-21", None)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    ours = [record.levelname for record in caplog.records if record.name.startswith("bot")]
    assert ours == ["WARNING", "INFO"]


async def test_it_fires_when_it_is_due_or_told_of_a_new_one(world: World) -> None:
    world.now = datetime.now(UTC)

    async def never(seconds: float) -> None:
        raise AssertionError

    service_of = replace(firing(world), now=lambda: datetime.now(UTC))
    async with Alarm(service_of.now) as alarm:
        service = asyncio.create_task(keep_firing(service_of, alarm, never))
        due = Due(datetime.now(UTC), world.now.date())
        await asyncio.sleep(0.05)
        await world.add(subscription(due=due))
        alarm.ring()
        await fired(world, "s1")
        soon = Due(datetime.now(UTC) + timedelta(seconds=0.2), world.now.date())
        await world.add(subscription("s2", Place("discord", "C2"), due=soon))
        alarm.ring()
        await fired(world, "s2")
        service.cancel()
        await asyncio.wait([service])


async def test_what_a_clock_that_was_years_ahead_has_left_is_brought_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription())
    await world.add(subscription("weekly", times=replace(MORNING, weekdays=frozenset({4}))))
    assert await fire_at(world, DUE.at + 4000 * DAY) == 2
    far = Due(DUE.at + 4000 * DAY, DUE.day + 4000 * DAY)
    await world.add(subscription("bad", times=replace(MORNING, zone="Mars/Olympus"), due=far))
    world.now = DUE.at - HOUR
    assert await bring_back(firing(world)) == 2
    assert await due_of(world) == DUE
    assert await bring_back(firing(world)) == 0
    assert await fire_at(world, DUE.at) == 1
    assert days(await history(world))[0] == ("2026-11-21", None)
    assert "clock" in caplog.text


async def test_a_clock_that_is_put_back_while_it_runs_is_noticed(world: World) -> None:
    await world.add(subscription(due=Due(NOW + 4000 * DAY, NOW.date() + 4000 * DAY)))
    rounds: list[datetime] = []

    def clock() -> datetime:
        """Ten years ahead at first."""
        rounds.append(NOW)
        return NOW + 3650 * DAY if len(rounds) < 5 else NOW

    async def never(seconds: float) -> None:
        raise AssertionError

    async with Alarm(clock, timedelta(milliseconds=5)) as alarm:
        service = asyncio.create_task(keep_firing(replace(firing(world), now=clock), alarm, never))
        async with asyncio.timeout(20):
            while await due_of(world) != DUE:  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0.01)
        service.cancel()
        await asyncio.wait([service])
