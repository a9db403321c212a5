"""Routes that answer interactions: the callback, then follow-ups and edits with its token."""

from datetime import timedelta

from tests.discord.server.components import check_modal
from tests.discord.server.refusals import Form, Json, Refusal, unknown
from tests.discord.server.rest import Answer, Call
from tests.discord.server.state import State
from tests.discord.server.uploads import Files
from tests.discord.server.wire import message_json
from tests.discord.server.world import Flag, Interaction, InteractionKind, Message

TOKEN_LIFE = timedelta(minutes=15)

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
MAY_ANSWER = {
    InteractionKind.COMMAND: (MESSAGE, DEFER, MODAL),
    InteractionKind.COMPONENT: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL),
    InteractionKind.AUTOCOMPLETE: (CHOICES,),
    InteractionKind.MODAL: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE),
}
SENT = Flag.SUPPRESS_EMBEDS | Flag.EPHEMERAL | Flag.SILENT | Flag.COMPONENTS_V2


async def callback(call: Call) -> Answer:
    """The first answer, within 3 s, once."""
    state, body = call.state, call.form
    interaction = state.interactions.get(call.path["token"])
    if interaction is None or str(interaction.id) != call.path["interaction"]:
        raise unknown("interaction")
    if interaction.answer is not None:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    if state.clock.now() - interaction.at > state.answer_within:
        raise unknown("interaction")
    form = Form()
    kind = body.get("type")
    # What came from no message has none to change.
    without = () if interaction.on is not None else (DEFER_UPDATE, UPDATE)
    may = tuple(each for each in MAY_ANSWER[interaction.kind] if each not in without)
    form.one_of(("type",), kind or 0, may)
    form.check()
    assert isinstance(kind, int)
    _answer(state, interaction, kind, body.get("data") or {}, call.files)
    interaction.answer = kind
    interaction.heard.append(call.at)
    return _said(interaction, kind) if call.query.get("with_response") in ("1", "true") else None


def _answer(state: State, interaction: Interaction, kind: int, data: Json, files: Files) -> None:
    if kind == MESSAGE:
        interaction.original = _written(state, interaction, data, files, "answer", ("data",))
    elif kind == DEFER:
        flags = (data.get("flags") or 0) & Flag.EPHEMERAL | Flag.LOADING
        interaction.original = Message(
            state.ids.next(),
            interaction.channel,
            state.bot,
            {},
            state.clock.now(),
            flags=flags,
            kind=20,
            interaction=interaction,
        )
    elif kind == DEFER_UPDATE:
        interaction.original = interaction.on
    elif kind == UPDATE:
        assert interaction.on is not None
        _changed(state, interaction, interaction.on, data, files, ("data",))
        interaction.original = interaction.on
    elif kind == CHOICES:
        interaction.choices = _choices(data)
    else:
        form = Form()
        check_modal(form, ("data",), data)
        form.check()
        interaction.modal = data


def _choices(data: Json) -> list[Json]:
    form = Form()
    choices = data.get("choices") or []
    form.length(("data", "choices"), choices, 0, 25)
    for place, one in enumerate(choices):
        form.length(("data", "choices", place, "name"), one.get("name"), 1, 100)
        if isinstance(one.get("value"), str):
            form.length(("data", "choices", place, "value"), one["value"], 1, 100)
    form.check()
    return list(choices)


def _said(interaction: Interaction, kind: int) -> Json:
    message = interaction.original
    said: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    found: Json = {"interaction": said, "resource": {"type": kind}}
    if message is not None:
        said["response_message_id"] = str(message.id)
        said["response_message_loading"] = bool(message.flags & Flag.LOADING)
        said["response_message_ephemeral"] = message.private
        found["resource"]["message"] = message_json(message)
    return found


def _written(
    state: State,
    interaction: Interaction,
    data: Json,
    files: Files,
    what: str,
    where: tuple[str, ...] = (),
) -> Message:
    return state.write(
        interaction.channel,
        state.bot,
        data,
        files,
        what=what,
        may_set=SENT,
        where=where,
        interaction=interaction,
    )


def _changed(
    state: State,
    interaction: Interaction,
    message: Message,
    data: Json,
    files: Files,
    where: tuple[str, ...] = (),
) -> Message:
    if message.deleted:
        raise unknown("Message")
    if not message.flags & Flag.LOADING:
        state.change(message, data, files, what="answer-edit", where=where)
    else:
        state.change(message, data, files, what="answer", where=where)
        if not message.private:
            message.channel.messages[message.id] = message
    interaction.edits += 1
    state.changes.tell()
    return message


def _live(call: Call) -> Interaction:
    """The interaction of a token that has been answered and is still good."""
    state = call.state
    interaction = state.interactions.get(call.path["token"])
    if call.path["application"] != str(state.bot.id):
        raise unknown("Webhook")
    if interaction is None or interaction.answer is None:
        raise unknown("Webhook")
    if state.clock.now() - interaction.at > TOKEN_LIFE:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    return interaction


def _of(call: Call, interaction: Interaction) -> Message:
    named = call.path["message"]
    if named == "@original":
        if interaction.original is None or interaction.original.deleted:
            raise unknown("Message")
        return interaction.original
    own: list[Message] = list(interaction.follow_ups)
    if interaction.original is not None:
        own.append(interaction.original)
    for message in own:
        if str(message.id) == named and not message.deleted:
            return message
    raise unknown("Message")


async def follow_up(call: Call) -> Answer:
    state = call.state
    interaction = _live(call)
    original = interaction.original
    if original is not None and original.flags & Flag.LOADING:
        # The first follow-up of a deferred answer takes its place.
        return message_json(_edited(call, interaction, original))
    message = _written(state, interaction, call.form, call.files, "follow-up")
    interaction.heard.append(call.at)
    interaction.follow_ups.append(message)
    state.changes.tell()
    return message_json(message)


async def show(call: Call) -> Answer:
    return message_json(_of(call, _live(call)))


async def edit(call: Call) -> Answer:
    interaction = _live(call)
    message = _of(call, interaction)
    return message_json(_edited(call, interaction, message))


def _edited(call: Call, interaction: Interaction, message: Message) -> Message:
    changed = _changed(call.state, interaction, message, call.form, call.files)
    interaction.heard.append(call.at)
    return changed


async def delete(call: Call) -> Answer:
    interaction = _live(call)
    call.state.remove(_of(call, interaction))
    return None
