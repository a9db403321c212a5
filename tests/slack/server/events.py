"""Events as the app is told them, and which of them a message causes."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.slack.server.app import EVENT_SCOPES, App, Installation
from tests.slack.server.refusals import Json
from tests.slack.server.wire import TYPES, message_json
from tests.slack.server.world import Kind, Message, Workspace

MESSAGES = {
    Kind.PUBLIC: "message.channels",
    Kind.PRIVATE: "message.groups",
    Kind.IM: "message.im",
    Kind.MPIM: "message.mpim",
}


def event_body(
    app: App, installation: Installation, team: Workspace, name: str, event: Json
) -> Json | None:
    """An event in its envelope; None where the app did not subscribe or lacks the scope."""
    needed = EVENT_SCOPES.get(name, ())
    if name not in app.events or (needed and not set(needed) & set(installation.scopes)):
        return None
    org = installation.team is None
    enterprise = team.enterprise.id if team.enterprise is not None else None
    authorization = {
        "enterprise_id": enterprise,
        "team_id": None if org else team.id,
        "user_id": installation.bot.id,
        "is_bot": True,
        "is_enterprise_install": org,
    }
    return {
        "token": app.verification_token,
        "team_id": team.id,
        "enterprise_id": enterprise,
        "context_team_id": team.id,
        "context_enterprise_id": enterprise,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{installation.id}",
    }


def events_of(
    message: Message, app: App, installation: Installation | None
) -> Iterator[tuple[str, Json]]:
    """What a new message tells the app, with the names that it subscribes to."""
    if installation is None:
        return
    channel = message.channel
    inside = installation.bot.id in channel.members
    said = message_json(message, app) | {"channel": channel.id, "event_ts": message.ts}
    said["client_msg_id"] = message.ts.replace(".", "-")
    if inside:
        yield MESSAGES[channel.kind], said | {"channel_type": TYPES[channel.kind]}
    if message.by_app:
        return
    if inside and channel.kind is not Kind.IM and installation.bot.id in message.mentions.users:
        yield "app_mention", said | {"type": "app_mention"}
    links = [
        {"url": link, "domain": domain}
        for link in message.shared
        for domain in [_domain(link, app)]
        if domain
    ]
    if links:
        message.unfurl_id = f"C.{message.ts}.{channel.id}"
        yield (
            "link_shared",
            {
                "type": "link_shared",
                "user": message.user.id,
                "channel": channel.id,
                "message_ts": message.ts,
                "unfurl_id": message.unfurl_id,
                "source": "conversations_history",
                "is_bot_user_member": inside,
                "links": links,
                "event_ts": message.ts,
            }
            | ({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        )


def _domain(link: str, app: App) -> str:
    """The app's domain that a link belongs to, "" where none does."""
    host = urlsplit(link).hostname or ""
    for domain in app.domains:
        if host == domain or host.endswith(f".{domain}"):
            return domain
    return ""
