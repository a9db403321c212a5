"""Where the bot was installed, with what it was granted there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from storage.state.database import State
from storage.state.statements import inserting
from storage.state.tables import INSTALLATION

_COLUMNS = INSTALLATION.c


class StoredInstallations:
    """Keeps installations in the state, as bot.stores.Installations asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def keep(self, platform: str, workspace: str, sealed: str, now: datetime) -> None:
        """Keep what was granted in a workspace, in place of what was before."""
        async with self._state.writing() as connection:
            insertion = inserting(connection, INSTALLATION)
            await connection.execute(
                insertion.values(
                    platform=platform, workspace=workspace, sealed=sealed, changed_at=now
                ).on_conflict_do_update(
                    index_elements=[_COLUMNS.platform, _COLUMNS.workspace],
                    set_={"sealed": sealed, "changed_at": now},
                )
            )

    async def sealed(self, platform: str, workspace: str) -> str | None:
        """What was granted in a workspace."""
        query = select(_COLUMNS.sealed).where(
            _COLUMNS.platform == platform, _COLUMNS.workspace == workspace
        )
        async with self._state.reading() as connection:
            return await connection.scalar(query)

    async def workspaces(self, platform: str) -> Sequence[str]:
        """Where the bot is installed."""
        query = select(_COLUMNS.workspace).where(_COLUMNS.platform == platform)
        async with self._state.reading() as connection:
            return (await connection.scalars(query.order_by(_COLUMNS.workspace))).all()

    async def delete(self, platform: str, workspace: str, sealed: str | None = None) -> bool:
        """Delete what was granted in a workspace; whether there was anything.

        With `sealed` only where it is still that.
        """
        deletion = delete(INSTALLATION).where(
            _COLUMNS.platform == platform, _COLUMNS.workspace == workspace
        )
        if sealed is not None:
            deletion = deletion.where(_COLUMNS.sealed == sealed)
        async with self._state.writing() as connection:
            deleted = await connection.execute(deletion)
            return deleted.rowcount > 0
