"""What the program measures of itself; by whom it is collected nobody here knows.

Every name is of a small set that is known beforehand: never a person, a place, or what was typed.
Times are in seconds.
"""

from enum import Enum
from typing import Protocol


class Answered(Enum):
    """How a request ended for who asked."""

    OK = "ok"
    USER_ERROR = "user_error"  # told what they can put right
    INCIDENT = "incident"  # a failure that is not theirs


class Meter(Protocol):
    """Is told what happens; it never fails, and never keeps anybody waiting."""

    def asked(self, platform: str, intent: str, outcome: Answered, seconds: float) -> None:
        """The chat has answered a request, or refused it."""
        ...

    def replied(self, platform: str, seconds: float, *, arrived: bool) -> None:
        """An answer was shown so long after somebody had asked; or could not be."""
        ...

    def delivered(self, platform: str, op: str, outcome: str, lateness: float | None) -> None:
        """A try to send a row of the outbox is over; `op` is what was done, or "digest".

        `lateness` is how long after its time it was sent, None where nothing was.
        """
        ...

    def waited(self, platform: str, seconds: float) -> None:
        """A request of the outbox has waited for its slot."""
        ...

    def limited(self, platform: str, seconds: float, *, everywhere: bool) -> None:
        """A platform asks to wait for so long: with one kind of request, or with everything."""
        ...

    def broke_limit(self, platform: str, limit: str) -> None:
        """Something that was to be sent breaks a limit of its platform."""
        ...

    def reconnected(self, platform: str, link: str) -> None:
        """A connection that was lost is there again."""
        ...

    def synced(self, seconds: float, *, succeeded: bool) -> None:
        """A sync with the archive is over."""
        ...

    def skewed(self, source: str, seconds: float) -> None:
        """This machine's clock is at least so far ahead of another's, below zero behind."""
        ...


class NoMeter:
    """Takes no notice, where nobody can ask for metrics."""

    def asked(self, platform: str, intent: str, outcome: Answered, seconds: float) -> None:
        """Do nothing."""

    def replied(self, platform: str, seconds: float, *, arrived: bool) -> None:
        """Do nothing."""

    def delivered(self, platform: str, op: str, outcome: str, lateness: float | None) -> None:
        """Do nothing."""

    def waited(self, platform: str, seconds: float) -> None:
        """Do nothing."""

    def limited(self, platform: str, seconds: float, *, everywhere: bool) -> None:
        """Do nothing."""

    def broke_limit(self, platform: str, limit: str) -> None:
        """Do nothing."""

    def reconnected(self, platform: str, link: str) -> None:
        """Do nothing."""

    def synced(self, seconds: float, *, succeeded: bool) -> None:
        """Do nothing."""

    def skewed(self, source: str, seconds: float) -> None:
        """Do nothing."""


NO_METER = NoMeter()


class Links:
    """The connections of a platform by short names, such as a shard's number, and which are up."""

    def __init__(self, platform: str, meter: Meter = NO_METER) -> None:
        self._platform = platform
        self._meter = meter
        self._are_up: dict[str, bool] = {}
        self._were_up: set[str] = set()

    @property
    def states(self) -> dict[str, bool]:
        """Whether each is up, of those that are expected or have been there."""
        return dict(self._are_up)

    @property
    def missing(self) -> list[str]:
        """Those that are not up."""
        return [name for name, is_up in self._are_up.items() if not is_up]

    def expect(self, *names: str) -> None:
        """Count connections as missing until they are opened."""
        for name in names:
            self._are_up.setdefault(name, False)

    def opened(self, name: str) -> None:
        """Note that one is there, perhaps again."""
        self._are_up[name] = True
        if name in self._were_up:
            self._meter.reconnected(self._platform, name)
        self._were_up.add(name)

    def closed(self, name: str) -> None:
        """Note that one is not there."""
        self._are_up[name] = False
