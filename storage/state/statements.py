"""Statements that several stores use, the same on every database."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, Union

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outbox import Op, Outcome
from storage.state.tables import FACT, HAD_POST, OUTBOX, OUTBOX_POST

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# Databases take some ten thousand values in a statement.
BATCH = 1000

Value = TypeVar("Value")


def inserting(
    connection: AsyncConnection, table: Table
) -> Union["sqlite.Insert", "postgresql.Insert"]:
    """An INSERT that can say what to do ON CONFLICT.

    The words are the same in both databases, but SQLAlchemy has no common class for them, and each
    takes some memory.
    """
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def in_batches(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """The values in lists that fit into a statement, in their order."""
    left = iter(values)
    while batch := list(islice(left, BATCH)):
        yield batch


async def locked_fact(connection: AsyncConnection, name: str) -> str:
    """The value of a fact, empty where there is none.

    Whoever else asks for it in this way waits until the transaction has ended.
    """
    added = inserting(connection, FACT).values(name=name, value="").on_conflict_do_nothing()
    await connection.execute(added)
    query = select(FACT.c.value).where(FACT.c.name == name).with_for_update()
    return str(await connection.scalar(query))


async def set_fact(connection: AsyncConnection, name: str, value: str) -> None:
    """Change a fact that is there."""
    await connection.execute(update(FACT).where(FACT.c.name == name).values(value=value))


def chains(rows: ColumnElement[bool]) -> Select[tuple[str]]:
    """The keys of some rows of the outbox, and of all that wait for them or stand on them."""
    chain = select(OUTBOX.c.key).where(rows).cte("chain", recursive=True)
    hanging = OUTBOX.alias()
    follows = or_(hanging.c.after_key == chain.c.key, hanging.c.on_key == chain.c.key)
    chain = chain.union(select(hanging.c.key).join(chain, follows))
    return select(chain.c.key)


async def drop(
    connection: AsyncConnection, rows: ColumnElement[bool], now: datetime, cause: str
) -> None:
    """End rows that are still to be done, with all that hang on them.

    Their places have not had what those were to show, if they are digests.
    """
    is_dropped = and_(OUTBOX.c.key.in_(chains(rows)), OUTBOX.c.outcome.is_(None))
    # Again until none is left: whoever wrote a row behind one of these just now held that one, and
    # had to be waited for. From then on those who come are kept waiting, and find it dropped.
    while found := list(await connection.scalars(select(OUTBOX.c.id).where(is_dropped))):
        for ids in in_batches(found):
            # What has been done meanwhile is done.
            dropped = await connection.scalars(
                update(OUTBOX)
                .where(OUTBOX.c.id.in_(ids), OUTBOX.c.outcome.is_(None))
                .values(
                    outcome=Outcome.DROPPED.value,
                    done_at=now,
                    cause=cause,
                    worker=None,
                    lease_until=None,
                )
                .returning(OUTBOX.c.id)
            )
            await was_not_had(connection, OUTBOX.c.id.in_(dropped.all()))


async def was_not_had(connection: AsyncConnection, rows: ColumnElement[bool]) -> None:
    """The posts of digests that are not shown after all may come to their places again."""
    shown = (
        select(OUTBOX.c.platform, OUTBOX.c.target, OUTBOX_POST.c.post)
        .join(OUTBOX_POST, OUTBOX_POST.c.row == OUTBOX.c.id)
        .where(rows, OUTBOX.c.op == Op.POST.value, OUTBOX.c.subscription.is_not(None))
    )
    # By its key, since a place has had thousands of posts.
    had = tuple_(HAD_POST.c.platform, HAD_POST.c.target, HAD_POST.c.post)
    await connection.execute(delete(HAD_POST).where(had.in_(shown)))
