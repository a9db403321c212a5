"""The app that is tested: what its manifest says, where it is installed, its tokens."""

from dataclasses import dataclass, field

from tests.slack.server.refusals import Json
from tests.slack.server.world import Enterprise, User, Workspace


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`on_message` is in the menu of a message, else it is global."""

    name: str
    callback_id: str
    on_message: bool


@dataclass(slots=True, eq=False)
class App:
    """What a manifest configures; `url` is where signed HTTP goes when there is no Socket Mode."""

    id: str
    client_id: str
    client_secret: str
    signing_secret: str
    verification_token: str
    name: str = "matome"
    scopes: tuple[str, ...] = ()
    events: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()
    shortcuts: tuple[Shortcut, ...] = ()
    domains: frozenset[str] = frozenset()
    redirects: tuple[str, ...] = ()
    socket_mode: bool = True
    home_tab: bool = True
    messages_tab: bool = True
    rotation: bool = False
    org: bool = False
    url: str = ""
    options_url: str = ""

    def configure(self, manifest: Json) -> None:
        """Be as a manifest says, in the form of slack-manifest.yaml."""
        features = manifest.get("features") or {}
        oauth, settings = manifest["oauth_config"], manifest["settings"]
        self.name = manifest["display_information"]["name"]
        self.scopes = tuple(oauth["scopes"]["bot"])
        self.redirects = tuple(oauth.get("redirect_urls") or ())
        events = settings.get("event_subscriptions") or {}
        self.events = frozenset(events.get("bot_events") or ())
        self.commands = frozenset(one["command"] for one in features.get("slash_commands") or ())
        self.shortcuts = tuple(
            Shortcut(one["name"], one["callback_id"], one["type"] == "message")
            for one in features.get("shortcuts") or ()
        )
        self.domains = frozenset(features.get("unfurl_domains") or ())
        home = features.get("app_home") or {}
        self.home_tab = bool(home.get("home_tab_enabled"))
        self.messages_tab = bool(home.get("messages_tab_enabled"))
        self.socket_mode = bool(settings.get("socket_mode_enabled"))
        self.rotation = bool(settings.get("token_rotation_enabled"))
        self.org = bool(settings.get("org_deploy_enabled"))
        self.url = events.get("request_url") or self.url
        interactivity = settings.get("interactivity") or {}
        self.options_url = interactivity.get("message_menu_options_url") or ""


@dataclass(slots=True, eq=False)
class Installation:
    """In one workspace, or with `team` None in all of an organisation."""

    id: str
    team: Workspace | None
    enterprise: Enterprise | None
    bot: User
    installer: User
    scopes: tuple[str, ...]
    removed: bool = False

    def covers(self, team: Workspace) -> bool:
        if self.removed:
            return False
        if self.team is not None:
            return self.team is team
        return self.enterprise is not None and team.enterprise is self.enterprise


@dataclass(slots=True, eq=False)
class Token:
    """`kind` is bot or app; `expires` is in the clock's seconds, None for never."""

    value: str
    kind: str
    scopes: tuple[str, ...]
    installation: Installation | None = None
    expires: float | None = None
    refresh: str = ""
    refreshed: bool = False
    revoked: bool = False


@dataclass(slots=True, eq=False)
class Code:
    """What somebody who allowed an installation brings back, good once and for ten minutes."""

    value: str
    installation: Installation
    redirect: str
    at: float
    used: bool = False


SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "team:read",
    "users:read",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
    "tokens_revoked",
)

# The scopes of which an event needs one; those that are not here need none.
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "link_shared": ("links:read",),
    "message.im": ("im:history",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.mpim": ("mpim:history",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "user_change": ("users:read",),
    **{f"channel_{name}": ("channels:read",) for name in ("archive", "deleted", "left", "rename")},
    **{f"group_{name}": ("groups:read",) for name in ("archive", "deleted", "left", "rename")},
    "channel_unarchive": ("channels:read",),
    "group_unarchive": ("groups:read",),
}


@dataclass(slots=True, eq=False)
class Registry:
    """Everything that was given out: tokens by their value, installations, codes."""

    tokens: dict[str, Token] = field(default_factory=dict)
    installations: list[Installation] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)

    def of(self, team: Workspace) -> Installation | None:
        """The installation that serves a workspace: its own, else its organisation's."""
        found = [one for one in self.installations if one.covers(team)]
        return min(found, key=lambda one: one.team is None, default=None)

    def tokens_of(self, installation: Installation) -> list[Token]:
        return [one for one in self.tokens.values() if one.installation is installation]
