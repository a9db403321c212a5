"""Routes of channels: messages and their history, threads on messages and in forums, DMs."""

from tests.discord.server.messages import check_message
from tests.discord.server.permissions import BITS
from tests.discord.server.refusals import Form, Json, Refusal, unknown
from tests.discord.server.rest import Answer, Call
from tests.discord.server.state import State
from tests.discord.server.uploads import Files
from tests.discord.server.wire import channel_json, message_json, nonce_json
from tests.discord.server.world import Channel, Flag, Kind, Message, User

NONCE = 25
ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
SENT = Flag.SUPPRESS_EMBEDS | Flag.SILENT | Flag.COMPONENTS_V2


async def show_channel(call: Call) -> Answer:
    return channel_json(call.state.visible(call.id("channel")))


async def post_message(call: Call) -> Answer:
    state, body = call.state, call.form
    channel = state.visible(call.id("channel"))
    state.may_send(channel)
    _may_attach(state, channel, call.files)
    nonce = _nonce(body)
    if nonce is not None and body.get("enforce_nonce"):
        earlier = state.known_nonce(state.bot, nonce)
        if earlier is not None:
            state.note("post", earlier, repeated=True)
            return message_json(earlier) | nonce_json(earlier)
    message = state.write(channel, state.bot, body, call.files, may_set=SENT, nonce=nonce)
    return message_json(message) | nonce_json(message)


def _nonce(body: Json) -> str | None:
    nonce = body.get("nonce")
    if nonce is None:
        return None
    form = Form()
    form.length(("nonce",), str(nonce), 0, NONCE)
    form.check()
    return str(nonce)


async def edit_message(call: Call) -> Answer:
    state = call.state
    channel = state.visible(call.id("channel"))
    message = state.message(channel, call.id("message"))
    if message.author.id != state.bot.id:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    if channel.archived:
        raise Refusal(400, 50083, "Thread is archived")
    _may_attach(state, channel, call.files)
    return message_json(state.change(message, call.form, call.files))


def _may_attach(state: State, channel: Channel, files: Files) -> None:
    if files:
        state.need(channel, "attach_files")


async def delete_message(call: Call) -> Answer:
    state = call.state
    channel = state.visible(call.id("channel"))
    message = state.message(channel, call.id("message"))
    if message.author.id != state.bot.id:
        state.need(channel, "manage_messages")
    state.remove(message)
    return None


async def show_message(call: Call) -> Answer:
    channel = call.state.visible(call.id("channel"))
    call.state.need(channel, "read_message_history")
    return message_json(call.state.message(channel, call.id("message")))


async def history(call: Call) -> Answer:
    """Newest first; without the right to read it, it is empty."""
    state, query = call.state, call.query
    channel = state.visible(call.id("channel"))
    limit = int(query.get("limit", "50"))
    form = Form()
    form.number(("limit",), limit, 1, 100)
    form.check()
    if not state.rights(channel) & BITS["read_message_history"]:
        return []
    return [message_json(one) for one in _stretch(channel, query, limit)]


