"""Events of Discord as questions to the chat: commands, completions, messages, mentions."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import app_commands
from structlog.stdlib import get_logger

from adapters.discord.answering import Answering, Drawn
from adapters.discord.commands import called, message_command
from adapters.discord.contexts import of_interaction, of_message
from adapters.discord.dialogs import values_of
from adapters.discord.failing import asked
from adapters.discord.messages import NAME, thread_name
from adapters.discord.offered import choices_of
from adapters.discord.pictures import request_of
from adapters.discord.places import InPlace, Places
from adapters.discord.platform import DiscordPlatform
from adapters.discord.render import body
from adapters.discord.validate import choice_findings
from bot.chat.chat import Reply
from bot.chat.commands import MESSAGE_COMMANDS
from bot.chat.context import Context
from bot.chat.failures import apology
from bot.chat.forms import Form
from bot.errors import DeliveryError, TryLater, UserError
from bot.outbox import delivery_key

# A longer message is too long for the chat too, which says so.
_MAX_TYPED = 2000
# How long is waited between the tries to answer a message, in seconds.
_PAUSES = (0.5, 2.0)
_LONGEST_PAUSE = 20.0
# A code ends with six signs behind its own "~", so this is none of it.
_NUMBER = re.compile(r"~[0-9]{1,3}\Z")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Events:
    """Answers what people do."""

    answering: Answering
    platform: DiscordPlatform
    places: Places
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def happened(self, interaction: discord.Interaction[Any]) -> None:
        """Answer an interaction."""
        match interaction.type:
            case discord.InteractionType.application_command:
                await self._command(interaction)
            case discord.InteractionType.autocomplete:
                await self._complete(interaction)
            case discord.InteractionType.component:
                await self._pressed(interaction)
            case discord.InteractionType.modal_submit:
                await self._submitted(interaction)
            case _:
                pass

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press; it works after a restart, since the code says it all."""
        await self._note_rights(interaction, is_command=False)
        await self.answering.pressed(interaction, _code_of(interaction.data or {}))

    async def _submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a dialog that was filled in."""
        await self._note_rights(interaction, is_command=False)
        data: Any = interaction.data or {}
        values = values_of(data, interaction.guild_id)
        await self.answering.submitted(interaction, str(data.get("custom_id", "")), values)

    async def written(self, message: discord.Message) -> None:
        """Answer a direct message, or one that mentions the bot."""
        me = self.platform.client.user
        if me is None or message.author.bot or message.webhook_id is not None:
            return
        if message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return
        if message.guild is None:
            await self._reply(message, str(message.channel.id), message.content)
        elif me.id in message.raw_mentions:
            asked_for = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
            await self._answer_mention(message, asked_for)

    async def _command(self, interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data
        if data.get("type", 1) == discord.AppCommandType.message.value:
            await self._message_command(interaction, data)
            return
        command = called(data, interaction.guild_id)
        is_managing = command.top is not None and command.top.for_managers
        await self._note_rights(interaction, is_command=is_managing)

        async def ask(context: Context) -> Reply | Form:
            if command.command is None:
                raise UserError("code.other_version")
            intent = command.command.intent(command.values)
            return await self.answering.chat.asked(intent, context)

        await self.answering.answer(interaction, "a command in Discord", ask)

    async def _message_command(self, interaction: discord.Interaction[Any], data: Any) -> None:
        messages = data.get("resolved", {}).get("messages", {})
        text = "\n".join(_texts_of(messages.get(str(data.get("target_id")), {})))
        name = message_command(data)

        async def ask(context: Context) -> Reply | Form:
            for spec in MESSAGE_COMMANDS:
                if spec.name == name:
                    return await self.answering.chat.asked(spec.intent(text), context)
            raise UserError("code.other_version")

        await self.answering.answer(interaction, "a command on a message in Discord", ask)

    async def _complete(self, interaction: discord.Interaction[Any]) -> None:
        """Complete what is typed; where that fails, there is nothing to choose from."""
        data: Any = interaction.data
        command = called(data, interaction.guild_id)
        if command.focused is None:
            return
        option, text = command.focused
        context = of_interaction(interaction, self.answering.speech)
        is_managing = command.top is not None and command.top.for_managers
        await self._note_rights(interaction, is_command=is_managing)
        try:
            chat = self.answering.chat
            offers = await chat.complete_option(command.path, option, text, context)
            choices = choices_of((offer.label, offer.value) for offer in offers)
            self.platform.guard.check(choices, choice_findings)
        except Exception as error:
            apology(error, context.texts, "a completion in Discord")
            choices = []
        try:
            shown: list[app_commands.Choice[str]] = [
                app_commands.Choice(**each) for each in choices
            ]
            await interaction.response.autocomplete(shown)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            # They have typed on, most likely.
            _log.debug("a completion could not be shown", cause=error)

    async def _note_rights(
        self, interaction: discord.Interaction[Any], *, is_command: bool
    ) -> None:
        """Note whether somebody may manage the place, which comes with what they do.

        Who can call the command for managers may, unless that takes more than Discord asks for:
        it has looked at what the server's owner set.
        """
        user, channel = interaction.user, interaction.channel
        if not isinstance(user, discord.Member) or channel is None:
            return
        if not interaction.is_guild_integration():
            return
        target, person = str(channel.id), str(user.id)
        if is_command and not self.places.only_admins:
            self.places.note(target, person, True)
        elif isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            self.places.note(target, person, InPlace(user, interaction.permissions))

    async def _answer_mention(self, message: discord.Message, asked_for: str) -> None:
        """Answer in a thread on the message; where none can be, beside it."""
        target = str(message.channel.id)
        if not isinstance(message.channel, discord.Thread):
            title = thread_name(asked_for)
            try:
                target = await self.platform.thread(f"{target}/{message.id}", title)
            except (DeliveryError, discord.HTTPException) as error:
                _log.info("no thread for a mention", cause=error)
        await self._reply(message, target, asked_for)

    async def _reply(self, message: discord.Message, target: str, text: str) -> None:
        """Answer a message; whoever waits for longer sees that something is being written."""
        loop = asyncio.get_running_loop()
        began, arrived = loop.time(), False
        context = of_message(message, target, self.answering.speech)
        asking = self.answering.drawn(
            "an answer to a message in Discord",
            context.texts,
            lambda: self.answering.chat.typed(text[:_MAX_TYPED], context),
            pictured=_may_attach(message),
        )
        work = asyncio.ensure_future(asking)
        http = self.platform.client.http
        try:
            await asyncio.wait([work], timeout=self.answering.patience)
            if not work.done():
                with suppress(DeliveryError, discord.HTTPException):
                    await asked(http, http.send_typing(int(target)), target)
            await self._say(message, target, await work)
            arrived = True
        except (DeliveryError, discord.HTTPException) as error:
            _log.warning("a message could not be answered", cause=error)
        finally:
            work.cancel()
            self.answering.meter.replied(NAME, loop.time() - began, arrived=arrived)

    async def _say(self, message: discord.Message, target: str, drawn: Drawn) -> None:
        """Send an answer; what Discord does not take at once is tried again, and said once."""
        payload: dict[str, Any] = {
            **body(drawn.layout, drawn.attachments),
            "nonce": delivery_key("reply", message.id),
            "enforce_nonce": True,
        }
        if target == str(message.channel.id):
            payload["message_reference"] = {
                "message_id": str(message.id),
                "channel_id": target,
                "fail_if_not_exists": False,
            }
        self.platform.guard.note(payload)
        for pause in _PAUSES:
            try:
                await self._send(target, payload, drawn)
                return
            except TryLater as error:
                seconds = pause if error.seconds is None else error.seconds
                if seconds > _LONGEST_PAUSE:
                    raise
                await self.sleep(seconds)
        await self._send(target, payload, drawn)

    async def _send(self, target: str, payload: dict[str, Any], drawn: Drawn) -> None:
        http = self.platform.client.http
        params = request_of(payload, drawn.attachments)
        await asked(http, http.send_message(int(target), params=params), target)


def _code_of(data: Any) -> str:
    """The code of what was pressed or chosen.

    A choice has the codes of its options; where a message has a code once more, a number follows.
    """
    chosen = data.get("values") or [data.get("custom_id", "")]
    return _NUMBER.sub("", str(chosen[0]))


def _may_attach(message: discord.Message) -> bool:
    """Whether an answer to a message may have files; a thread on it is like its channel."""
    if message.guild is None:
        return True
    channel = message.channel
    known = channel.parent if isinstance(channel, discord.Thread) else channel
    if not isinstance(known, discord.abc.GuildChannel):
        return False
    return known.permissions_for(message.guild.me).attach_files


def _texts_of(message: Any) -> list[str]:
    """What somebody's message says: its text, and the links of its previews."""
    said = [str(message.get("content", ""))]
    for embed in message.get("embeds", ()):
        said += [str(embed.get("url") or ""), str(embed.get("description") or "")]
    return said
