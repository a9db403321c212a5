"""What the core asks of the state, as protocols. Everything raises StateError where it fails.

Times are in UTC. Persons, targets and references are the platform's own names.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports import CodeStore
from bot.stores.digests import Digests, Subscriptions
from bot.stores.outbox import MOST_COUNTED, Backlog, Claims, Outbox
from bot.stores.posts import WHOLE, Hidden, HiddenPosts, KeptHidden, Observation, SeenPosts
from bot.stores.processes import Held, Holds, Runner, StateClock, Wanted
from bot.stores.workspaces import HandledEvents, Installations

__all__ = [
    "MOST_COUNTED",
    "WHOLE",
    "Backlog",
    "Claims",
    "Digests",
    "GetStores",
    "HandledEvents",
    "Held",
    "Hidden",
    "HiddenPosts",
    "Holds",
    "Installations",
    "KeptHidden",
    "Observation",
    "Outbox",
    "Runner",
    "SeenPosts",
    "StateClock",
    "Stores",
    "Subscriptions",
    "Upkeep",
    "Wanted",
]


class Upkeep(Protocol):
    """What is deleted when its time is over."""

    async def forget_expired(self, now: datetime, keep: timedelta) -> int:
        """Delete what has expired: codes, events, outcomes older than `keep`, left places."""
        ...

    async def workspace_removed(self, platform: str, workspace: str, now: datetime) -> None:
        """The bot was removed from a workspace: nothing is sent there; it may come back."""
        ...

    async def workspace_returned(self, platform: str, workspace: str, now: datetime) -> None:
        """It is there again: what was kept goes on; what was due meanwhile is late or missed."""
        ...

    async def removed(self, platform: str) -> frozenset[str]:
        """The workspaces that it was removed from, as far as their data are kept still."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, over one state."""

    codes: CodeStore
    seen: SeenPosts
    hidden: HiddenPosts
    subscriptions: Subscriptions
    digests: Digests
    outbox: Outbox
    installations: Installations
    handled: HandledEvents
    holds: Holds
    upkeep: Upkeep
    clock: StateClock


# Opens the state at its first use; what failed is tried again by the next.
GetStores = Callable[[], Awaitable[Stores]]
