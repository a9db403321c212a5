"""What the app asks of Slack: the scopes that somebody grants it, and the events it is told of."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.locales import Texts

# Each scope of the bot with the key of what it is for.
SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "slack.scope.app_mentions",
        "channels:history": "slack.scope.history",
        "channels:read": "slack.scope.channels",
        "chat:write": "slack.scope.chat",
        "commands": "slack.scope.commands",
        "groups:history": "slack.scope.history",
        "groups:read": "slack.scope.channels",
        "im:history": "slack.scope.direct",
        "im:read": "slack.scope.channels",
        "im:write": "slack.scope.open",
        "links:read": "slack.scope.links",
        "links:write": "slack.scope.links",
        "mpim:history": "slack.scope.history",
        "mpim:read": "slack.scope.channels",
        "users:read": "slack.scope.users",
    }
)
# The scope of the app-level token, for Socket Mode.
APP_SCOPE = "connections:write"
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "message.im",
    "tokens_revoked",
)
# With every answer to a token Slack says what was granted to it.
_HEADER = "x-oauth-scopes"


def reason(scope: str, texts: Texts) -> str:
    """What a scope is for, in words."""
    return texts(SCOPES[scope])


def granted(response: Any) -> Collection[str] | None:
    """The scopes of the token that asked, by the headers of Slack's answer; None if unsaid."""
    for name, value in response.headers.items():
        if name.lower() == _HEADER:
            return frozenset(scope.strip() for scope in value.split(","))
    return None


def missing(given: Collection[str] | None) -> Sequence[str]:
    """What was not granted of what is needed; nothing where it is not known."""
    return [] if given is None else [scope for scope in SCOPES if scope not in given]