def _stretch(channel: Channel, query: dict[str, str], limit: int) -> list[Message]:
    keys = sorted(channel.messages)
    if "around" in query:
        middle = int(query["around"])
        earlier = [key for key in keys if key < middle][-(limit // 2) :]
        later = [key for key in keys if key >= middle][: limit - len(earlier)]
        keys = earlier + later
    elif "after" in query:
        keys = [key for key in keys if key > int(query["after"])][:limit]
    else:
        before = int(query.get("before", 2**63))
        keys = [key for key in keys if key < before][-limit:]
    return [channel.messages[key] for key in reversed(keys)]


async def publish(call: Call) -> Answer:
    state = call.state
    channel = state.visible(call.id("channel"))
    message = state.message(channel, call.id("message"))
    if channel.kind is not Kind.ANNOUNCEMENT:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    state.need(channel, "send_messages")
    if message.author.id != state.bot.id:
        state.need(channel, "manage_messages")
    if message.flags & Flag.CROSSPOSTED:
        raise Refusal(400, 40033, "This message has already been crossposted.")
    message.flags |= Flag.CROSSPOSTED
    state.note("publish", message)
    state.tell_message("MESSAGE_UPDATE", message)
    return message_json(message)


def _check_thread(state: State, parent: Channel, body: Json, where: tuple[str, ...] = ()) -> int:
    """What a thread's own form says: how long it stays open."""
    form = Form()
    form.length((*where, "name"), body.get("name"), 1, 100)
    minutes = body.get("auto_archive_duration")
    form.one_of((*where, "auto_archive_duration"), minutes, ARCHIVE_MINUTES)
    form.check()
    guild = parent.guild
    assert guild is not None
    active = [one for one in guild.channels.values() if one.is_thread and not one.archived]
    if len(active) >= guild.thread_limit:
        raise Refusal(400, 160006, "Maximum number of active threads reached")
    return minutes or 1440


async def thread_on_message(call: Call) -> Answer:
    state = call.state
    parent = state.visible(call.id("channel"))
    message = state.message(parent, call.id("message"))
    if parent.kind not in (Kind.TEXT, Kind.ANNOUNCEMENT):
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    state.need(parent, "create_public_threads")
    if message.thread is not None or message.id in state.channels:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    minutes = _check_thread(state, parent, call.form)
    return channel_json(state.open_thread(parent, state.bot, call.form["name"], minutes, message))


async def thread_in_channel(call: Call) -> Answer:
    state, body = call.state, call.form
    parent = state.visible(call.id("channel"))
    if parent.kind is Kind.FORUM:
        return _forum_post(state, parent, body, call.files)
    if parent.kind not in (Kind.TEXT, Kind.ANNOUNCEMENT):
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    state.need(parent, "create_public_threads")
    minutes = _check_thread(state, parent, body)
    return channel_json(state.open_thread(parent, state.bot, body["name"], minutes, None))


def _forum_post(state: State, parent: Channel, body: Json, files: Files) -> Json:
    state.need(parent, "send_messages")
    _may_attach(state, parent, files)
    minutes = _check_thread(state, parent, body)
    form = Form()
    message = body.get("message")
    if not isinstance(message, dict):
        form.required(("message",))
    tags = [int(tag) for tag in body.get("applied_tags") or ()]
    form.length(("applied_tags",), tags, 0, 5)
    form.check()
    if any(tag not in parent.tags for tag in tags):
        raise Refusal(400, 10087, "Unknown Tag")
    if parent.tag_required and not tags:
        raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
    assert isinstance(message, dict)
    # All that is wrong is said before there is a thread.
    flags = (message.get("flags") or 0) & SENT
    check_message(message, flags, files, state.ids, where=("message",))
    thread = state.open_thread(parent, state.bot, body["name"], minutes, None)
    thread.applied_tags = tags
    # A forum post's first message has the post's own id.
    first = state.write(thread, state.bot, message, files, may_set=SENT, key=thread.id)
    return channel_json(thread) | {"message": message_json(first)}


def forget_channel(state: State, channel: Channel) -> None:
    state.channels.pop(channel.id, None)
    if channel.guild is not None:
        channel.guild.channels.pop(channel.id, None)


async def edit_channel(call: Call) -> Answer:
    """Of a thread: name, archived, locked."""
    state, body = call.state, call.form
    channel = state.visible(call.id("channel"))
    own = channel.is_thread and channel.owner_id == state.bot.id and "locked" not in body
    if not own:
        state.need(channel, "manage_threads" if channel.is_thread else "manage_channels")
    form = Form()
    if "name" in body:
        form.length(("name",), body["name"], 1, 100)
    form.check()
    channel.name = body.get("name", channel.name)
    if channel.is_thread:
        channel.archived = bool(body.get("archived", channel.archived))
        channel.locked = bool(body.get("locked", channel.locked))
    return channel_json(channel)


async def join_thread(call: Call) -> Answer:
    call.state.visible(call.id("channel"))
    return None


async def typing(call: Call) -> Answer:
    call.state.may_send(call.state.visible(call.id("channel")))
    return None


async def open_dm(call: Call) -> Answer:
    state = call.state
    key = str(call.form.get("recipient_id"))
    person = state.users.get(int(key)) if key.isdecimal() else None
    if person is None:
        form = Form()
        form.wrong(("recipient_id",), "USER_UNKNOWN", "Unknown user")
        form.check()
        raise unknown("User")
    if person.bot:
        raise Refusal(403, 50007, "Cannot send messages to this user")
    return channel_json(dm_with(state, person))


def dm_with(state: State, person: User) -> Channel:
    channel = state.dms.get(person.id)
    if channel is None:
        channel = Channel(state.ids.next(), Kind.DM, "", person=person, made_at=state.clock.now())
        state.dms[person.id] = state.channels[channel.id] = channel
    return channel
