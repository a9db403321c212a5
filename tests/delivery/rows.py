"""Rows of the outbox for tests, and how they are claimed and settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.intent import Help
from bot.outbox import Claim, NewRow, Op, Outcome, PostVersion, Result
from bot.ports import Pace
from storage.state.outbox import StoredOutbox
from tests.state.samples import GENERAL, HOUR, NOW

PACE = Pace(per_second=50)
LEASE = timedelta(seconds=30)
MESSAGE = "message"


def row(key: str, **changes: Any) -> NewRow:
    """A message to a channel, ready at once unless something else is said."""
    values: dict[str, Any] = {
        "key": key,
        "platform": GENERAL.platform,
        "op": Op.POST,
        "said": Help(),
        "language": "ja",
        "ready_at": NOW,
        "deadline": NOW + 12 * HOUR,
        "target": GENERAL.target,
    }
    return NewRow(**{**values, **changes})


def showing(*posts: str) -> tuple[PostVersion, ...]:
    """Posts in their first version."""
    return tuple(PostVersion(post, "1:a") for post in posts)


async def claimed(
    outbox: StoredOutbox,
    now: datetime = NOW,
    *,
    count: int = 100,
    pace: Pace = PACE,
    platform: str = GENERAL.platform,
) -> Sequence[Claim]:
    """What can be claimed at a time."""
    claims = await outbox.claim(platform, pace, str, now, count, LEASE, "worker")
    return claims.claims


async def keys(outbox: StoredOutbox, now: datetime = NOW, **terms: Any) -> list[str]:
    """The keys of what can be claimed at a time."""
    return [claim.row.key for claim in await claimed(outbox, now, **terms)]


def done(claim: Claim, **changes: Any) -> Result:
    """That a claim was done, with a reference that is made of its key."""
    reference = f"ref-{claim.row.key}"
    return Result(claim, **{"outcome": Outcome.DONE, "reference": reference, **changes})


async def do_all(outbox: StoredOutbox, now: datetime = NOW) -> list[str]:
    """Claim and do everything that is ready, and what becomes ready by that; the keys in order."""
    order: list[str] = []
    while claims := await claimed(outbox, now):
        order += [claim.row.key for claim in claims]
        await outbox.settle([done(claim) for claim in claims], now)
        now += timedelta(seconds=2)
    return order
