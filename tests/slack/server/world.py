"""What there is in this Slack: organisations, workspaces, people, channels, messages, views."""

from dataclasses import dataclass, field
from enum import Enum

from tests.slack.server.mrkdwn import Mentions
from tests.slack.server.refusals import Json


class Kind(Enum):
    """Kinds of conversations, by the names of `types`."""

    PUBLIC = "public_channel"
    PRIVATE = "private_channel"
    IM = "im"
    MPIM = "mpim"


@dataclass(slots=True, eq=False)
class Enterprise:
    """An organisation of Enterprise Grid; `admins` are ids of people."""

    id: str
    name: str
    domain: str
    admins: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class User:
    """`zone` is an IANA name; `guest` is "", "multi" or "single" (channels)."""

    id: str
    name: str
    zone: str = "Asia/Tokyo"
    offset: int = 32_400
    locale: str = "ja-JP"
    bot_id: str = ""
    guest: str = ""
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Workspace:
    """`admins` and `owners` are ids of people, `primary` that of the first owner."""

    id: str
    name: str
    domain: str
    enterprise: Enterprise | None = None
    members: dict[str, User] = field(default_factory=dict)
    admins: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)
    primary: str = ""


@dataclass(slots=True, eq=False)
class Message:
    """`only_for` is who alone sees it; `shared` are the links an app may unfurl, `unfurls` what it
    made of them. `state` holds what people chose in its elements."""

    ts: str
    channel: "Channel"
    user: User
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    by_app: bool = False
    metadata: Json | None = None
    edited_ts: str | None = None
    only_for: User | None = None
    mentions: Mentions = field(default_factory=Mentions)
    shared: tuple[str, ...] = ()
    unfurls: dict[str, Json] = field(default_factory=dict)
    unfurl_id: str = ""
    state: dict[str, Json] = field(default_factory=dict)
    deleted: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, eq=False)
class Channel:
    """`restricted` channels take messages of admins only; `team` is where it is.

    `messages` are by their ts; those that one person alone sees are in `ephemeral`.
    """

    id: str
    name: str
    kind: Kind
    team: Workspace
    members: dict[str, User] = field(default_factory=dict)
    archived: bool = False
    restricted: bool = False
    general: bool = False
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    ephemeral: list[Message] = field(default_factory=list)

    @property
    def replies(self) -> dict[str, list[Message]]:
        """The answers of each thread, oldest first."""
        found: dict[str, list[Message]] = {}
        for message in self.messages.values():
            if message.is_reply and message.thread_ts is not None:
                found.setdefault(message.thread_ts, []).append(message)
        return found


@dataclass(slots=True, eq=False)
class View:
    """A dialog or an App Home of one person; `previous_id` is the dialog that it lies on.

    `state` is what is filled in, by block_id and action_id, `errors` what is said beside fields.
    """

    id: str
    team: Workspace
    user: User
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_home(self) -> bool:
        return bool(self.body["type"] == "home")


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did with the app; `at` is in the clock's seconds.

    A trigger_id is good once, a response_url for a number of uses.
    """

    trigger_id: str
    key: str
    user: User
    team: Workspace
    at: float
    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None
    exchanged: bool = False
    uses: int = 0
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """A change that people see: `what` is new, changed, deleted, view, errors, closed, unfurl.

    `interaction` is what it is known to be the answer to, `at` is in the clock's seconds.
    """

    number: int
    what: str
    at: float
    message: Message | None = None
    view: View | None = None
    interaction: Interaction | None = None

    def visible_to(self, user: User) -> bool:
        if self.view is not None:
            return self.view.user is user
        assert self.message is not None
        if self.message.only_for is not None:
            return self.message.only_for is user
        return user.id in self.message.channel.members
