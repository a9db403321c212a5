"""All that was accepted, in its order: what once-ness is checked against."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.discord.server.refusals import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """`what` is post, edit, delete, thread, publish, answer or follow-up.

    `body` is what the message then showed, `private` whether one person alone sees it, `repeated`
    that a nonce was known and nothing new was made.
    """

    at: datetime
    what: str
    channel: int
    message: int
    body: Json
    nonce: str | None = None
    private: bool = False
    repeated: bool = False

    @property
    def pings(self) -> bool:
        """Whether anybody was mentioned."""
        return any(self.body.get(key) for key in ("mentions", "mention_roles", "mention_everyone"))


@dataclass(slots=True)
class Journal:
    entries: list[Entry] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def of(self, what: str) -> list[Entry]:
        """What was made anew of a kind."""
        return [entry for entry in self.entries if entry.what == what and not entry.repeated]
