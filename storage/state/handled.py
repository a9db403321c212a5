"""Which events some worker has taken, so that each is handled once."""

from datetime import datetime

from storage.state.database import State
from storage.state.statements import inserting
from storage.state.tables import HANDLED_EVENT


class StoredHandledEvents:
    """Keeps in the state which events were taken, as bot.stores.HandledEvents asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, key: str, until: datetime) -> bool:
        """Take an event until a time (UTC) at least; whether nobody has taken it before."""
        async with self._state.writing() as connection:
            taken = await connection.execute(
                inserting(connection, HANDLED_EVENT)
                .values(key=key, expires_at=until)
                .on_conflict_do_nothing()
            )
            return taken.rowcount > 0
