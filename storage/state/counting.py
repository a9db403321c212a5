"""How much is to be sent, for whoever watches: counted by an index, and no further than needed.

Where a million rows wait it does not matter how many exactly, but that the database is left alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.stores import MOST_COUNTED, Backlog
from storage.state.rows import PRIORITIES
from storage.state.tables import OUTBOX

_C = OUTBOX.c


async def backlog_of(connection: AsyncConnection, platform: str, now: datetime) -> Backlog:
    """The open rows of a platform, as far as they are counted."""
    found = (await connection.execute(statement(platform, now))).one()
    ready, later, blocked, *firsts = found
    oldest = min((first for first in firsts if first is not None), default=None)
    return Backlog(platform, ready, later, blocked, oldest)


def statement(platform: str, now: datetime) -> Select[*tuple[Any, ...]]:
    """How many are ready, later and blocked; since when the first of each priority is ready."""
    counts = (_C.ready_at <= now, _C.ready_at > now, _C.ready_at.is_(None))
    return select(
        *(_count(platform, which) for which in counts),
        *(_first(platform, priority, now) for priority in PRIORITIES),
    )


def _count(platform: str, which: ColumnElement[bool]) -> ScalarSelect[int]:
    some = _open(platform, *PRIORITIES).where(which).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _first(platform: str, priority: int, now: datetime) -> ScalarSelect[datetime | None]:
    found = _open(platform, priority).where(_C.ready_at <= now)
    return found.order_by(_C.ready_at).limit(1).scalar_subquery()


def _open(platform: str, *priorities: int) -> Select[tuple[datetime | None]]:
    return select(_C.ready_at).where(
        _C.outcome.is_(None), _C.platform == platform, _C.priority.in_(priorities)
    )
