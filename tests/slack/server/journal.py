"""All that was accepted, in its order: what once-ness is checked against."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.slack.server.refusals import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """`what` is post, ephemeral, update, delete, unfurl, answer, view or home.

    `body` is what was sent; an answer is one by a response_url or an acknowledgement. `channel`
    and `ts` are empty for views. `only_for` is the id of who alone sees it.
    """

    at: datetime
    what: str
    channel: str
    ts: str
    body: Json
    only_for: str = ""
    thread_ts: str | None = None

    @property
    def metadata(self) -> Json:
        """The payload of the message's metadata, {} where it has none."""
        return (self.body.get("metadata") or {}).get("event_payload") or {}


@dataclass(slots=True)
class Journal:
    entries: list[Entry] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def of(self, what: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.what == what]
