"""What is deleted when its time is over."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Table, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StateError
from bot.outbox import Op
from storage.state.database import State
from storage.state.tables import (
    HANDLED_EVENT,
    IS_NOT_DONE,
    MAKES_NOTHING,
    OUTBOX,
    PACE,
    STORED_CODE,
    SUBSCRIPTION_CHANGE,
    WORKSPACE,
)
from storage.state.workspaces import forget_workspace, left_until, put_to_rest, set_going

# How long a workspace's data are kept once the bot was removed from it: it may come back.
GRACE = timedelta(days=14)

_PACE_KEPT = timedelta(days=1)

# So many failures in a row are the database's, and whoever opened the state waits for each.
_MOST_FAILURES = 3

_Part = Callable[[AsyncConnection], Awaitable[int]]


class StoredUpkeep:
    """Keeps the state from growing for ever, as bot.stores.Upkeep asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def forget_expired(self, now: datetime, keep: timedelta) -> int:
        """Delete what has expired: codes, events, outcomes older than `keep`, left places.

        Messages and threads that were made stay: a second time they must not be. So do shares and
        threads that failed: by these is counted which try it was that came to be. Returns how many
        rows were deleted. What fails keeps nothing else from being done; the first failure is
        raised in the end.
        """
        since = now - keep
        ended_long_ago = OUTBOX.c.done_at < since
        is_counted = and_(
            OUTBOX.c.op.in_((Op.POST.value, Op.THREAD.value)), OUTBOX.c.subscription.is_(None)
        )
        causes = and_(IS_NOT_DONE, ended_long_ago, OUTBOX.c.cause.is_not(None))
        # Each for itself: none has to wait for the others to be deleted, nor fails with them.
        parts: list[_Part] = [
            partial(_delete, table=table, rows=is_over)
            for table, is_over in (
                (STORED_CODE, STORED_CODE.c.expires_at <= now),
                (HANDLED_EVENT, HANDLED_EVENT.c.expires_at <= now),
                (SUBSCRIPTION_CHANGE, SUBSCRIPTION_CHANGE.c.changed_at < since),
                (PACE, PACE.c.free_at < now - _PACE_KEPT),
                (OUTBOX, and_(MAKES_NOTHING, OUTBOX.c.outcome.is_not(None), ended_long_ago)),
                (OUTBOX, and_(IS_NOT_DONE, ended_long_ago, ~is_counted)),
            )
        ]
        parts.append(partial(_forget_causes, rows=causes))
        until = now - GRACE
        async with self._state.reading() as connection:
            left = await left_until(connection, until)
        parts += [
            partial(forget_workspace, platform=platform, workspace=workspace, until=until)
            for platform, workspace in left
        ]
        forgotten, failures = await self._do(parts)
        await self._state.settle()
        if failures:
            raise failures[0]
        return forgotten

    async def _do(self, parts: Sequence[_Part]) -> tuple[int, Sequence[StateError]]:
        """Do each part in a transaction of its own: how many rows that deleted, and what failed."""
        forgotten, failures, in_a_row = 0, list[StateError](), 0
        for part in parts:
            try:
                async with self._state.writing() as connection:
                    forgotten += await part(connection)
                in_a_row = 0
            except StateError as error:
                failures.append(error)
                in_a_row += 1
                if in_a_row == _MOST_FAILURES:
                    break
        return forgotten, failures

    async def workspace_removed(self, platform: str, workspace: str, now: datetime) -> None:
        """The bot was removed from a workspace: nothing is sent there; it may come back."""
        async with self._state.writing() as connection:
            await put_to_rest(connection, platform, workspace, now)

    async def workspace_returned(self, platform: str, workspace: str, now: datetime) -> None:
        """It is there again: what was kept goes on.

        Digests are due when they were: `Digests.due` gives them at once, to be sent late or noted
        as missed.
        """
        async with self._state.writing() as connection:
            await set_going(connection, platform, workspace)

    async def removed(self, platform: str) -> frozenset[str]:
        """The workspaces that it was removed from, as far as their data are kept still."""
        query = select(WORKSPACE.c.workspace).where(WORKSPACE.c.platform == platform)
        async with self._state.reading() as connection:
            return frozenset(await connection.scalars(query))


async def _delete(connection: AsyncConnection, table: Table, rows: ColumnElement[bool]) -> int:
    return (await connection.execute(delete(table).where(rows))).rowcount


async def _forget_causes(connection: AsyncConnection, rows: ColumnElement[bool]) -> int:
    """Take out why rows failed that stay themselves; none is deleted."""
    await connection.execute(update(OUTBOX).where(rows).values(cause=None))
    return 0
