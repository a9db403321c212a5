"""Everything as the JSON that Slack sends it as."""

import re
from html import unescape
from typing import Any

from tests.slack.server.app import App
from tests.slack.server.refusals import Json
from tests.slack.server.world import Channel, Interaction, Kind, Message, User, View, Workspace

TYPES = {Kind.PUBLIC: "channel", Kind.PRIVATE: "group", Kind.IM: "im", Kind.MPIM: "mpim"}


def team_json(team: Workspace) -> Json:
    found = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": ""}
    if team.enterprise is not None:
        found |= {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}
    return found


def user_json(user: User, team: Workspace, *, locale: bool = False) -> Json:
    found: Json = {
        "id": user.id,
        "team_id": team.id,
        "name": user.name,
        "real_name": user.name,
        "deleted": user.deleted,
        "tz": user.zone,
        "tz_label": user.zone,
        "tz_offset": user.offset,
        "profile": {"display_name": user.name, "real_name": user.name, "team": team.id},
        "is_admin": user.id in team.admins or user.id in team.owners,
        "is_owner": user.id in team.owners,
        "is_primary_owner": user.id == team.primary,
        "is_restricted": bool(user.guest),
        "is_ultra_restricted": user.guest == "single",
        "is_bot": bool(user.bot_id),
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if team.enterprise is not None:
        found["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": team.enterprise.id,
            "enterprise_name": team.enterprise.name,
            "is_admin": user.id in team.enterprise.admins,
            "is_owner": False,
            "teams": [team.id],
        }
    return found | ({"locale": user.locale} if locale else {})


def channel_json(channel: Channel, bot: User) -> Json:
    if channel.kind is Kind.IM:
        person = next((one.id for one in channel.members.values() if one is not bot), "")
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": channel.archived,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": channel.team.id,
            "user": person,
            "is_user_deleted": False,
            "priority": 0,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": next(iter(channel.members), ""),
        "context_team_id": channel.team.id,
        "is_channel": channel.kind is Kind.PUBLIC,
        "is_group": channel.kind is Kind.PRIVATE,
        "is_im": False,
        "is_mpim": channel.kind is Kind.MPIM,
        "is_private": channel.kind is not Kind.PUBLIC,
        "is_archived": channel.archived,
        "is_general": channel.general,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": bot.id in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def message_json(message: Message, app: App, *, metadata: bool = True) -> Json:
    """A message; without `metadata` of that only the type."""
    found: Json = {
        "type": "message",
        "user": message.user.id,
        "ts": message.ts,
        "team": message.channel.team.id,
        "text": message.text or ("" if not message.blocks else "This content can't be displayed."),
    }
    if message.blocks:
        found["blocks"] = message.blocks
    elif not message.by_app:
        found["blocks"] = [rich(message.text)]
    if message.by_app:
        found |= {"bot_id": message.user.bot_id, "app_id": app.id}
        profile = {"id": message.user.bot_id, "app_id": app.id, "name": app.name}
        found["bot_profile"] = profile | {"deleted": False, "team_id": message.channel.team.id}
    attachments = [*message.attachments, *message.unfurls.values()]
    if attachments:
        found["attachments"] = attachments
    if message.edited_ts is not None:
        found["edited"] = {"user": message.user.id, "ts": message.edited_ts}
    if message.metadata is not None:
        event_type = {"event_type": message.metadata["event_type"]}
        found["metadata"] = message.metadata if metadata else event_type
    return found | _thread_part(message)


def _thread_part(message: Message) -> Json:
    if message.is_reply:
        parent = message.channel.messages.get(message.thread_ts or "")
        more: Json = {"subtype": "thread_broadcast"} if message.broadcast else {}
        author = parent.user.id if parent is not None else ""
        return {"thread_ts": message.thread_ts, "parent_user_id": author, **more}
    replies = message.channel.replies.get(message.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(one.user.id for one in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "reply_users": people[:5],
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": True,
    }


def rich(text: str) -> Json:
    """The rich text that Slack makes of what a person types."""
    parts: list[Json] = []
    for piece in re.split(r"(<[^<>\n]+>)", text):
        if piece.startswith("<") and piece.endswith(">"):
            parts.append(_part(piece[1:-1]))
        elif piece:
            parts.append({"type": "text", "text": unescape(piece)})
    section = {"type": "rich_text_section", "elements": parts}
    return {"type": "rich_text", "block_id": "typed", "elements": [section]}


def _part(inner: str) -> Json:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target} | ({"text": label} if label else {})


def view_json(view: View, app: App, bot: User) -> Json:
    body = view.body
    found: Json = {
        "id": view.id,
        "team_id": view.team.id,
        "type": body["type"],
        "blocks": body["blocks"],
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": body.get("external_id", ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": app.id,
        "app_installed_team_id": view.team.id,
        "bot_id": bot.bot_id,
    }
    return found


def who_json(user: User, team: Workspace) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": team.id}


def where_json(team: Workspace, *, org: bool) -> Json:
    """The fields that tell the workspace and organisation of an interaction."""
    enterprise: Json | None = None
    told: Json = {"id": team.id, "domain": team.domain}
    if team.enterprise is not None:
        enterprise = {"id": team.enterprise.id, "name": team.enterprise.name}
        told |= {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}
    return {"team": told, "enterprise": enterprise, "is_enterprise_install": org}


def container_json(interaction: Interaction) -> Json:
    """Where an element is that somebody used."""
    if interaction.view is not None:
        return {"type": "view", "view_id": interaction.view.id}
    message = interaction.message
    assert message is not None
    found: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    return found | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def place_json(channel: Channel) -> Any:
    names = {Kind.IM: "directmessage", Kind.PRIVATE: "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}
