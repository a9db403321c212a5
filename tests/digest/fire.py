"""Firing as the tests of it do: at a time, with what came of it."""

from collections.abc import Sequence
from datetime import datetime

from bot.digest.firing import (
    Firing,
    fire_due,
)
from bot.intent import ShowDigest
from bot.outbox import Outcome, Row
from bot.subscription import Due
from tests.digest.world import (
    DAY,
    DUE,
    HOUR,
    World,
)

LATE = 12 * HOUR
NEXT = Due(DUE.at + DAY, DUE.day + DAY)


def firing(world: World, *platforms: str) -> Firing:
    """What fires in the process of a world."""
    return Firing(platforms or ("discord",), world.index, world.get_stores, LATE, world.clock)


async def fire_at(world: World, at: datetime) -> int:
    world.now = at
    return await fire_due(firing(world))


async def history(world: World, name: str = "s1") -> Sequence[Row]:
    return await world.stores.outbox.history(name, 100)


async def due_of(world: World, name: str = "s1") -> Due | None:
    found = await world.stores.subscriptions.get(name)
    assert found is not None
    return found.due


def days(rows: Sequence[Row]) -> list[tuple[str, Outcome | None]]:
    """The local days of digests with their outcomes, the newest first."""
    return [(row.said.day, row.outcome) for row in rows if isinstance(row.said, ShowDigest)]
