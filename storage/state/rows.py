"""Rows of the outbox between the database and the program: how they are written and read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row as DatabaseRow
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StateError
from bot.outbox import Cause, NewRow, Op, Outcome, PostVersion, Row
from bot.payload import from_text, to_text
from storage.state.statements import inserting
from storage.state.tables import OUTBOX, OUTBOX_POST

# Some columns of a row, as the database gives them.
Record = DatabaseRow[*tuple[Any, ...]]

_C = OUTBOX.c
ASKED, UNASKED = PRIORITIES = (0, 1)

_LINK = (
    update(OUTBOX)
    .where(_C.id == bindparam("row"))
    .values(
        target=bindparam("known_target"),
        message=bindparam("known_message"),
        ready_at=bindparam("now_ready_at"),
        outcome=bindparam("now_outcome"),
        done_at=bindparam("now_done_at"),
        cause=bindparam("why"),
    )
)


async def write_rows(
    connection: AsyncConnection,
    rows: Sequence[NewRow],
    now: datetime,
    outcome: Outcome | None = None,
) -> dict[str, int]:
    """Write rows whose keys are not there yet; of those that are new their keys and numbers.

    With an outcome they are over from the beginning. Those that follow others come after them.
    """
    if not rows:
        return {}
    insert = inserting(connection, OUTBOX)
    statement = insert.on_conflict_do_nothing(index_elements=[_C.key]).returning(_C.id, _C.key)
    written = await connection.execute(statement, [_values(row, now, outcome) for row in rows])
    numbers: dict[str, int] = {key: number for number, key in written}
    posts = [
        {"row": numbers[row.key], "place": place, "post": post.post, "version": post.version}
        for row in {row.key: row for row in rows if row.key in numbers}.values()
        for place, post in enumerate(row.posts)
    ]
    if posts:
        await connection.execute(OUTBOX_POST.insert(), posts)
    if outcome is None:
        new = [row for row in rows if row.key in numbers]
        await _link(connection, new, numbers, now)
    return numbers


def _values(row: NewRow, now: datetime, outcome: Outcome | None) -> dict[str, Any]:
    after_key = _after(row)
    return {
        "key": row.key,
        "platform": row.platform,
        "op": row.op.value,
        "said": to_text(row.said),
        "language": row.language,
        "target": row.target,
        "message": row.message,
        "on_key": row.on_key,
        "after_key": after_key,
        "subscription": row.subscription,
        "due_at": row.due_at,
        "workspace": row.workspace,
        "created_at": now,
        "ready_at": row.ready_at if after_key is None else None,
        "deadline": row.deadline,
        "priority": ASKED if row.asked else UNASKED,
        "wish": 1,
        "tries": 0,
        "outcome": None if outcome is None else outcome.value,
        "done_at": None if outcome is None else now,
    }


def _after(row: NewRow) -> str | None:
    """What stands on another row waits for that at least."""
    return row.after_key or row.on_key


async def _link(
    connection: AsyncConnection, rows: Sequence[NewRow], numbers: dict[str, int], now: datetime
) -> None:
    """Fill in what is known already of the rows that others follow.

    They are locked, so that what settles them at the same time finds the new rows.
    """
    following = [row for row in rows if _after(row) is not None]
    if not following:
        return
    named = {key for row in following for key in (_after(row), row.on_key) if key is not None}
    query = select(_C.key, _C.outcome, _C.reference).where(_C.key.in_(named))
    found = await connection.execute(query.order_by(_C.id).with_for_update())
    known: dict[str, tuple[str | None, str | None]] = {
        key: (outcome, reference) for key, outcome, reference in found
    }
    lost = (Outcome.DROPPED.value, None)
    links = []
    for row in following:
        before, _ = known.get(_after(row) or "", lost)
        under, reference = known.get(row.on_key, lost) if row.on_key else (None, None)
        failed = {before, under} - {None, Outcome.DONE.value}
        if failed:
            known[row.key] = lost
        is_post = row.op is Op.POST
        links.append(
            {
                "row": numbers[row.key],
                "known_target": reference if is_post and reference else row.target,
                "known_message": reference if not is_post and reference else row.message,
                "now_ready_at": row.ready_at if before == Outcome.DONE.value else None,
                "now_outcome": Outcome.DROPPED.value if failed else None,
                "now_done_at": now if failed else None,
                "why": Cause.AFTER_A_FAILURE.value if failed else None,
            }
        )
    await connection.execute(_LINK, links)


async def read_rows(connection: AsyncConnection, query: Select[Any]) -> list[Row]:
    """The rows of a query over all columns of the outbox, with their posts."""
    records = (await connection.execute(query)).all()
    posts = await posts_of(connection, [record.id for record in records])
    return [row_of(record, posts.get(record.id, ())) for record in records]


async def posts_of(
    connection: AsyncConnection, rows: Iterable[int]
) -> dict[int, tuple[PostVersion, ...]]:
    """The posts of rows, in their order."""
    query = select(OUTBOX_POST).where(OUTBOX_POST.c.row.in_(list(rows)))
    posts: dict[int, tuple[PostVersion, ...]] = {}
    for found in await connection.execute(query.order_by(OUTBOX_POST.c.row, OUTBOX_POST.c.place)):
        posts[found.row] = (*posts.get(found.row, ()), PostVersion(found.post, found.version))
    return posts


def is_readable(record: Record) -> bool:
    """Whether this program knows what a row says; one that a newer program wrote may say more."""
    try:
        row_of(record, ())
    except (StateError, ValueError):
        return False
    return True


def row_of(record: Record, posts: tuple[PostVersion, ...], *, claimed: int = 0) -> Row:
    """A row as the program knows it; `claimed` is 1 where it is being claimed once more."""
    return Row(
        id=record.id,
        key=record.key,
        platform=record.platform,
        op=Op(record.op),
        said=from_text(record.said),
        language=record.language,
        target=record.target,
        message=record.message,
        posts=posts,
        subscription=record.subscription,
        due_at=record.due_at,
        created_at=record.created_at,
        ready_at=record.ready_at,
        deadline=record.deadline,
        tries=record.tries + claimed,
        outcome=None if record.outcome is None else Outcome(record.outcome),
        reference=record.reference,
        done_at=record.done_at,
        cause=record.cause,
    )
