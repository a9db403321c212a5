"""What running processes hold alone: who comes second finds out who was first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, insert, inspect, or_, select

from bot.stores import Held, Wanted
from storage.state.database import State
from storage.state.tables import HOLD

# A hold that is to last longer was left behind by a clock that has jumped since.
LONGEST_HOLD = timedelta(minutes=10)

_C = HOLD.c


class StoredHolds:
    """Keeps holds in the state, as bot.stores.Holds asks. Everything raises StateError.

    Times are by the database's clock, which is the same for all processes.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    async def hold(self, wanted: Wanted, holder: str, lease: timedelta) -> Sequence[Held]:
        """Hold all parts for a while from now on; else nothing, and those that are in the way."""
        async with self._state.writing() as connection:
            # Of two that come at once the second sees what the first has written.
            await connection.run_sync(self._state.database.alone, [HOLD])
            now = await connection.run_sync(self._state.database.now)
            query = select(HOLD).where(_C.resource == wanted.resource)
            found = [Held(**row) for row in (await connection.execute(query)).mappings()]
            in_way = [
                held
                for held in found
                if held.holder != holder
                and _counts(held, now)
                and (held.parts != wanted.parts or held.part in wanted.ours)
            ]
            if in_way:
                return sorted(in_way, key=lambda held: held.part)
            since = {held.part: held.held_since for held in found if held.holder == holder}
            over = or_(_C.held_until <= now, _C.held_until > now + LONGEST_HOLD)
            ours = and_(_C.resource == wanted.resource, _C.holder == holder)
            await connection.execute(delete(HOLD).where(or_(over, ours)))
            rows = [
                {
                    "resource": wanted.resource,
                    "part": part,
                    "parts": wanted.parts,
                    "holder": holder,
                    "held_since": since.get(part, now),
                    "held_until": now + lease,
                }
                for part in wanted.ours
            ]
            await connection.execute(insert(HOLD), rows)
            return ()

    async def release(self, resource: str, holder: str) -> None:
        """Give back what somebody holds of something."""
        async with self._state.writing() as connection:
            ours = and_(_C.resource == resource, _C.holder == holder)
            await connection.execute(delete(HOLD).where(ours))

    async def every(self) -> Sequence[Held]:
        """All holds that are not over, the oldest first; a state of before has none."""
        async with self._state.reading() as connection:
            if not await connection.run_sync(lambda found: inspect(found).has_table(HOLD.name)):
                return ()
            now = await connection.run_sync(self._state.database.now)
            found = (await connection.execute(select(HOLD).order_by(_C.held_since))).mappings()
            return [held for held in (Held(**row) for row in found) if _counts(held, now)]


def _counts(held: Held, now: datetime) -> bool:
    return now < held.held_until <= now + LONGEST_HOLD
