"""What a channel or a person has asked to get every day, as data."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum

EVERY_DAY = frozenset(range(7))


class QuietDay(Enum):
    """What is done on a day without anything new."""

    SKIP = "skip"
    SAY = "say"  # a short message that there is nothing
    ARCHIVE = "archive"  # posts of the archive that the channel has not had


@dataclass(frozen=True, slots=True)
class Times:
    """When a digest is due: a local time of some weekdays (0 is Monday) in a zone (IANA name)."""

    at: time
    weekdays: frozenset[int]
    zone: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a digest is to have in it, and how.

    Posts need one of the tags `wanted`, if there are any, and none of `unwanted`; both as people
    write them. `language` is "ja" or "en". `role` is the platform's name of a role to mention,
    `publish` whether a message in an announcement channel is passed on to its followers.
    """

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    posts: int = 5
    language: str = "ja"
    quiet_day: QuietDay = QuietDay.ARCHIVE
    role: str | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, or a person's direct messages, by the platform's name and its own for it.

    `workspace` is the server or workspace that it belongs to, None for direct messages.
    """

    platform: str
    target: str
    workspace: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a digest is due next (UTC), and for which local day."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Subscription:
    """One daily digest of a place.

    `id` is short and has letters and digits only. `creator` is the platform's name of the person,
    None once they asked to be forgotten; `personal` says that it goes to that person's direct
    messages. `due` is None while it is paused. `stopped` says why it was stopped by itself:
    "gone" or "forbidden".
    """

    id: str
    place: Place
    times: Times
    wishes: Wishes
    creator: str | None
    created_at: datetime
    due: Due | None
    personal: bool = False
    stopped: str | None = None

    @property
    def paused(self) -> bool:
        """Whether nothing is sent, by somebody's wish or because it cannot be."""
        return self.due is None


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody did with a subscription, and when (UTC).

    `what` is "add", "edit", "pause", "resume", "remove" or "stop"; `person` is None for what
    happened by itself or was done by somebody who asked to be forgotten. `details` has the fields
    that were changed, with their new values, as a person reads them.
    """

    at: datetime
    person: str | None
    what: str
    details: str = ""
