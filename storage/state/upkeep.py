"""What is deleted when its time is over."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

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
)
from storage.state.workspaces import forget_workspaces, put_to_rest, set_going

# How long a workspace's data are kept once the bot was removed from it: it may come back.
GRACE = timedelta(days=14)

_PACE_KEPT = timedelta(days=1)


class StoredUpkeep:
    """Keeps the state from growing for ever, as bot.stores.Upkeep asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def forget_expired(self, now: datetime, keep: timedelta) -> int:
        """Delete what has expired: codes, events, outcomes older than `keep`, left places.

        Messages and threads that were made stay: a second time they must not be. So do shares and
        threads that failed: by these is counted which try it was that came to be. Returns how many
        rows were deleted.
        """
        since = now - keep
        ended_long_ago = OUTBOX.c.done_at < since
        is_counted = and_(
            OUTBOX.c.op.in_((Op.POST.value, Op.THREAD.value)), OUTBOX.c.subscription.is_(None)
        )
        async with self._state.writing() as connection:
            forgotten = await forget_workspaces(connection, now - GRACE)
        for table, is_over in (
            (STORED_CODE, STORED_CODE.c.expires_at <= now),
            (HANDLED_EVENT, HANDLED_EVENT.c.expires_at <= now),
            (SUBSCRIPTION_CHANGE, SUBSCRIPTION_CHANGE.c.changed_at < since),
            (PACE, PACE.c.free_at < now - _PACE_KEPT),
            (OUTBOX, and_(MAKES_NOTHING, OUTBOX.c.outcome.is_not(None), ended_long_ago)),
            (OUTBOX, and_(IS_NOT_DONE, ended_long_ago, ~is_counted)),
        ):
            # Each for itself: none has to wait for the others to be deleted.
            async with self._state.writing() as connection:
                forgotten += await _delete(connection, table, is_over)
        causes = and_(IS_NOT_DONE, ended_long_ago, OUTBOX.c.cause.is_not(None))
        async with self._state.writing() as connection:
            await connection.execute(update(OUTBOX).where(causes).values(cause=None))
        await self._state.settle()
        return forgotten

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


async def _delete(connection: AsyncConnection, table: Table, is_over: ColumnElement[bool]) -> int:
    return (await connection.execute(delete(table).where(is_over))).rowcount
