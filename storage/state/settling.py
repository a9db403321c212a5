"""What becomes of claimed rows of the outbox, and of all that hangs on them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outbox import Cause, Op, Outcome, Result
from storage.state.rows import Record, write_rows
from storage.state.slots import pause
from storage.state.statements import chains, drop, inserting, was_not_had
from storage.state.tables import (
    HAD_POST,
    OUTBOX,
    OUTBOX_POST,
    SUBSCRIPTION,
    SUBSCRIPTION_CHANGE,
)

# A message is edited not more often.
EDITED_EVERY = timedelta(seconds=5)
# What has failed is said above it within that time.
EDITED_WITHIN = timedelta(hours=1)

# What a platform says may be a whole page.
LONGEST_CAUSE = 500

_C = OUTBOX.c
_POST = Op.POST.value

_SETTLE = (
    update(OUTBOX)
    .where(_C.id == bindparam("row"))
    .values(
        worker=None,
        lease_until=None,
        outcome=bindparam("its_outcome"),
        reference=bindparam("its_reference"),
        done_at=bindparam("its_end"),
        cause=bindparam("its_cause"),
        ready_at=bindparam("its_ready_at"),
        tries=bindparam("its_tries"),
    )
)
_REFER = (
    update(OUTBOX)
    .where(_C.on_key == bindparam("under"), _C.outcome.is_(None))
    .values(
        target=case((_C.op == _POST, bindparam("made")), else_=_C.target),
        message=case((_C.op == _POST, _C.message), else_=bindparam("made")),
    )
)
_STOP = (
    update(SUBSCRIPTION)
    .where(SUBSCRIPTION.c.id == bindparam("subscription"), SUBSCRIPTION.c.stopped.is_(None))
    .values(due_at=None, due_day=None, stopped=bindparam("reason"))
)


async def settle(connection: AsyncConnection, results: Sequence[Result], now: datetime) -> None:
    """Note what became of claims, as bot.stores.Outbox asks."""
    for result in sorted(results, key=lambda result: result.claim.row.platform):
        if result.pause_until is not None:
            platform = result.claim.row.platform
            await pause(connection, platform, result.channel, now, result.pause_until)
    query = select(_C.id, _C.key, _C.tries, _C.lease_until, _C.outcome, _C.wish, _C.ready_at)
    query = query.where(_C.id.in_([result.claim.row.id for result in results]))
    found = await connection.execute(query.order_by(_C.id).with_for_update())
    records = {record.id: record for record in found}
    counting = [
        (result, record)
        for result in results
        if (record := records.get(result.claim.row.id)) and _counts(result, record)
    ]
    if not counting:
        return
    await connection.execute(_SETTLE, [_settled(*both, now) for both in counting])
    ended = [result for result, _ in counting if result.outcome is not None]
    await _release(connection, [each for each in ended if each.outcome is Outcome.DONE], now)
    await _fail(connection, [each for each in ended if each.outcome is not Outcome.DONE], now)
    # Given up while its last request was under way, which has arrived after all.
    late = [record.id for _, record in counting if record.outcome is not None]
    await add_had(connection, await _had_by(connection, late))
    await write_rows(connection, [row for result, _ in counting for row in result.then], now)


def _counts(result: Result, record: Record) -> bool:
    """Whether a result is of the claim that holds, or tells what is done in any case.

    A state that was restored meanwhile may have another row of this number.
    """
    if record.key != result.claim.row.key:
        return False
    if result.outcome is Outcome.DONE:
        return bool(record.outcome != Outcome.DONE.value)
    return (
        record.outcome is None
        and record.tries == result.claim.row.tries
        and record.lease_until == result.claim.lease_until
    )


def _settled(result: Result, record: Record, now: datetime) -> dict[str, Any]:
    outcome = result.outcome
    ready_at, tries = result.again_at or record.ready_at, record.tries - result.untried
    if outcome is Outcome.DONE and record.wish > result.claim.wish:
        # It was asked for again meanwhile: what was shown may be old already.
        outcome, ready_at, tries = None, now + EDITED_EVERY, 0
    return {
        "row": record.id,
        "its_outcome": None if outcome is None else outcome.value,
        "its_reference": result.reference,
        "its_end": None if outcome is None else now,
        "its_cause": _kept(result.cause),
        "its_ready_at": ready_at,
        "its_tries": tries,
    }


def _kept(cause: str | None) -> str | None:
    """A cause as it can be kept: not endless, and without what PostgreSQL takes in no text."""
    return None if cause is None else cause[:LONGEST_CAUSE].replace("\0", "")


async def _release(connection: AsyncConnection, done: Sequence[Result], now: datetime) -> None:
    """Let those go on that wait for what is done, with its reference."""
    if not done:
        return
    made = [
        {"under": result.claim.row.key, "made": result.reference}
        for result in done
        if result.reference is not None
    ]
    if made:
        await connection.execute(_REFER, made)
    await connection.execute(
        update(OUTBOX)
        .where(
            _C.after_key.in_([result.claim.row.key for result in done]),
            _C.outcome.is_(None),
            _C.ready_at.is_(None),
        )
        .values(ready_at=now)
    )


async def _fail(connection: AsyncConnection, failed: Sequence[Result], now: datetime) -> None:
    """Drop all that hangs on what failed; a place has not had the posts of its digests.

    Edits of a message that is there are made all the same: it may say that something is under way.
    """
    if not failed:
        return
    keys = [result.claim.row.key for result in failed]
    later = now + EDITED_WITHIN
    await connection.execute(
        update(OUTBOX)
        .where(
            _C.key.in_(chains(_C.key.in_(keys))),
            _C.op == Op.EDIT.value,
            _C.message.is_not(None),
            _C.outcome.is_(None),
            _C.ready_at.is_(None),
        )
        .values(
            after_key=None,
            ready_at=now,
            deadline=case((_C.deadline < later, later), else_=_C.deadline),
        )
    )
    await drop(connection, _C.key.in_(keys), now, Cause.AFTER_A_FAILURE.value)
    await was_not_had(connection, _C.key.in_(keys))
    await _stop(connection, failed, now)


async def _had_by(connection: AsyncConnection, rows: Sequence[int]) -> list[dict[str, str]]:
    """The posts that places have had by digests: rows of HAD_POST."""
    query = (
        select(_C.platform, _C.target, OUTBOX_POST.c.post)
        .join(OUTBOX_POST, OUTBOX_POST.c.row == _C.id)
        .where(_C.id.in_(rows), _C.subscription.is_not(None), _C.op == _POST)
    )
    found = await connection.execute(query) if rows else ()
    return [
        {"platform": platform, "target": target, "post": post} for platform, target, post in found
    ]


async def add_had(connection: AsyncConnection, rows: Sequence[dict[str, str]]) -> int:
    """Note what places have had by rows of HAD_POST; how many they had not had before."""
    if not rows:
        return 0
    added = inserting(connection, HAD_POST).on_conflict_do_nothing()
    new = await connection.scalars(added.returning(HAD_POST.c.post), rows)
    return len(new.all())


async def _stop(connection: AsyncConnection, failed: Sequence[Result], now: datetime) -> None:
    """Stop the subscriptions whose digests can be posted nowhere any more."""
    for result in failed:
        row = result.claim.row
        final = result.outcome in (Outcome.GONE, Outcome.FORBIDDEN)
        if not final or row.subscription is None or row.op is not Op.POST or not result.outcome:
            continue
        reason = result.outcome.value
        stopped = await connection.execute(
            _STOP, {"subscription": row.subscription, "reason": reason}
        )
        if stopped.rowcount:
            change = {
                "subscription": row.subscription,
                "changed_at": now,
                "platform": row.platform,
                "person": None,
                "what": "stop",
                "details": reason,
            }
            await connection.execute(insert(SUBSCRIPTION_CHANGE), change)
