"""What Slack tells as questions to the chat: commands, presses, messages, mentions, shortcuts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from html import unescape

from structlog.stdlib import get_logger

from adapters.slack.answering import Answering, Deed
from adapters.slack.contexts import Json, Origin, of_command, of_interaction, of_message
from adapters.slack.filling import PATIENCE as DIALOG_PATIENCE
from adapters.slack.filling import Filling
from adapters.slack.home import SEARCHED, Home
from adapters.slack.in_front import in_front
from adapters.slack.means import Means
from adapters.slack.modals import Modal
from adapters.slack.names import NAME, Target
from adapters.slack.places import Places
from adapters.slack.reading import linked, written
from adapters.slack.render import CHOICE, PRESS
from adapters.slack.surfaces import Ack, Beside, Conversation, Surface
from adapters.slack.unfurling import Unfurling
from bot.chat.chat import Reply
from bot.chat.codes import effect_of, is_code
from bot.chat.commands import MESSAGE_COMMANDS
from bot.chat.context import Context
from bot.chat.forms import Form
from bot.chat.lines import may_open_form
from bot.errors import MatomeError, UserError
from bot.subscription import Place
from bot.view import Effect

# A longer text is too long for the chat too, which says so.
_MAX_TYPED = 2000
# Kinds of messages that people write; all others tell of something that happened.
_WRITTEN = (None, "file_share", "thread_broadcast")
# What tells that the bot, or everybody, cannot write in a channel any more.
_CHANGED = frozenset(
    f"{kind}_{what}"
    for kind in ("channel", "group")
    for what in ("archive", "deleted", "left", "unarchive")
)

_log = get_logger(__name__)

Joined = Callable[[Place, str], Awaitable[None]]
Left = Callable[[Json], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Events:
    """Answers what people do; `joined` is told of channels into which the bot was invited.

    `left` is given events that say that the app was thrown out, or that tokens were revoked.
    """

    answering: Answering
    means: Means
    places: Places
    joined: Joined
    dialog_patience: float = DIALOG_PATIENCE
    left: Left | None = field(default=None, kw_only=True)

    @property
    def filling(self) -> Filling:
        """What is done with dialogs."""
        return Filling(self.answering, self.means, self.places, self.dialog_patience)

    async def command(self, body: Json, workspace: str, acknowledge: Ack) -> None:
        """Answer a slash command; it is acknowledged within a second."""
        origin = of_command(body, workspace)
        if origin.target is not None:
            # Only who is in a channel can type there, which is not to be asked of all channels.
            self.places.note(origin.target, origin.person)
        text = written(str(body.get("text") or ""))[:_MAX_TYPED]

        async def ask(context: Context) -> Reply | Form:
            return await self.answering.chat.commanded(text, context)

        known_by = ("command", str(body["trigger_id"]))
        surface = self._beside(body, origin, acknowledge)
        answering = self.answering
        if may_open_form(text):
            # What stands for an answer meanwhile could not be taken away by a dialog.
            answering = replace(answering, patience=self.dialog_patience)
        await answering.answer(Deed("a command in Slack", known_by, origin, ask), surface)

    async def pressed(self, body: Json, action: Json, workspace: str) -> None:
        """Answer a press or a choice; what only opens an address, or is not ours, needs none."""
        action_id = str(action.get("action_id") or "")
        if not action_id.startswith((PRESS, CHOICE, SEARCHED)):
            return
        code, chat = code_of(action), self.answering.chat
        origin = of_interaction(body, workspace)
        container = body.get("container") or {}

        async def ask(context: Context) -> Reply | Form:
            if action_id == SEARCHED:
                return await chat.typed(str(action.get("value") or ""), context)
            return await chat.pressed(code, context)

        known_by = (
            "press",
            str(origin.person),
            str(container.get("message_ts") or container.get("view_id")),
            action_id,
            str(action.get("action_ts")),
        )
        deed = Deed("a press in Slack", known_by, origin, ask)
        await self.answering.answer(deed, self._beside_pressed(body, origin, code))

    async def message_shortcut(self, body: Json, workspace: str) -> None:
        """Answer a command on somebody's message."""
        name, text = body.get("callback_id"), linked(body.get("message") or {})

        async def ask(context: Context) -> Reply | Form:
            for spec in MESSAGE_COMMANDS:
                if spec.name == name:
                    return await self.answering.chat.asked(spec.intent(text), context)
            raise UserError("code.other_version")

        origin = of_interaction(body, workspace)
        known_by = ("shortcut", str(body["trigger_id"]))
        deed = Deed("a command on a message in Slack", known_by, origin, ask)
        await self.answering.answer(deed, self._beside(body, origin))

    async def happened(self, body: Json, workspace: str) -> None:
        """Answer direct messages and mentions, and notice where the bot comes and goes."""
        event, known_by = body["event"], ("event", str(body.get("event_id")))
        match event.get("type"):
            case "message" if event.get("channel_type") == "im" and _is_written(event):
                await self._written(event, workspace, known_by)
            case "app_mention" if event.get("channel_type") != "im" and _is_written(event):
                await self._mentioned(event, workspace, known_by)
            case "app_home_opened" if event.get("tab") == "home":
                await Home(self.answering, self.means, self.places).opened(
                    event, workspace, known_by
                )
            case "link_shared":
                await Unfurling(self.answering, self.means).shared(event, workspace, known_by)
            case "member_joined_channel":
                await self._joined(event, workspace, known_by)
            case "app_uninstalled" | "tokens_revoked":
                await self._left(body)
            case kind if kind in _CHANGED:
                self.places.forget(Target(workspace, str(event.get("channel"))))
            case _:
                pass

    async def _written(self, event: Json, workspace: str, known_by: tuple[str, ...]) -> None:
        origin = of_message(event, workspace)
        text = written(str(event.get("text") or ""))[:_MAX_TYPED]

        async def ask(context: Context) -> Reply:
            return await self.answering.chat.typed(text, context)

        target = Target(workspace, str(event["channel"]), event.get("thread_ts"))
        surface = Conversation(self.means, origin.person, target, str(event["ts"]))
        deed = Deed("a direct message in Slack", known_by, origin, ask)
        await self.answering.answer(deed, surface)

    async def _mentioned(self, event: Json, workspace: str, known_by: tuple[str, ...]) -> None:
        """Answer for all, in the thread of the message."""
        origin = of_message(event, workspace)
        text = written(str(event.get("text") or ""))[:_MAX_TYPED].strip()

        async def ask(context: Context) -> Reply:
            return await self.answering.chat.typed(text, context)

        thread = str(event.get("thread_ts") or event["ts"])
        target = Target(workspace, str(event["channel"]), thread)
        surface = Conversation(self.means, origin.person, target, str(event["ts"]))
        deed = Deed("a mention in Slack", known_by, origin, ask, is_for_all=True)
        await self.answering.answer(deed, surface)

    async def _joined(self, event: Json, workspace: str, known_by: tuple[str, ...]) -> None:
        """Say hello in the first channel into which the bot is invited."""
        target = Target(workspace, str(event.get("channel")))
        self.places.forget(target)
        try:
            member = await self.means.workspaces.member(workspace)
            if event.get("user") != member.user:
                return
            if await self.answering.handled.take(*known_by):
                language = self.answering.contexts.speech.usual
                await self.joined(Place(NAME, str(target), workspace), language)
        except (MatomeError, OSError) as error:
            _log.warning("a new channel could not be noted", cause=error)

    async def _left(self, body: Json) -> None:
        try:
            if self.left is not None:
                await self.left(body)
        except (MatomeError, OSError) as error:
            _log.warning("that the app was removed could not be noted", cause=error)

    def _beside_pressed(self, body: Json, origin: Origin, code: str) -> Surface:
        """Where the answer to a press belongs."""
        trigger, target, message = str(body.get("trigger_id")), origin.target, origin.message
        guard, at = self.answering.guard, str(body["actions"][0].get("action_ts") or "0")
        if origin.view is not None and origin.is_home:
            return in_front(self.means, self.places, guard, origin.person, trigger, at, origin.view)
        if origin.view is not None:
            place, view = "" if target is None else str(target), origin.view
            replaces = _replaces(code)
            return Modal(self.means, guard, origin.person, place, trigger, view, replaces)
        assert target is not None
        if target.channel.startswith("D") and not origin.is_private and message is not None:
            return Conversation(self.means, origin.person, target, at, message.ts, trigger)
        return self._beside(body, origin)

    def _beside(self, body: Json, origin: Origin, acknowledge: Ack | None = None) -> Beside:
        assert origin.target is not None
        url, trigger = str(body.get("response_url") or ""), str(body.get("trigger_id"))
        return Beside(self.means, origin.person, origin.target, url, trigger, acknowledge)


def code_of(action: Json) -> str:
    """The code of what was pressed or chosen; Slack may have escaped it on the way."""
    chosen = action.get("selected_option") or action
    code = str(chosen.get("value") or "")
    return code if is_code(code) else unescape(code)


def _is_written(event: Json) -> bool:
    """Whether a person has written a message, just now."""
    by_person = bool(event.get("user")) and not event.get("bot_id")
    return by_person and event.get("subtype") in _WRITTEN and "edited" not in event


def _replaces(code: str) -> bool:
    try:
        return effect_of(code) is Effect.REPLACE
    except UserError:
        # Which the chat says too, in words.
        return False
