"""Workspaces that the bot was removed from: what is kept for a return, and what is deleted."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outbox import Cause
from storage.state.statements import BATCH, chains, drop, in_batches, inserting
from storage.state.tables import (
    HAD_POST,
    OUTBOX,
    PACE,
    SUBSCRIPTION,
    SUBSCRIPTION_CHANGE,
    WORKSPACE,
)

_COLUMNS = SUBSCRIPTION.c


async def put_to_rest(
    connection: AsyncConnection, platform: str, workspace: str, now: datetime
) -> None:
    """Send nothing to a workspace any more: its digests pause, and what waits is dropped.

    The day for which a digest was due stays, which tells it from one that somebody paused.
    """
    await connection.execute(
        inserting(connection, WORKSPACE)
        .values(platform=platform, workspace=workspace, removed_at=now)
        .on_conflict_do_nothing()
    )
    here = and_(_COLUMNS.platform == platform, _COLUMNS.workspace == workspace)
    targets = select(_COLUMNS.target).where(here)
    waits = and_(
        OUTBOX.c.platform == platform,
        or_(OUTBOX.c.workspace == workspace, OUTBOX.c.target.in_(targets)),
        OUTBOX.c.outcome.is_(None),
    )
    # First, so that no digest is fired any more that would not be dropped.
    await connection.execute(update(SUBSCRIPTION).where(here).values(due_at=None))
    await drop(connection, waits, now, Cause.REMOVED.value)


async def set_going(connection: AsyncConnection, platform: str, workspace: str) -> None:
    """Let the digests of a workspace go on that were put to rest.

    Each is due at the local time of the day for which it was due then: what was missed meanwhile is
    late, or missed, as after any other pause of the bot.
    """
    returned = await connection.execute(
        delete(WORKSPACE).where(
            WORKSPACE.c.platform == platform, WORKSPACE.c.workspace == workspace
        )
    )
    if not returned.rowcount:
        return
    rows = await connection.execute(
        select(_COLUMNS.id, _COLUMNS.due_day, _COLUMNS.time, _COLUMNS.zone).where(
            _COLUMNS.platform == platform,
            _COLUMNS.workspace == workspace,
            _COLUMNS.due_at.is_(None),
            _COLUMNS.due_day.is_not(None),
            _COLUMNS.stopped.is_(None),
        )
    )
    for subscription, day, at, zone in rows.all():
        await connection.execute(
            update(SUBSCRIPTION)
            .where(_COLUMNS.id == subscription)
            .values(due_at=_local(day, time.fromisoformat(at), zone))
        )


async def left_until(connection: AsyncConnection, until: datetime) -> Sequence[tuple[str, str]]:
    """The platforms and names of workspaces that were left before a time, the first one first."""
    query = select(WORKSPACE.c.platform, WORKSPACE.c.workspace).where(
        WORKSPACE.c.removed_at <= until
    )
    found = await connection.execute(query.order_by(WORKSPACE.c.removed_at))
    return [(platform, workspace) for platform, workspace in found]


async def forget_workspace(
    connection: AsyncConnection, platform: str, workspace: str, until: datetime
) -> int:
    """Delete all data of a workspace, if it was left before a time and the bot is not back.

    Returns how many digests it had.
    """
    gone = await connection.execute(
        delete(WORKSPACE).where(
            WORKSPACE.c.platform == platform,
            WORKSPACE.c.workspace == workspace,
            WORKSPACE.c.removed_at <= until,
        )
    )
    if not gone.rowcount:
        return 0
    deleted = (
        await connection.execute(
            delete(SUBSCRIPTION)
            .where(_COLUMNS.platform == platform, _COLUMNS.workspace == workspace)
            .returning(_COLUMNS.id, _COLUMNS.target)
        )
    ).all()
    for names in in_batches([name for name, _ in deleted]):
        await connection.execute(
            delete(SUBSCRIPTION_CHANGE).where(SUBSCRIPTION_CHANGE.c.subscription.in_(names))
        )
    there = and_(OUTBOX.c.platform == platform, OUTBOX.c.workspace == workspace)
    named = select(OUTBOX.c.target).where(there, OUTBOX.c.target.is_not(None)).distinct()
    targets = {target for _, target in deleted} | set(await connection.scalars(named))
    await forget_targets(connection, platform, targets)
    await _forget_rows(connection, platform, there)
    return len(deleted)


async def forget_targets(
    connection: AsyncConnection, platform: str, targets: Collection[str]
) -> None:
    """Delete what was sent to some targets, with the threads there, and which posts they had."""
    for some in in_batches(targets):
        await connection.execute(
            delete(HAD_POST).where(HAD_POST.c.platform == platform, HAD_POST.c.target.in_(some))
        )
        scopes = [f"{platform}:{target}" for target in some]
        await connection.execute(delete(PACE).where(PACE.c.scope.in_(scopes)))
        there = and_(OUTBOX.c.platform == platform, OUTBOX.c.target.in_(some))
        await _forget_rows(connection, platform, there)


async def _forget_rows(
    connection: AsyncConnection, platform: str, rows: ColumnElement[bool]
) -> None:
    """Delete rows of the outbox, what is about their messages, and all that hangs on either.

    Some at a time: of a place there may be those of years, and a query has to end in time.
    """
    query = select(OUTBOX.c.id, OUTBOX.c.reference).where(rows).limit(BATCH)
    while found := (await connection.execute(query)).all():
        messages = [reference for _, reference in found if reference is not None]
        about = and_(OUTBOX.c.platform == platform, OUTBOX.c.message.in_(messages))
        for some in about, OUTBOX.c.id.in_([row for row, _ in found]):
            keys = await connection.scalars(chains(some))
            for batch in in_batches(keys.all()):
                await connection.execute(delete(OUTBOX).where(OUTBOX.c.key.in_(batch)))


def _local(day: date, at: time, zone: str) -> datetime:
    """A local time in UTC; one that does not exist is as much later.

    Of a zone that this machine does not know roughly; firing the digest tells the operator.
    """
    try:
        return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
    except ZoneInfoNotFoundError:
        return datetime.combine(day, at, UTC)
