"""Which rows of the outbox a worker may send next, and when: the claim, kept quick.

Open rows are found by the partial index ix_outbox_open, those that wait for others not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.stdlib import get_logger

from bot.outbox import Cause, Claim, Op
from bot.ports import Pace
from bot.stores import Claims
from storage.state.rows import PRIORITIES, Record, is_readable, posts_of, row_of
from storage.state.slots import AHEAD, LONGEST_PAUSE, open_slots
from storage.state.statements import drop
from storage.state.tables import OUTBOX, PACE

# A lease that is longer, and a row that is to wait longer, are of a clock that has jumped since.
LONGEST_LEASE = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=1)
# How many more rows are looked at than are claimed: some may wait for their channel.
SPARE = 100
# A row that this program cannot read is left to a newer one that works beside it for so long.
UNREADABLE_FOR = timedelta(minutes=10)

_log = get_logger(__name__)

_C = OUTBOX.c
_HOLD = (
    update(OUTBOX)
    .where(_C.id == bindparam("row"))
    .values(worker=bindparam("by"), lease_until=bindparam("until"), tries=bindparam("claimed"))
)
_PROLONG = update(OUTBOX).where(_C.id == bindparam("row")).values(lease_until=bindparam("until"))
_DEFER = update(OUTBOX).where(_C.id == bindparam("row")).values(ready_at=bindparam("until"))
_UNREADABLE = Cause.UNREADABLE.value


@dataclass(frozen=True, slots=True)
class Terms:
    """For which platform, when, by whom and for how long rows are claimed."""

    platform: str
    pace: Pace
    channel_of: Callable[[str], str]
    now: datetime
    lease: timedelta
    worker: str = ""

    def channel(self, op: str, target: str | None) -> str | None:
        """The channel whose pace counts: of messages only."""
        return self.channel_of(target) if op == Op.POST.value and target is not None else None


async def claim(connection: AsyncConnection, terms: Terms, count: int) -> Claims:
    """Claim rows that are ready, at most some, each with a slot that keeps the pace."""
    now = terms.now
    most = count + SPARE
    # First of all, so that of workers that come at once each finds what the last one left.
    slots = await open_slots(connection, terms.platform, terms.pace, now)
    found = await _candidates(connection, terms.platform, now, most)
    rows = [row for row in found if is_readable(row)]
    if len(rows) < len(found):
        await _put_off(connection, [row for row in found if row not in rows], now)
    channels = {row.id: terms.channel(row.op, row.target) for row in rows}
    await slots.read(connection, channels.values())
    taken: list[tuple[Record, datetime]] = []
    deferred = []
    for row in rows:
        if len(taken) == count or not slots.is_any_near:
            break
        free_at = slots.channel_free_at(channels[row.id])
        if free_at > slots.next:
            deferred.append({"row": row.id, "until": free_at})
        else:
            # Nothing will be asked for one whose time is over, unless it may be there already.
            is_over = row.deadline <= now and not row.tries
            taken.append((row, slots.take(channels[row.id], asks=not is_over)))
    if deferred:
        await connection.execute(_DEFER, deferred)
    await slots.write(connection)
    claims = await _hold(connection, taken, terms)
    if not slots.is_any_near:
        return Claims(claims, slots.next - AHEAD / 2)
    if len(taken) == count or len(found) == most:
        return Claims(claims, now)
    return Claims(claims, await next_ready(connection, terms.platform, now))


async def renew(
    connection: AsyncConnection, terms: Terms, claims: Sequence[Claim]
) -> Sequence[Claim]:
    """A later slot and lease for each of those claims that are held still."""
    channels = {
        claim.row.id: terms.channel(claim.row.op.value, claim.row.target) for claim in claims
    }
    slots = await open_slots(connection, terms.platform, terms.pace, terms.now)
    await slots.read(connection, channels.values())
    query = select(_C.id, _C.tries, _C.lease_until).where(
        _C.id.in_(list(channels)), _C.outcome.is_(None)
    )
    found = await connection.execute(query.order_by(_C.id).with_for_update())
    held = {(record.id, record.tries, record.lease_until) for record in found}
    renewed = []
    for claim in claims:
        row = claim.row
        if (row.id, row.tries, claim.lease_until) in held:
            slot = slots.take(channels[row.id])
            renewed.append(Claim(row, slot, slot + terms.lease, claim.wish))
    await slots.write(connection)
    if renewed:
        leases = [{"row": claim.row.id, "until": claim.lease_until} for claim in renewed]
        await connection.execute(_PROLONG, leases)
    return renewed


async def is_any_ready(connection: AsyncConnection, platform: str, now: datetime) -> bool:
    """Whether there is anything to claim; the pace may not allow it yet."""
    return bool(await _candidates(connection, platform, now, 1, lock=False))


async def full_until(connection: AsyncConnection, platform: str, now: datetime) -> datetime | None:
    """When to come again where all slots are taken that are near; None where some are free."""
    free_at: datetime | None = await connection.scalar(
        select(PACE.c.free_at).where(PACE.c.scope == platform)
    )
    if free_at is None or not now + AHEAD < free_at <= now + LONGEST_PAUSE:
        return None
    return free_at - AHEAD / 2


async def next_ready(connection: AsyncConnection, platform: str, now: datetime) -> datetime | None:
    """When the next row is ready that is not yet."""
    firsts = []
    for priority in PRIORITIES:
        query = select(_C.ready_at).where(*_open(platform, priority), _C.ready_at > now)
        firsts.append(await connection.scalar(query.order_by(_C.ready_at).limit(1)))
    return min((first for first in firsts if first is not None), default=None)


async def _candidates(
    connection: AsyncConnection, platform: str, now: datetime, limit: int, *, lock: bool = True
) -> list[Record]:
    """Rows that are ready and not held, in the order in which they are to be sent."""
    rows: list[Record] = []
    # Only where nothing else is ready are those looked at that a clock that jumped has put off.
    for is_ready in (_C.ready_at <= now, _C.ready_at > now + LONGEST_WAIT):
        for priority in PRIORITIES:
            if len(rows) < limit:
                query = ready(platform, priority, is_ready, now).limit(limit - len(rows))
                if lock:
                    query = query.with_for_update(skip_locked=True)
                rows += (await connection.execute(query)).all()
        if rows:
            break
    return rows


def ready(
    platform: str, priority: int, is_ready: ColumnElement[bool], now: datetime
) -> Select[tuple[object, ...]]:
    """The query for the rows of one priority that nobody holds, the longest ready first."""
    is_free = or_(
        _C.lease_until.is_(None), _C.lease_until <= now, _C.lease_until > now + LONGEST_LEASE
    )
    query = select(OUTBOX).where(*_open(platform, priority), is_ready, is_free)
    return query.order_by(_C.ready_at, _C.id)


def _open(platform: str, priority: int) -> tuple[ColumnElement[bool], ...]:
    return _C.outcome.is_(None), _C.platform == platform, _C.priority == priority


async def _put_off(connection: AsyncConnection, rows: Sequence[Record], now: datetime) -> None:
    """Let rows that cannot be read keep no others waiting; those whose time is over end."""
    over = [row.id for row in rows if row.deadline <= now]
    if over:
        await drop(connection, _C.id.in_(over), now, _UNREADABLE)
    later = [row.id for row in rows if row.deadline > now]
    if later:
        wait = update(OUTBOX).where(_C.id.in_(later))
        await connection.execute(wait.values(ready_at=now + UNREADABLE_FOR, cause=_UNREADABLE))
    new = [row.id for row in rows if row.cause != _UNREADABLE]
    if new:
        _log.warning("rows of the outbox that this program cannot read are put off", rows=new)


async def _hold(
    connection: AsyncConnection, taken: Sequence[tuple[Record, datetime]], terms: Terms
) -> list[Claim]:
    if not taken:
        return []
    holds = [
        {
            "row": row.id,
            "by": terms.worker,
            "until": slot + terms.lease,
            "claimed": row.tries + 1,
        }
        for row, slot in taken
    ]
    await connection.execute(_HOLD, holds)
    posts = await posts_of(connection, [row.id for row, _ in taken])
    return [
        Claim(
            row_of(row, posts.get(row.id, ()), claimed=1),
            slot,
            slot + terms.lease,
            row.wish,
        )
        for row, slot in taken
    ]
