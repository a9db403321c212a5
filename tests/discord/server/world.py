"""What there is in this Discord: users, guilds, channels of every kind, messages, interactions."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from tests.discord.server.refusals import Json


class Kind(IntEnum):
    """Kinds of channels, by Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = (Kind.ANNOUNCEMENT_THREAD, Kind.THREAD, Kind.PRIVATE_THREAD)


class Flag:
    """Flags of messages."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SILENT = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False)
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "ja"
    dms_open: bool = True


@dataclass(slots=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False


@dataclass(slots=True, eq=False)
class Member:
    user: User
    joined_at: datetime
    roles: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a role (or, with `member`, a person) may and may not do in one channel."""

    allow: int = 0
    deny: int = 0
    member: bool = False


@dataclass(slots=True, eq=False)
class Message:
    """`body` is what was sent and is shown: content, components, embeds, mentions, attachments."""

    id: int
    channel: "Channel"
    author: User
    body: Json
    at: datetime
    flags: int = 0
    kind: int = 0
    nonce: str | None = None
    edited_at: datetime | None = None
    thread: "Channel | None" = None
    interaction: "Interaction | None" = None
    deleted: bool = False

    @property
    def private(self) -> bool:
        return bool(self.flags & Flag.EPHEMERAL)


@dataclass(slots=True, eq=False)
class Channel:
    """`person` is who a direct message is with; `parent`, `archived` … are of threads.

    `foreign` are direct messages of two people, where the bot can only answer interactions.
    """

    id: int
    kind: Kind
    name: str
    guild: "Guild | None" = None
    person: User | None = None
    foreign: bool = False
    parent: "Channel | None" = None
    owner_id: int = 0
    made_at: datetime | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    tag_required: bool = False
    applied_tags: list[int] = field(default_factory=list)
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 1440

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS


@dataclass(slots=True, eq=False)
class Guild:
    """`unavailable` is an outage; `joined` whether the bot is (still) in it."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role]
    locale: str = "ja"
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    unavailable: bool = False
    joined: bool = True
    thread_limit: int = 1000


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did, and what has been answered so far.

    `original` is the message that "@original" stands for: the first answer, or the message whose
    component was used where that is updated. `told` is when the bot was told of it, `heard` when
    each accepted request that answers it began to come, in seconds of `time.monotonic()`.
    """

    id: int
    token: str
    kind: InteractionKind
    user: User
    channel: Channel
    data: Json
    at: datetime
    on: Message | None = None
    answer: int | None = None
    original: Message | None = None
    edits: int = 0
    follow_ups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    told: float = 0.0
    heard: list[float] = field(default_factory=list)
