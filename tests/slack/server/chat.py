"""chat.*: messages of the app, and unfurling of links."""

from tests.slack.server.blocks import message_faults
from tests.slack.server.call import Call, method
from tests.slack.server.places import direct
from tests.slack.server.refusals import Json, Refusal, invalid_blocks, missing_argument
from tests.slack.server.surfaces import check_message
from tests.slack.server.wire import message_json
from tests.slack.server.world import Channel, Kind, Message

BODY = "channel text blocks attachments metadata thread_ts link_names parse mrkdwn markdown_text"
LOOKS = "as_user icon_emoji icon_url username unfurl_links unfurl_media reply_broadcast"


async def post_message(call: Call) -> Json:
    channel = _place(call)
    _may_write(call, channel)
    call.state.rates.post(call.installation.id, channel.id)
    body = call.message_body()
    if call.state.troubles.strikes(body.get("metadata"), "sent"):
        raise Refusal("fatal_error")
    message = call.state.post(channel, call.installation.bot, body, by_app=True)
    call.state.troubles.strikes(body.get("metadata"), "accepted")
    told = message_json(message, call.state.app)
    return {"channel": channel.id, "ts": message.ts, "message": told}


async def post_ephemeral(call: Call) -> Json:
    channel = call.channel(reads=False)
    person = channel.team.members.get(call.text("user"))
    _may_write(call, channel)
    call.inside(channel)
    if person is None or person.id not in channel.members:
        raise Refusal("user_not_in_channel")
    message = call.state.post(
        channel,
        call.installation.bot,
        call.message_body(),
        by_app=True,
        only_for=person,
        what="ephemeral",
    )
    return {"message_ts": message.ts}


async def update(call: Call) -> Json:
    channel = call.channel(reads=False)
    message = call.state.message(channel, call.text("ts"))
    _own(call, message, "cant_update_message")
    if channel.archived:
        raise Refusal("is_archived")
    call.state.edit(message, call.message_body(), "update", keeps=True)
    told = message_json(message, call.state.app)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


async def delete(call: Call) -> Json:
    channel = call.channel(reads=False)
    message = call.state.message(channel, call.text("ts"))
    _own(call, message, "cant_delete_message")
    call.state.remove(message)
    return {"channel": channel.id, "ts": message.ts}


async def permalink(call: Call) -> Json:
    channel = call.channel(reads=False)
    message = call.state.message(channel, call.text("message_ts"))
    place = f"{channel.id}/p{message.ts.replace('.', '')}"
    found = f"https://{channel.team.domain}.slack.com/archives/{place}"
    if message.is_reply:
        found += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": found}


async def unfurl(call: Call) -> Json:
    message = _unfurled(call)
    unfurls = call.json("unfurls", "invalid_unfurls_format")
    if unfurls is None:
        raise Refusal("missing_unfurls")
    if not isinstance(unfurls, dict) or not all(isinstance(one, dict) for one in unfurls.values()):
        raise Refusal("invalid_unfurls_format")
    for url, one in unfurls.items():
        if url not in message.shared:
            raise Refusal("cannot_unfurl_url")
        faults = message_faults(one.get("blocks") or [], f"/unfurls/{url}/blocks")
        if faults:
            raise invalid_blocks(faults)
        if not one.get("blocks"):
            check_message({"text": one.get("text") or one.get("title") or ""})
    message.unfurls |= unfurls
    call.state.note("unfurl", message, {"unfurls": unfurls})
    call.state.see("unfurl", message=message)
    return {}


def _unfurled(call: Call) -> Message:
    """The message whose links are unfurled: by its unfurl_id, or channel and ts."""
    if call.given("unfurl_id"):
        call.text("source")
        for channel in call.state.channels.values():
            for message in channel.messages.values():
                if message.unfurl_id and message.unfurl_id == call.given("unfurl_id"):
                    return message
        raise Refusal("invalid_unfurl_id")
    found = call.state.channels.get(call.text("channel"))
    if found is None or not call.installation.covers(found.team):
        raise Refusal("cannot_find_channel")
    unfurled = found.messages.get(call.text("ts"))
    if unfurled is None or not unfurled.unfurl_id:
        raise Refusal("cannot_find_message")
    return unfurled


def _place(call: Call) -> Channel:
    """Where to post: a channel, or a person, whose direct messages are opened."""
    value = call.text("channel")
    person = call.state.users.get(value)
    if person is None:
        return call.channel(reads=False, named=True)
    from_team = next(
        (
            team
            for team in call.state.teams.values()
            if person.id in team.members and call.installation.covers(team)
        ),
        None,
    )
    if from_team is None:
        raise Refusal("channel_not_found")
    return direct(call.state, from_team, person)


def _may_write(call: Call, channel: Channel) -> None:
    if channel.archived:
        raise Refusal("is_archived")
    if channel.kind is Kind.IM and not call.state.app.messages_tab:
        raise Refusal("messages_tab_disabled")
    member = call.installation.bot.id in channel.members
    if not member and not (channel.kind is Kind.PUBLIC and call.has("chat:write.public")):
        raise Refusal("not_in_channel")
    if channel.restricted:
        raise Refusal("restricted_action")
    if call.given("markdown_text") and (call.given("text") or call.given("blocks")):
        raise Refusal("markdown_text_conflict")
    if call.given("username") or call.given("icon_url") or call.given("icon_emoji"):
        call.need("chat:write.customize")


def _own(call: Call, message: Message, refused: str) -> None:
    if message.user is not call.installation.bot:
        raise Refusal(refused)
    if call.given("ts") is None:
        raise missing_argument("ts")


METHODS = {
    "chat.postMessage": method(post_message, f"{BODY} {LOOKS}", "chat:write"),
    "chat.postEphemeral": method(post_ephemeral, f"{BODY} {LOOKS} user", "chat:write"),
    "chat.update": method(update, f"{BODY} ts as_user reply_broadcast", "chat:write"),
    "chat.delete": method(delete, "channel ts as_user", "chat:write"),
    "chat.getPermalink": method(permalink, "channel message_ts"),
    "chat.unfurl": method(
        unfurl,
        "channel ts unfurls unfurl_id source metadata user_auth_blocks user_auth_message"
        " user_auth_required user_auth_url",
        "links:write",
    ),
}
