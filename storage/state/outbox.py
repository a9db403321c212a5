"""The outbox in the state: rows are written, claimed, settled and looked up."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update

from bot.outbox import Claim, NewRow, Outcome, Result, Row
from bot.ports import Pace
from bot.stores import Backlog, Claims
from storage.state import claiming, settling
from storage.state.counting import backlog_of
from storage.state.database import State
from storage.state.refreshing import REFRESHED_AT_ONCE, refresh
from storage.state.rows import read_rows, write_rows
from storage.state.statements import in_batches
from storage.state.tables import OUTBOX, OUTBOX_POST

_C = OUTBOX.c
_POST = "post"
_SHOW = (
    update(OUTBOX_POST)
    .where(OUTBOX_POST.c.row == bindparam("by"), OUTBOX_POST.c.post == bindparam("shown"))
    .values(version=bindparam("its_version"))
)


class StoredOutbox:
    """Keeps the outbox in the state, as bot.stores.Outbox asks. Everything raises StateError."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def put(self, rows: Sequence[NewRow], now: datetime) -> frozenset[str]:
        """Write rows whose keys are not there yet; the keys that were new."""
        if not rows:
            return frozenset()
        async with self._state.writing() as connection:
            return frozenset(await write_rows(connection, rows, now))

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
        """Claim rows that are ready, with slots that keep the pace.

        Whoever only looks writes nothing.
        """
        async with self._state.reading() as connection:
            if not await claiming.is_any_ready(connection, platform, now):
                return Claims((), await claiming.next_ready(connection, platform, now))
            full_until = await claiming.full_until(connection, platform, now)
            if full_until is not None:
                return Claims((), full_until)
        terms = claiming.Terms(platform, pace, channel_of, now, lease, worker)
        async with self._state.writing() as connection:
            return await claiming.claim(connection, terms, count)

    async def renew(
        self,
        claims: Sequence[Claim],
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        lease: timedelta,
    ) -> Sequence[Claim]:
        """Later slots for claims of one platform; those still held."""
        if not claims:
            return ()
        terms = claiming.Terms(claims[0].row.platform, pace, channel_of, now, lease)
        async with self._state.writing() as connection:
            return await claiming.renew(connection, terms, claims)

    async def settle(self, results: Sequence[Result], now: datetime) -> None:
        """Note what became of claims, with all that follows from it, all or nothing."""
        if not results:
            return
        async with self._state.writing() as connection:
            await settling.settle(connection, results, now)

    async def show(self, row: int, posts: Mapping[str, str]) -> None:
        """Note which versions of its posts a row is going to show."""
        if not posts:
            return
        shown = [
            {"by": row, "shown": post, "its_version": version} for post, version in posts.items()
        ]
        async with self._state.writing() as connection:
            await connection.execute(_SHOW, shown)

    async def refresh(self, keys: Collection[str], now: datetime, deadline: datetime) -> None:
        """Let messages be made anew, some hundred in one transaction."""
        ordered = sorted(keys)
        for start in range(0, len(ordered), REFRESHED_AT_ONCE):
            async with self._state.writing() as connection:
                part = ordered[start : start + REFRESHED_AT_ONCE]
                await refresh(connection, part, now, deadline)

    async def row(self, key: str) -> Row | None:
        """The row with a key."""
        return await self._one(_rows(_C.key == key))

    async def there(self, keys: Collection[str]) -> frozenset[str]:
        """Those of some keys that a row has."""
        found: set[str] = set()
        async with self._state.reading() as connection:
            for some in in_batches(keys):
                found.update(await connection.scalars(select(_C.key).where(_C.key.in_(some))))
        return frozenset(found)

    async def by_id(self, row: int) -> Row | None:
        """The row with a number."""
        return await self._one(_rows(_C.id == row))

    async def by_reference(self, platform: str, reference: str) -> Row | None:
        """The row that posted a message, or opened a thread.

        Where a platform gives both the same name, the message.
        """
        return await self._one(_rows(_C.platform == platform, _C.reference == reference).limit(1))

    async def on(self, key: str) -> Sequence[Row]:
        """The rows that stand on one, in their order."""
        return await self._all(_rows(_C.on_key == key))

    async def showing(self, post: str, since: datetime | None) -> Sequence[str]:
        """The keys of messages with a post in them, those that are on their way as well."""
        posted = _C.outcome == Outcome.DONE.value
        if since is not None:
            posted &= _C.done_at >= since
        on_its_way = _C.outcome.is_(None) & (_C.tries > 0)
        query = (
            select(_C.key)
            .join(OUTBOX_POST, OUTBOX_POST.c.row == _C.id)
            .where(OUTBOX_POST.c.post == post, _C.op == _POST, or_(posted, on_its_way))
            .order_by(_C.id)
        )
        async with self._state.reading() as connection:
            return (await connection.scalars(query)).all()

    async def backlog(self, platforms: Collection[str], now: datetime) -> Sequence[Backlog]:
        """What is to be sent still."""
        async with self._state.reading() as connection:
            return [await backlog_of(connection, platform, now) for platform in platforms]

    async def history(self, subscription: str, limit: int, offset: int = 0) -> Sequence[Row]:
        """The digests of a subscription, the newest first."""
        query = select(OUTBOX).where(_C.subscription == subscription, _C.op == _POST)
        return await self._all(query.order_by(_C.id.desc()).limit(limit).offset(offset))

    async def _all(self, query: Select[tuple[object, ...]]) -> list[Row]:
        async with self._state.reading() as connection:
            return await read_rows(connection, query)

    async def _one(self, query: Select[tuple[object, ...]]) -> Row | None:
        rows = await self._all(query)
        return rows[0] if rows else None


def _rows(*conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    return select(OUTBOX).where(*conditions).order_by(_C.id)
