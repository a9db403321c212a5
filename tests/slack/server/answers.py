"""What an app answers with: through a response_url, or in an acknowledgement."""

import json
from typing import Any

from aiohttp import web

from tests.slack.server.api import with_troubles
from tests.slack.server.checking import Check
from tests.slack.server.objects import SUGGESTED
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.state import State
from tests.slack.server.world import Interaction

USES = 5
SECONDS = 30 * 60
FIELDS = frozenset(
    [
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "mrkdwn",
        "parse",
        "link_names",
    ]
)


def respond(state: State, interaction: Interaction, body: Any) -> None:
    """A new message, another one for that of the interaction, or none any more."""
    if not isinstance(body, dict):
        raise Refusal("invalid_payload")
    odd = set(body) - FIELDS
    if odd:
        state.odd_requests.append(f"response_url: unknown fields {sorted(odd)}")
    original = interaction.message
    if original is not None and not original.by_app:
        original = None
    if original is not None and body.get("delete_original"):
        _there(original.deleted)
        state.remove(original, "answer", interaction)
        return
    if original is not None and body.get("replace_original"):
        _there(original.deleted)
        state.edit(original, body, "answer", interaction=interaction)
        return
    channel = interaction.channel
    if channel is None:
        raise Refusal("channel_not_found")
    shared = body.get("response_type") == "in_channel"
    state.post(
        channel,
        state.bot(interaction.team),
        body,
        by_app=True,
        only_for=None if shared else interaction.user,
        what="answer",
        interaction=interaction,
    )


def _there(deleted: bool) -> None:
    if deleted:
        raise Refusal("message_not_found")


async def serve(state: State, request: web.Request) -> web.StreamResponse:
    """POST to a response_url: five times within half an hour."""
    return await with_troubles(state, request, "response_url", _answer(state, request))


async def _answer(state: State, request: web.Request) -> web.Response:
    interaction = state.interactions.get(request.match_info["key"])
    state.requests.append((state.clock.seconds(), "response_url"))
    try:
        if interaction is None:
            raise Refusal("invalid_url")
        if state.clock.seconds() - interaction.at > SECONDS:
            raise Refusal("expired_url")
        if interaction.uses >= USES:
            raise Refusal("used_url")
        if not state.installation(interaction.team).covers(interaction.team):
            raise Refusal("token_revoked")
        interaction.uses += 1
        respond(state, interaction, _body(await request.text()))
    except Refusal as refusal:
        state.refusals.append(refusal)
        gone = refusal.code in ("invalid_url", "expired_url", "used_url")
        return web.json_response(refusal.body, status=404 if gone else 400)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        state.odd_requests.append(f"response_url: {error!r}")
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    return web.Response(text="ok")


def _body(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refusal("invalid_payload") from error


def suggested(said: Any) -> list[Json]:
    """The options that an app answers with while somebody types; refused if they are not right."""
    found = Check()
    SUGGESTED(found, "", said)
    if found.faults:
        raise Refusal("invalid_options", errors=found.faults)
    groups = said.get("option_groups") or []
    return [*(said.get("options") or []), *(one for group in groups for one in group["options"])]
