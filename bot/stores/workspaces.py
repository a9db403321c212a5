"""Where the bot was installed, and which events from there were taken."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol


class Installations(Protocol):
    """Where the bot was installed, with what it was granted there, which only `Sealer` can read."""

    async def keep(self, platform: str, workspace: str, sealed: str, now: datetime) -> None:
        """Keep what was granted in a workspace, in place of what was before."""
        ...

    async def sealed(self, platform: str, workspace: str) -> str | None:
        """What was granted in a workspace."""
        ...

    async def workspaces(self, platform: str) -> Sequence[str]:
        """Where the bot is installed."""
        ...

    async def delete(self, platform: str, workspace: str, sealed: str | None = None) -> bool:
        """Delete what was granted in a workspace; whether there was anything.

        With `sealed` only where it is still that.
        """
        ...


class HandledEvents(Protocol):
    """Which events some worker has taken: platforms tell the same one again, and to several."""

    async def take(self, key: str, until: datetime) -> bool:
        """Take an event until a time (UTC) at least; whether nobody has taken it before."""
        ...

    async def take_all(self, keys: Collection[str], until: datetime) -> frozenset[str]:
        """The same of several at once: those that nobody has taken before."""
        ...
