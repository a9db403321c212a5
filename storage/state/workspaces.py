"""Workspaces that the bot was removed from: what is kept for a return, and what is deleted."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.state.statements import chains, drop, in_batches, inserting
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
    await drop(connection, waits, now, "removed")


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


async def forget_workspaces(connection: AsyncConnection, until: datetime) -> int:
    """Delete all data of workspaces that were left before a time; how many digests there were."""
    gone = (
        await connection.execute(
            delete(WORKSPACE)
            .where(WORKSPACE.c.removed_at <= until)
            .returning(WORKSPACE.c.platform, WORKSPACE.c.workspace)
        )
    ).all()
    digests = 0
    for platform, workspace in gone:
        deleted = (
            await connection.execute(
                delete(SUBSCRIPTION)
                .where(_COLUMNS.platform == platform, _COLUMNS.workspace == workspace)
                .returning(_COLUMNS.id, _COLUMNS.target)
            )
        ).all()
        digests += len(deleted)
        for names in in_batches([name for name, _ in deleted]):
            await connection.execute(
                delete(SUBSCRIPTION_CHANGE).where(SUBSCRIPTION_CHANGE.c.subscription.in_(names))
            )
        there = and_(OUTBOX.c.platform == platform, OUTBOX.c.workspace == workspace)
        named = select(OUTBOX.c.target).where(there, OUTBOX.c.target.is_not(None)).distinct()
        targets = {target for _, target in deleted} | set(await connection.scalars(named))
        await forget_targets(connection, platform, targets)
        await _forget_rows(connection, there)
    return digests


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
        messages = select(OUTBOX.c.reference).where(there, OUTBOX.c.reference.is_not(None))
        about = and_(OUTBOX.c.platform == platform, OUTBOX.c.message.in_(messages))
        await _forget_rows(connection, or_(there, about))


async def _forget_rows(connection: AsyncConnection, rows: ColumnElement[bool]) -> None:
    """Delete rows of the outbox with all that hang on them."""
    keys = (await connection.scalars(chains(rows))).all()
    for batch in in_batches(keys):
        await connection.execute(delete(OUTBOX).where(OUTBOX.c.key.in_(batch)))


def _local(day: date, at: time, zone: str) -> datetime:
    """A local time in UTC; one that does not exist is as much later.

    Of a zone that this machine does not know roughly; firing the digest tells the operator.
    """
    try:
        return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
    except ZoneInfoNotFoundError:
        return datetime.combine(day, at, UTC)
