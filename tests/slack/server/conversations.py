"""conversations.*: channels, their members and what was said in them."""

from collections.abc import Iterable

from tests.slack.server.call import HISTORY, READ, Call, method
from tests.slack.server.places import direct, group
from tests.slack.server.places import join as join_channel
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.wire import channel_json, message_json
from tests.slack.server.world import Channel, Kind, Message

LIMITED_HISTORY = 15


def after(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


async def open_(call: Call) -> Json:
    """Direct messages with one person, or a group's."""
    state = call.state
    if call.given("channel"):
        channel = call.channel(reads=False)
        return {"channel": _opened(call, channel)}
    users = call.text("users").split(",")
    call.need("im:write" if len(users) == 1 else "mpim:write")
    people = [state.users.get(key) for key in users]
    teams = [
        team
        for team in state.teams.values()
        if call.installation.covers(team)
        and all(person is not None and person.id in team.members for person in people)
    ]
    if not teams:
        raise Refusal("user_not_found")
    found = [person for person in people if person is not None]
    if any(person.deleted for person in found):
        raise Refusal("user_disabled")
    if len(found) == 1:
        channel = direct(state, teams[0], found[0])
    else:
        channel = group(state, teams[0], found)
    return {"channel": _opened(call, channel)}


def _opened(call: Call, channel: Channel) -> Json:
    if call.flag("return_im"):
        return channel_json(channel, call.installation.bot)
    return {"id": channel.id}


async def info(call: Call) -> Json:
    channel = call.channel()
    found = channel_json(channel, call.installation.bot)
    if channel.kind is not Kind.IM and not call.flag("include_num_members"):
        found.pop("num_members")
    return {"channel": found}


async def members(call: Call) -> Json:
    channel = call.channel()
    page, cursor = call.page(list(channel.members))
    return {"members": page, **after(cursor)}


async def list_(call: Call) -> Json:
    listed = _of_types(call, call.state.channels.values())
    if call.flag("exclude_archived"):
        listed = [one for one in listed if not one.archived]
    page, cursor = call.page(listed)
    bot = call.installation.bot
    return {"channels": [channel_json(one, bot) for one in page], **after(cursor)}


async def of_user(call: Call) -> Json:
    """users.conversations: those that somebody (the bot) is in."""
    who = call.given("user") or call.installation.bot.id
    listed = [one for one in _of_types(call, call.state.channels.values()) if who in one.members]
    if call.flag("exclude_archived"):
        listed = [one for one in listed if not one.archived]
    page, cursor = call.page(listed)
    bot = call.installation.bot
    return {"channels": [channel_json(one, bot) for one in page], **after(cursor)}


def _of_types(call: Call, channels: Iterable[Channel]) -> list[Channel]:
    """The channels of the types asked for that the bot can see; each type needs its scope."""
    names = str(call.given("types") or "public_channel").split(",")
    try:
        kinds = [Kind(name.strip()) for name in names]
    except ValueError as error:
        raise Refusal("invalid_types") from error
    for kind in kinds:
        call.need(READ[kind])
    team, bot = call.team, call.installation.bot
    return [
        one
        for one in channels
        if one.team is team
        and one.kind in kinds
        and (one.kind is Kind.PUBLIC or bot.id in one.members)
    ]


async def join(call: Call) -> Json:
    channel = call.channel(reads=False)
    if channel.kind is not Kind.PUBLIC:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refusal("is_archived")
    already = call.installation.bot.id in channel.members
    if not already:
        join_channel(call.state, channel, call.installation.bot)
    found: Json = {"channel": channel_json(channel, call.installation.bot)}
    return found | ({"warning": "already_in_channel"} if already else {})


async def history(call: Call) -> Json:
    channel = _readable(call)
    said = [one for one in channel.messages.values() if not one.is_reply or one.broadcast]
    return _messages(call, sorted(said, key=lambda one: one.ts, reverse=True))


async def replies(call: Call) -> Json:
    channel = _readable(call)
    parent = channel.messages.get(call.text("ts"))
    if parent is None:
        raise Refusal("thread_not_found")
    root = parent.thread_ts or parent.ts
    thread = [one for one in channel.messages.values() if root in (one.ts, one.thread_ts)]
    return _messages(call, sorted(thread, key=lambda one: one.ts))


def _readable(call: Call) -> Channel:
    channel = call.channel(reads=False)
    call.need(HISTORY[channel.kind])
    call.inside(channel)
    return channel


def _messages(call: Call, listed: list[Message]) -> Json:
    oldest, latest = _time(call, "oldest"), _time(call, "latest")
    if call.flag("inclusive"):
        found = [
            one
            for one in listed
            if (oldest is None or one.ts >= oldest) and (latest is None or one.ts <= latest)
        ]
    else:
        found = [
            one
            for one in listed
            if (oldest is None or one.ts > oldest) and (latest is None or one.ts < latest)
        ]
    limited = call.state.rates.history is not None
    most = LIMITED_HISTORY if limited else 999
    page, cursor = call.page(found, LIMITED_HISTORY if limited else 100, most)
    whole = call.flag("include_all_metadata")
    told = [message_json(one, call.state.app, metadata=whole) for one in page]
    more: Json = after(cursor) if cursor else {}
    return {"messages": told, "has_more": bool(cursor), "pin_count": 0, **more}


def _time(call: Call, name: str) -> str | None:
    """A timestamp in the form in which those of messages are compared."""
    value = call.given(name)
    if value in (None, "", "0", 0):
        return None
    try:
        return f"{float(value):.6f}"
    except (TypeError, ValueError) as error:
        raise Refusal(f"invalid_ts_{name}") from error


PAGE = "cursor limit"
SPAN = "channel latest oldest inclusive include_all_metadata"

METHODS = {
    "conversations.open": method(
        open_, "channel users return_im prevent_creation", "im:write", "mpim:write"
    ),
    "conversations.info": method(
        info, "channel include_locale include_num_members", *READ.values()
    ),
    "conversations.members": method(members, f"channel {PAGE}", *READ.values()),
    "conversations.list": method(list_, f"types exclude_archived team_id {PAGE}", *READ.values()),
    "conversations.join": method(join, "channel", "channels:join"),
    "conversations.history": method(history, f"{SPAN} {PAGE}", *HISTORY.values()),
    "conversations.replies": method(replies, f"{SPAN} {PAGE} ts", *HISTORY.values()),
    "users.conversations": method(
        of_user, f"user types exclude_archived team_id {PAGE}", *READ.values()
    ),
}
