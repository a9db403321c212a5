"""What is to be said unasked, and what came of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.outbox import Claim, NewRow, Result, Row
from bot.ports import Pace

# Rows that wait are counted so far: who looks wants to know whether there are many.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """The rows of a platform that are to be sent: `ready` now, `later`, or `blocked` by others.

    Each number is MOST_COUNTED at most. `oldest` is since when the longest ready one is (UTC), None
    where none is.
    """

    platform: str
    ready: int = 0
    later: int = 0
    blocked: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """What was claimed, and when more will be ready, None where nothing is in sight."""

    claims: Sequence[Claim]
    next_at: datetime | None


class Outbox(Protocol):
    """The rows that are to be sent, are being sent, and were sent."""

    async def put(self, rows: Sequence[NewRow], now: datetime) -> frozenset[str]:
        """Write rows whose keys are not there yet; the keys that were new."""
        ...

    async def claim(
        self,
        platform: str,
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        count: int,
        lease: timedelta,
        worker: str,
    ) -> Claims:
        """Claim rows that are ready, at most `count`, each with a slot that keeps the pace.

        Slots lie within the next second. A lease lasts for `lease` from its slot on. What was
        claimed and not settled in time can be claimed again.
        """
        ...

    async def renew(
        self,
        claims: Sequence[Claim],
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        lease: timedelta,
    ) -> Sequence[Claim]:
        """A later slot for claims that have used theirs, or came too late; those still held.

        All are of one platform.

        Also called before a claim's lease ends, where its requests take long.
        """
        ...

    async def settle(self, results: Sequence[Result], now: datetime) -> None:
        """Note what became of claims, and write the rows that follow from it, all or nothing.

        What was done lets those go on that wait for it, and gives them its reference; what failed
        drops them. A claim that is no longer held changes nothing, except that what was done is
        done.
        """
        ...

    async def show(self, row: int, posts: Mapping[str, str]) -> None:
        """Note which versions of its posts a row is going to show."""
        ...

    async def refresh(self, keys: Collection[str], now: datetime, deadline: datetime) -> None:
        """Let messages that were posted be made anew: one EDIT each, however often it is asked.

        A message is edited every 5 s at most.
        """
        ...

    async def row(self, key: str) -> Row | None:
        """The row with a key."""
        ...

    async def there(self, keys: Collection[str]) -> frozenset[str]:
        """Those of some keys that a row has."""
        ...

    async def by_id(self, row: int) -> Row | None:
        """The row with a number."""
        ...

    async def by_reference(self, platform: str, reference: str) -> Row | None:
        """The row that posted a message, or opened a thread."""
        ...

    async def on(self, key: str) -> Sequence[Row]:
        """The rows that stand on one, such as all messages of a thread, in their order."""
        ...

    async def showing(self, post: str, since: datetime | None) -> Sequence[str]:
        """The keys of what was posted with a post in it (since a time), whatever its version."""
        ...

    async def backlog(self, platforms: Collection[str], now: datetime) -> Sequence[Backlog]:
        """What is to be sent still on each of some platforms, also where that is nothing."""
        ...

    async def history(self, subscription: str, limit: int, offset: int = 0) -> Sequence[Row]:
        """The digests of a subscription, the newest first."""
        ...
