"""Subscriptions, and the digests that fall due by them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.outbox import NewRow, Outcome
from bot.subscription import Change, Due, Place, Subscription


class Subscriptions(Protocol):
    """The digests of places, and who changed them."""

    async def add(self, subscription: Subscription, person: str | None, most: int) -> Subscription:
        """Keep a new one; one of the same place, times and wishes is returned in its stead.

        Raises UserError where its workspace (without one, its place) has `most` already.
        """
        ...

    async def get(self, subscription: str) -> Subscription | None:
        """The one with an id."""
        ...

    async def of_place(self, place: Place) -> Sequence[Subscription]:
        """Those of a place, the oldest first."""
        ...

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """Those of all places of a server or workspace, the oldest first."""
        ...

    async def of_person(self, platform: str, person: str) -> Sequence[Subscription]:
        """The personal ones of a person, the oldest first."""
        ...

    async def every(self) -> Sequence[Subscription]:
        """All of them, the oldest first."""
        ...

    async def workspaces(self, platform: str) -> frozenset[str]:
        """The servers or workspaces that have any."""
        ...

    async def unplaced(self, platforms: Collection[str]) -> Sequence[Place]:
        """The places of those that are not personal, but have no server or workspace either."""
        ...

    async def put_in(self, place: Place) -> None:
        """Note the workspace of a place, for its digests and for what was sent there."""
        ...

    async def change(
        self,
        subscription: Subscription,
        person: str | None,
        what: str,
        details: str,
        now: datetime,
        *,
        before: Subscription | None = None,
    ) -> bool:
        """Keep its times and wishes, when it is due and whether it is stopped, and who did that.

        A "pause" ends what waits to be sent for it. False where it has been removed, or is not as
        it was `before` any more: somebody has changed it meanwhile, or it was sent.
        """
        ...

    async def remove(self, subscription: str, person: str | None, now: datetime) -> bool:
        """End one with everything that waits to be sent for it; whether it was there."""
        ...

    async def changes(self, subscription: str, limit: int) -> Sequence[Change]:
        """What was done with it, the newest first."""
        ...

    async def forget_person(self, platform: str, person: str, direct: str | None = None) -> int:
        """Delete all of a person's: personal digests, and the name wherever it stands.

        `direct` is the target of their direct messages where it is known: what is kept of those is
        deleted as well. Returns how many personal digests there were.
        """
        ...


class Digests(Protocol):
    """What is due, and which posts a place has had."""

    async def due(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Subscription]:
        """Those whose time has come, the longest due first."""
        ...

    async def next_due(self, platforms: Collection[str]) -> datetime | None:
        """When the next one is due."""
        ...

    async def overdue(self, now: datetime) -> Mapping[str, datetime]:
        """Since when the longest due one of each platform is due, where any is (UTC)."""
        ...

    async def had(self, place: Place, posts: Collection[str]) -> frozenset[str]:
        """Which of these posts a place has had."""
        ...

    async def fire(
        self,
        subscription: Subscription,
        following: Due | None,
        rows: Sequence[NewRow],
        now: datetime,
        *,
        outcome: Outcome | None = None,
    ) -> bool:
        """Write the rows of a digest and when the next one is due, all or nothing.

        The place has had the posts of the rows from now on. With an outcome (MISSED) the rows are
        only kept for the record. False, and nothing is written, where somebody else has fired it
        (its due time is another one now) or a post came to the place meanwhile.
        """
        ...

    async def send_now(self, place: Place, rows: Sequence[NewRow], now: datetime) -> bool:
        """Write the rows of a digest that somebody asked for now; False as with `fire`."""
        ...
