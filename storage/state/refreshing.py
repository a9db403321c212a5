"""Messages of the outbox that are to be made anew: one row each, opened again and again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.intent import Refresh
from bot.outbox import NewRow, Op, Outcome, delivery_key
from storage.state.rows import write_rows
from storage.state.settling import EDITED_EVERY
from storage.state.tables import OUTBOX

# Messages that are made anew in one transaction.
REFRESHED_AT_ONCE = 200

_C = OUTBOX.c
_AGAIN = (
    update(OUTBOX)
    .where(_C.id == bindparam("row"))
    .values(
        wish=_C.wish + 1,
        # Who gives it more time keeps it: a comment that was hidden, before how far a thread is.
        deadline=case((_C.deadline < bindparam("until"), bindparam("until")), else_=_C.deadline),
    )
)
_REOPEN = _AGAIN.values(
    deadline=bindparam("until"),
    message=bindparam("known_message"),
    ready_at=bindparam("from_then"),
    tries=0,
    worker=None,
    lease_until=None,
    outcome=None,
    done_at=None,
    cause=None,
)


async def refresh(
    connection: AsyncConnection, keys: Sequence[str], now: datetime, deadline: datetime
) -> None:
    """Ask for an edit of each message; one that is on its way is edited once it is there."""
    query = select(_C.id, _C.key, _C.platform, _C.language, _C.outcome, _C.reference, _C.tries)
    query = query.where(_C.key.in_(keys), _C.op == Op.POST.value)
    originals = (await connection.execute(query.order_by(_C.id).with_for_update())).all()
    edits = {}
    for row in originals:
        is_done = row.outcome == Outcome.DONE.value and row.reference is not None
        # One that was not claimed yet will be made as it should be; one that failed is nowhere.
        if is_done or (row.outcome is None and row.tries):
            key = delivery_key("refresh", row.key)
            edits[key] = NewRow(
                key=key,
                platform=row.platform,
                op=Op.EDIT,
                said=Refresh(row.key),
                language=row.language,
                ready_at=now,
                deadline=deadline,
                message=row.reference,
                on_key=None if is_done else row.key,
            )
    new = await write_rows(connection, list(edits.values()), now)
    asked_before = edits.keys() - new.keys()
    if asked_before:
        await _ask_again(connection, {key: edits[key] for key in asked_before}, now)


async def _ask_again(connection: AsyncConnection, edits: dict[str, NewRow], now: datetime) -> None:
    query = select(_C.id, _C.key, _C.outcome, _C.done_at).where(_C.key.in_(edits))
    found = (await connection.execute(query.order_by(_C.id).with_for_update())).all()
    is_open = [
        {"row": row.id, "until": edits[row.key].deadline} for row in found if row.outcome is None
    ]
    if is_open:
        await connection.execute(_AGAIN, is_open)
    # A message that is gone does not come back.
    over = [row for row in found if row.outcome not in (None, Outcome.GONE.value)]
    if over:
        await connection.execute(
            _REOPEN,
            [
                {
                    "row": row.id,
                    "until": edits[row.key].deadline,
                    "known_message": edits[row.key].message,
                    "from_then": max(now, row.done_at + EDITED_EVERY),
                }
                for row in over
            ],
        )
