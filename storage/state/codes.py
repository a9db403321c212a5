"""What buttons mean that are too long for a button, until it is forgotten."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from storage.state.database import State
from storage.state.statements import inserting
from storage.state.tables import STORED_CODE

_COLUMNS = STORED_CODE.c


class StoredCodes:
    """Keeps the payloads of codes in the state, as bot.ports.CodeStore asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """Keep payloads under their keys until a time (UTC), all or none. Raises StateError.

        A key stands for its payload, so of one that is kept already only the time changes, and
        never to an earlier one.
        """
        if not payloads:
            return
        # In one order, so that two that keep the same at once cannot wait for each other.
        rows = [
            {"key": key, "payload": payload, "expires_at": until}
            for key, payload in sorted(payloads.items())
        ]
        async with self._state.writing() as connection:
            insertion = inserting(connection, STORED_CODE)
            newest = insertion.excluded.expires_at
            await connection.execute(
                insertion.on_conflict_do_update(
                    index_elements=[_COLUMNS.key],
                    set_={"expires_at": newest},
                    where=_COLUMNS.expires_at < newest,
                ),
                rows,
            )

    async def payload(self, key: str, now: datetime) -> str | None:
        """What is kept under a key, None where nothing is or its time is over (UTC).

        Raises StateError.
        """
        query = select(_COLUMNS.payload).where(_COLUMNS.key == key, _COLUMNS.expires_at > now)
        async with self._state.reading() as connection:
            return await connection.scalar(query)
