"""Answers to what people do: each once, a sign of life within a second, and nothing goes wrong in
silence."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from slack_sdk.errors import SlackClientError
from structlog.stdlib import get_logger

from adapters.slack.contexts import Contexts, Json, Origin
from adapters.slack.handled import Handled
from adapters.slack.modals import TooLateError
from adapters.slack.names import NAME
from adapters.slack.render import Rendered, rendered
from adapters.slack.surfaces import Surface
from adapters.slack.validate import view_findings
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.chat.failures import apology
from bot.chat.forms import Form
from bot.chat.guard import BrokenLimitError, Guard
from bot.chat.views.delivered import note
from bot.errors import MatomeError
from bot.locales import Texts
from bot.meter import NO_METER, Meter
from bot.view import Button, Effect, View

# Slack waits three seconds; people see that something happens after one.
PATIENCE = 0.6

_log = get_logger(__name__)

# The view of a form that is opened in a place ("" for none).
MakeDialog = Callable[[Form, str, Texts], Json]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did.

    `doing` says in the log what is being done, `known_by` tells it from everything else, and
    `is_for_all` that all in the channel see what comes of it. What it asks for is None where the
    answer is given already.
    """

    doing: str
    known_by: tuple[str, ...]
    origin: Origin
    ask: Callable[[Context], Awaitable[Reply | Form | None]]
    is_for_all: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer as it is sent, and whether it takes the place of what was pressed.

    Where there is a `dialog` that is opened; the rest is for when it is too late for one.
    """

    rendered: Rendered
    texts: Texts
    replaces: bool = False
    dialog: Json | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers what people do; nothing that goes wrong leaves it, and everybody gets an answer."""

    chat: Chat
    contexts: Contexts
    handled: Handled
    guard: Guard
    make_dialog: MakeDialog
    patience: float = PATIENCE
    meter: Meter = NO_METER

    async def answer(self, deed: Deed, surface: Surface) -> None:
        """Ask the chat, and show what it says."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        texts = self.contexts.guessed(deed.origin)
        work = asyncio.ensure_future(self._drawn(deed))
        try:
            await asyncio.wait([work], timeout=self.patience)
            if not work.done():
                # Where that cannot be shown, the answer may be all the same.
                with suppress(MatomeError, TooLateError, SlackClientError):
                    await surface.wait(texts)
            drawn = await work
            if drawn is None:
                await surface.ignore()
            else:
                arrived = await self._show(deed, drawn, surface)
                self.meter.replied(NAME, loop.time() - began, arrived=arrived)
        except (MatomeError, TooLateError) as error:
            _log.warning("an answer could not be shown", doing=deed.doing, cause=error)
            self.meter.replied(NAME, loop.time() - began, arrived=False)
        finally:
            work.cancel()

    async def _drawn(self, deed: Deed) -> Drawn | None:
        """The border where an error becomes an answer; None where it is answered already."""
        texts = self.contexts.guessed(deed.origin)
        try:
            if not await self.handled.take(*deed.known_by):
                return None
            context = await self._context(deed)
            texts = context.texts
            reply = await deed.ask(context)
            if reply is None:
                return None
            if isinstance(reply, Form):
                return await self._dialog(reply, context)
            return await self._view(reply.view, texts, replaces=reply.effect is Effect.REPLACE)
        except Exception as error:
            return await self._apology(error, texts, deed)

    async def _context(self, deed: Deed) -> Context:
        if deed.is_for_all:
            return self.contexts.of_all(deed.origin)
        return await self.contexts.of(deed.origin)

    async def _show(self, deed: Deed, drawn: Drawn, surface: Surface) -> bool:
        """Show an answer; whether Slack took it, or else the excuse for it."""
        try:
            await self._put(drawn, surface)
        except (SlackClientError, BrokenLimitError) as error:
            # What Slack does not take is a mistake of ours; the person gets an answer all the same.
            told = await self._apology(error, drawn.texts, deed)
            try:
                await self._put(told, surface)
            except SlackClientError as again:
                _log.error("an answer could not be shown", doing=deed.doing, cause=again)
                return False
        return True

    async def _put(self, drawn: Drawn, surface: Surface) -> None:
        if drawn.dialog is not None:
            try:
                await surface.open(drawn.dialog)
                return
            except TooLateError:
                _log.info("a dialog came too late")
        await surface.show(drawn.rendered, drawn.texts, replaces=drawn.replaces)

    async def _apology(self, error: Exception, texts: Texts, deed: Deed) -> Drawn:
        return await self._view(apology(error, texts, deed.doing), texts)

    async def _dialog(self, form: Form, context: Context) -> Drawn:
        texts = context.texts
        dialog = self.make_dialog(form, context.target, texts)
        self.guard.check(dialog, view_findings)
        once_more = Button(texts("form.button.open"), form.action, primary=True)
        late = await self._view(note(texts("form.late"), once_more), texts)
        return replace(late, dialog=dialog)

    async def _view(self, view: View, texts: Texts, *, replaces: bool = False) -> Drawn:
        codes = await self.chat.codes_of(view.actions())
        made = rendered(view, codes, texts)
        self.guard.check(made.arguments())
        return Drawn(made, texts, replaces)
