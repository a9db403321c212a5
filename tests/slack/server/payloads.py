"""What the app is sent when a person does something with it."""

from tests.slack.server.refusals import Json
from tests.slack.server.state import State
from tests.slack.server.wire import (
    container_json,
    message_json,
    place_json,
    view_json,
    where_json,
    who_json,
)
from tests.slack.server.world import Interaction


def common(state: State, kind: str, interaction: Interaction) -> Json:
    """What all interactive payloads have."""
    team = interaction.team
    org = state.installation(team).team is None
    return {
        "type": kind,
        "user": who_json(interaction.user, team),
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        **where_json(team, org=org),
    }


def command(state: State, interaction: Interaction, name: str, text: str) -> Json:
    team, channel = interaction.team, interaction.channel
    assert channel is not None
    org = state.installation(team).team is None
    found = {
        "token": state.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": place_json(channel)["name"],
        "user_id": interaction.user.id,
        "user_name": interaction.user.name,
        "command": name,
        "text": text,
        "api_app_id": state.app.id,
        "is_enterprise_install": "true" if org else "false",
        "response_url": state.response_url(interaction),
        "trigger_id": interaction.trigger_id,
    }
    if team.enterprise is not None:
        found |= {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}
    return found


def actions(state: State, interaction: Interaction, *done: Json) -> Json:
    """block_actions. Of a message that one person alone sees, the app is not sent the content."""
    found = common(state, "block_actions", interaction)
    found |= {"container": container_json(interaction), "trigger_id": interaction.trigger_id}
    found |= _holder(state, interaction)
    if interaction.message is not None:
        found["response_url"] = state.response_url(interaction)
        found["state"] = {"values": interaction.message.state}
    at = state.names.timestamp()
    found["actions"] = [{**one, "action_ts": at} for one in done]
    return found


def suggestion(
    state: State, interaction: Interaction, block_id: str, action_id: str, value: str
) -> Json:
    found = common(state, "block_suggestion", interaction)
    found |= {"container": container_json(interaction)}
    found |= {"block_id": block_id, "action_id": action_id, "value": value}
    return found | _holder(state, interaction)


def _holder(state: State, interaction: Interaction) -> Json:
    """The message or view in which something was used."""
    view, message = interaction.view, interaction.message
    if view is not None:
        return {"view": view_json(view, state.app, state.bot(interaction.team))}
    assert message is not None
    found: Json = {"channel": place_json(message.channel)}
    if message.only_for is None:
        found["message"] = message_json(message, state.app)
    return found


def submission(state: State, interaction: Interaction) -> Json:
    assert interaction.view is not None
    view = view_json(interaction.view, state.app, state.bot(interaction.team))
    found = common(state, "view_submission", interaction)
    found |= {"trigger_id": interaction.trigger_id, "view": view}
    return found | {"response_urls": _response_urls(state, interaction)}


def _response_urls(state: State, interaction: Interaction) -> list[Json]:
    """One for a channel chosen in a menu that has response_url_enabled."""
    view = interaction.view
    assert view is not None
    for block in view.body["blocks"]:
        element = block.get("element") or {}
        if not element.get("response_url_enabled"):
            continue
        held = view.state[block["block_id"]][element["action_id"]]
        key = held.get("selected_conversation") or held.get("selected_channel")
        channel = state.channels.get(key or "")
        if channel is not None:
            interaction.channel = channel
            return [
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel.id,
                    "response_url": state.response_url(interaction),
                }
            ]
    return []


def closed(state: State, interaction: Interaction, *, cleared: bool) -> Json:
    assert interaction.view is not None
    view = view_json(interaction.view, state.app, state.bot(interaction.team))
    return common(state, "view_closed", interaction) | {"view": view, "is_cleared": cleared}


def shortcut(state: State, interaction: Interaction, callback_id: str) -> Json:
    """A global shortcut, or that of a message where the interaction has one."""
    message = interaction.message
    kind = "shortcut" if message is None else "message_action"
    found = common(state, kind, interaction)
    found |= {"callback_id": callback_id, "trigger_id": interaction.trigger_id}
    found["action_ts"] = state.names.timestamp()
    if message is not None:
        found |= {"channel": place_json(message.channel), "message_ts": message.ts}
        found["message"] = message_json(message, state.app)
        found["response_url"] = state.response_url(interaction)
    return found
