"""The rows of the outbox: all that the bot says unasked, written down before it is said.

A row holds what is to be said as data and the posts that it shows, never what it looks like: that
is made when it is sent, so it is right then. Its key makes that it happens once.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import blake2b

from bot.intent import Said


class Op(Enum):
    """What is done to say something."""

    POST = "post"  # a message to a target
    EDIT = "edit"  # a message shows something else
    THREAD = "thread"  # a thread is opened under a message
    PUBLISH = "publish"  # a message is passed on to the followers of its channel
    TELL = "tell"  # a direct message to the first person who can be reached


class Outcome(Enum):
    """How a row ended; one without an outcome is still to be done."""

    DONE = "done"
    MISSED = "missed"  # its time was over before it could be sent
    GONE = "gone"  # the place is not there any more
    FORBIDDEN = "forbidden"  # rights are missing there
    DROPPED = "dropped"  # there was nothing to show any more, or what it follows failed


class Cause(Enum):
    """What is kept as the cause of a row where it is one of these, in words for an operator.

    All else is `str()` of an error, or an incident with its number.
    """

    ASKED_TO_WAIT = "the platform asks to wait"
    NO_ANSWER = "the platform does not answer"
    OLDER_ARCHIVE = "an older archive"
    NEWER_ARCHIVE = "a newer archive, which is being noted"
    PAUSED = "paused"
    REMOVED = "removed"
    AFTER_A_FAILURE = "what it follows failed"
    UNREADABLE = "this program cannot read it"


@dataclass(frozen=True, slots=True)
class PostVersion:
    """A post by its key, and which version of it; see `bot.ports.Index.versions`."""

    post: str
    version: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to be written.

    POST and TELL need a `target` (TELL: the place that somebody is told about), EDIT, THREAD and
    PUBLISH a `message` (its reference); where that is not known yet, `on_key` names the row whose
    reference it will be. A row waits until that of `after_key` is done, and is dropped where that
    fails. `ready_at` is from when on it may be sent, `deadline` from when on no more (UTC).
    `subscription` is the id of the one that it is a digest of; `due_at` is when that was due.
    `workspace` is the server or workspace with which it is deleted, None for direct messages.
    Among rows that are ready, those somebody waits for (`asked`) come first.
    """

    key: str
    platform: str
    op: Op
    said: Said
    language: str
    ready_at: datetime
    deadline: datetime
    target: str | None = None
    message: str | None = None
    on_key: str | None = None
    after_key: str | None = None
    posts: Sequence[PostVersion] = ()
    subscription: str | None = None
    due_at: datetime | None = None
    workspace: str | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is in the outbox; `target` and `message` are known once it may be sent.

    `reference` is what the platform answered: the message's, of THREAD the target of the thread.
    `tries` is how often it was claimed, with this time. `cause` says why it did not go well at
    last, see `Cause`.
    """

    id: int
    key: str
    platform: str
    op: Op
    said: Said
    language: str
    target: str | None
    message: str | None
    posts: tuple[PostVersion, ...]
    subscription: str | None
    due_at: datetime | None
    created_at: datetime
    ready_at: datetime | None
    deadline: datetime
    tries: int
    outcome: Outcome | None = None
    reference: str | None = None
    done_at: datetime | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that a worker may send now.

    At `slot` (UTC) its requests keep the pace; it must be settled before `lease_until`. `wish`
    counts how often an EDIT was asked for: one that is asked for again meanwhile is done again.
    """

    row: Row
    slot: datetime
    lease_until: datetime
    wish: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim: an outcome, or another try from `again_at` on (UTC).

    `untried` gives a claim back as if it had not been made: no request has left. `pause_until`
    keeps the whole platform, or with `channel` that channel alone, from being asked (UTC).
    """

    claim: Claim
    outcome: Outcome | None = None
    reference: str | None = None
    again_at: datetime | None = None
    untried: bool = False
    pause_until: datetime | None = None
    channel: str | None = None
    cause: str | None = None
    then: Sequence[NewRow] = field(default=())


def delivery_key(*parts: object) -> str:
    """The key under which a message is found again: 22 letters, digits, "-" and "_"."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")
