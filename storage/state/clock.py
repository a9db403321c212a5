"""The clock of the database, which is the same for all who share a state."""

from datetime import datetime

from storage.state.database import State


class StoredClock:
    """Reads the clock, as bot.stores.StateClock asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def now(self) -> datetime:
        """What it says (UTC). Raises StateError."""
        async with self._state.reading() as connection:
            return await connection.run_sync(self._state.database.now)
