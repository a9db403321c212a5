"""What processes that share a state know of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Runner:
    """A process that runs on the state: `what` as typed ("matome run"), where, since when (UTC)."""

    what: str
    host: str
    pid: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a process is to hold alone: `ours` of the parts, from 0, that a resource has.

    So "discord:123", (0, 1), 16 are two of the sixteen shards of an application.
    """

    resource: str
    ours: Sequence[int]
    parts: int


@dataclass(frozen=True, slots=True)
class Held:
    """A part that is held until a time, unless it is renewed. Times are by the state's clock."""

    resource: str
    part: int
    parts: int
    holder: str
    held_since: datetime
    held_until: datetime

    @property
    def by(self) -> Runner:
        """The process that holds it: a holder's name is made of its host and its number."""
        host, _, numbers = self.holder.partition(" ")
        pid = numbers.partition(" ")[0]
        return Runner("matome run", host, int(pid) if pid.isdecimal() else 0, self.held_since)


class Holds(Protocol):
    """What running processes hold alone, as long as they renew it."""

    async def hold(self, wanted: Wanted, holder: str, lease: timedelta) -> Sequence[Held]:
        """Hold all parts for a lease from now on; else nothing, and those that are in the way.

        In the way are others that hold one of them, or any where there are more or fewer parts.
        """
        ...

    async def release(self, resource: str, holder: str) -> None:
        """Give back what somebody holds of something."""
        ...

    async def every(self) -> Sequence[Held]:
        """All holds that are not over, the oldest first."""
        ...


class StateClock(Protocol):
    """The clock of the state; of a file it is this machine's."""

    async def now(self) -> datetime:
        """What it says."""
        ...
