"""An answer to an interaction: a sign of life within a second, then the answer in its place.

Answers go to the person alone, but in direct messages, where they stay.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import ui
from structlog.stdlib import get_logger

from adapters.discord.components import Layout
from adapters.discord.contexts import Speech, is_direct, of_interaction
from adapters.discord.dialog_limits import dialog_findings
from adapters.discord.dialogs import dialog
from adapters.discord.failing import (
    ANSWERED_ALREADY,
    TOKEN_OVER,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
)
from adapters.discord.failing import UNKNOWN_WEBHOOK as GONE_WEBHOOK
from adapters.discord.messages import NAME
from adapters.discord.pictures import NO_FILES, Attachments, attached, files, weight
from adapters.discord.render import body, rendered
from bot.chat.chat import Chat, Reply
from bot.chat.codes import effect_of
from bot.chat.context import Context
from bot.chat.failures import apology
from bot.chat.forms import Form
from bot.chat.guard import Guard
from bot.chat.library import NO_PICTURES
from bot.chat.views.delivered import note
from bot.errors import UserError
from bot.locales import Texts
from bot.meter import NO_METER, Meter
from bot.ports import Pictures
from bot.view import Action, Button, Effect, View

# Discord waits three seconds; people see that something happens after one.
PATIENCE = 0.8
# A dialog can be opened by the first response alone, so that has to wait for it.
DIALOG_PATIENCE = 2.0
# Files of so many bytes go with the first answer; more might not be there in those three seconds.
LIGHT = 256 * 1024

_OVER = (UNKNOWN_INTERACTION, ANSWERED_ALREADY, TOKEN_OVER, GONE_WEBHOOK)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer as it is sent, and whether it takes the place of what was pressed.

    `attachments` are the pictures that go with it. Where there is a `dialog` it opens that; the
    layout is for when it is too late for one.
    """

    layout: Layout
    attachments: Attachments
    replaces: bool = False
    dialog: ui.Modal | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers interactions; nothing that goes wrong leaves it, and everybody gets an answer."""

    chat: Chat
    speech: Speech
    guard: Guard
    patience: float = PATIENCE
    dialog_patience: float = DIALOG_PATIENCE
    pictures: Pictures = NO_PICTURES
    meter: Meter = NO_METER

    async def answer(
        self,
        interaction: discord.Interaction[Any],
        doing: str,
        ask: Callable[[Context], Awaitable[Reply | Form]],
        effect: Effect = Effect.OPEN,
    ) -> None:
        """Ask the chat, and show what it says; `effect` is what becomes of that most likely.

        `doing` says in the log what was being done.
        """
        loop = asyncio.get_running_loop()
        began, arrived = loop.time(), False
        context = of_interaction(interaction, self.speech)
        can_replace = context.may_replace and context.message is not None
        replacing = effect is Effect.REPLACE and can_replace
        patience = self.dialog_patience if effect is Effect.FORM else self.patience
        pictured = interaction.app_permissions.attach_files
        drawing = self.drawn(doing, context.texts, lambda: ask(context), pictured=pictured)
        work = asyncio.ensure_future(drawing)
        try:
            await asyncio.wait([work], timeout=patience)
            if not work.done():
                await _defer(interaction, replacing)
            drawn = await work
            if weight(drawn.attachments) > LIGHT and not interaction.response.is_done():
                await _defer(interaction, drawn.replaces)
            await _show(interaction, drawn)
            arrived = True
        except discord.HTTPException as error:
            # Nobody waits for it any more: they have gone on, or it came too late.
            level = logging.INFO if error.code in _OVER else logging.WARNING
            _log.log(level, "an answer could not be shown", doing=doing, cause=error)
        except (aiohttp.ClientError, OSError) as error:
            _log.warning("an answer could not be shown", doing=doing, cause=error)
        finally:
            work.cancel()
            self.meter.replied(NAME, loop.time() - began, arrived=arrived)

    async def pressed(self, interaction: discord.Interaction[Any], code: str) -> None:
        """Answer a press."""
        try:
            effect = effect_of(code)
        except UserError:
            # Which the chat says too, in words.
            effect = Effect.OPEN
        await self.answer(
            interaction,
            "a press in Discord",
            lambda context: self.chat.pressed(code, context),
            effect,
        )

    async def submitted(
        self, interaction: discord.Interaction[Any], code: str, values: Mapping[str, str]
    ) -> None:
        """Answer a dialog that was filled in."""
        await self.answer(
            interaction,
            "a dialog in Discord",
            lambda context: self.chat.submitted(code, values, context),
            Effect.REPLACE,
        )

    async def drawn(
        self,
        doing: str,
        texts: Texts,
        ask: Callable[[], Awaitable[Reply | Form]],
        *,
        pictured: bool,
    ) -> Drawn:
        """The border where an error becomes an answer; `pictured` if it may have files."""
        try:
            reply = await ask()
            if isinstance(reply, Form):
                return await self._dialog(reply, texts)
            found = await attached(reply.view, self.pictures) if pictured else NO_FILES
            layout = await self._layout(reply.view, texts, found)
            return Drawn(layout, found, reply.effect is Effect.REPLACE)
        except Exception as error:
            return await self._sorry(error, texts, doing)

    async def _sorry(self, error: Exception, texts: Texts, doing: str) -> Drawn:
        """What an error becomes; where its buttons fail as well, that is said without any."""
        try:
            layout = await self._layout(apology(error, texts, doing), texts, NO_FILES)
        except Exception as another:
            layout = await self._layout(apology(another, texts, doing), texts, NO_FILES)
        return Drawn(layout, NO_FILES)

    async def _dialog(self, form: Form, texts: Texts) -> Drawn:
        opened = dialog(form)
        self.guard.check(opened.to_dict(), dialog_findings)
        once_more = Button(texts("form.button.open"), form.action, primary=True)
        late = note(texts("form.late"), once_more)
        return Drawn(await self._layout(late, texts, NO_FILES), NO_FILES, dialog=opened)

    async def _layout(self, view: View, texts: Texts, attachments: Attachments) -> Layout:
        codes: Mapping[Action, str] = await self.chat.codes_of(view.actions())
        layout = rendered(view, codes, texts, attachments)
        self.guard.check(body(layout, attachments))
        return layout


async def _defer(interaction: discord.Interaction[Any], replacing: bool) -> None:
    """Say that an answer is on its way: beside what was pressed, or in its place."""
    if replacing:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=_in_private(interaction), thinking=True)


async def _show(interaction: discord.Interaction[Any], drawn: Drawn) -> None:
    response, layout, private = interaction.response, drawn.layout, _in_private(interaction)
    is_done = response.is_done()
    if drawn.dialog is not None and not is_done:
        await response.send_modal(drawn.dialog)
        return
    # Where an edit was promised, but it is an error, that is shown beside what was pressed.
    edits = drawn.replaces or (is_done and response.type is not _PROMISED_EDIT)
    if edits and await _edited(interaction, drawn):
        return
    sent = files(drawn.attachments)
    if is_done:
        await interaction.followup.send(view=layout, files=sent, ephemeral=private)
    else:
        await response.send_message(view=layout, files=sent, ephemeral=private)


async def _edited(interaction: discord.Interaction[Any], drawn: Drawn) -> bool:
    """Put it in the place of what is there; False where that was deleted, and somebody waits."""
    response, sent = interaction.response, files(drawn.attachments)
    edit = interaction.edit_original_response if response.is_done() else response.edit_message
    try:
        # The files of what it takes the place of go.
        await edit(view=drawn.layout, attachments=sent)
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
        return False
    return True


_PROMISED_EDIT = discord.InteractionResponseType.deferred_message_update


def _in_private(interaction: discord.Interaction[Any]) -> bool:
    """Whether an answer is for the person alone, and gone when they leave."""
    return not is_direct(interaction)
