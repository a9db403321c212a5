"""Which events some worker has taken, so that each is handled once."""

from collections.abc import Collection
from datetime import datetime

from storage.state.database import State
from storage.state.statements import in_batches, inserting
from storage.state.tables import HANDLED_EVENT


class StoredHandledEvents:
    """Keeps in the state which events were taken, as bot.stores.HandledEvents asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, key: str, until: datetime) -> bool:
        """Take an event until a time (UTC) at least; whether nobody has taken it before."""
        return key in await self.take_all([key], until)

    async def take_all(self, keys: Collection[str], until: datetime) -> frozenset[str]:
        """The same of several at once: those that nobody has taken before."""
        taken: set[str] = set()
        async with self._state.writing() as connection:
            # In one order, so that no two wait for each other.
            for batch in in_batches(sorted(keys)):
                rows = [{"key": key, "expires_at": until} for key in batch]
                insert = inserting(connection, HANDLED_EVENT).values(rows).on_conflict_do_nothing()
                taken.update(await connection.scalars(insert.returning(HANDLED_EVENT.c.key)))
        return frozenset(taken)
