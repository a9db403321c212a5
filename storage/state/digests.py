"""What is due, which posts places have had, and the digests that are written to the outbox."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outbox import NewRow, Outcome
from bot.subscription import Due, Place, Subscription
from storage.state.database import State
from storage.state.records import subscription_of
from storage.state.rows import write_rows
from storage.state.settling import add_had
from storage.state.statements import in_batches
from storage.state.tables import HAD_POST, SUBSCRIPTION

_C = SUBSCRIPTION.c


class _NotFiredError(Exception):
    """Takes a transaction back: somebody else was quicker."""


class StoredDigests:
    """Keeps what is due in the state, as bot.stores.Digests asks. Everything raises StateError."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def due(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Subscription]:
        """Those whose time has come, the longest due first."""
        query = (
            select(SUBSCRIPTION)
            .where(_C.platform.in_(platforms), _C.due_at <= now)
            .order_by(_C.due_at, _C.id)
            .limit(limit)
        )
        async with self._state.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [subscription_of(row) for row in found]

    async def next_due(self, platforms: Collection[str]) -> datetime | None:
        """When the next one is due."""
        query = select(func.min(_C.due_at)).where(_C.platform.in_(platforms))
        async with self._state.reading() as connection:
            first: datetime | None = await connection.scalar(query)
        return first

    async def overdue(self, now: datetime) -> Mapping[str, datetime]:
        """Since when the longest due one of each platform is due."""
        query = (
            select(_C.platform, func.min(_C.due_at)).where(_C.due_at <= now).group_by(_C.platform)
        )
        async with self._state.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def had(self, place: Place, posts: Collection[str]) -> frozenset[str]:
        """Which of these posts a place has had."""
        had: set[str] = set()
        async with self._state.reading() as connection:
            for some in in_batches(posts):
                query = select(HAD_POST.c.post).where(
                    HAD_POST.c.platform == place.platform,
                    HAD_POST.c.target == place.target,
                    HAD_POST.c.post.in_(some),
                )
                had.update(await connection.scalars(query))
        return frozenset(had)

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

        False where somebody else has fired it or a post came to the place meanwhile.
        """
        if subscription.due is None:
            return False
        advance = (
            update(SUBSCRIPTION)
            .where(_C.id == subscription.id, _C.due_at == subscription.due.at)
            .values(
                due_at=None if following is None else following.at,
                due_day=None if following is None else following.day,
            )
        )
        try:
            async with self._state.writing() as connection:
                if not (await connection.execute(advance)).rowcount:
                    raise _NotFiredError
                await _write(connection, subscription.place, rows, now, outcome)
        except _NotFiredError:
            return False
        return True

    async def send_now(self, place: Place, rows: Sequence[NewRow], now: datetime) -> bool:
        """Write the rows of a digest that somebody asked for now; False as with `fire`."""
        try:
            async with self._state.writing() as connection:
                await _write(connection, place, rows, now, None)
        except _NotFiredError:
            return False
        return True


async def _write(
    connection: AsyncConnection,
    place: Place,
    rows: Sequence[NewRow],
    now: datetime,
    outcome: Outcome | None,
) -> None:
    """Write rows, and that their place has had the posts. Raises _NotFiredError."""
    new = await write_rows(connection, rows, now, outcome)
    if outcome is not None:
        return
    posts = {
        post.post
        for row in rows
        if row.key in new and row.subscription is not None
        for post in row.posts
    }
    # In one order, so that two digests of a place cannot wait for each other.
    had = [
        {"platform": place.platform, "target": place.target, "post": post} for post in sorted(posts)
    ]
    if await add_had(connection, had) < len(had):
        raise _NotFiredError
