"""Who asks, where, and what is possible there, from what Discord says with an event."""

from dataclasses import dataclass, field, replace
from typing import Any

import discord
from cachetools import LRUCache

from adapters.discord.keys import carried
from adapters.discord.limits import LIMITS
from adapters.discord.messages import NAME
from bot.chat.context import Context, Frame
from bot.locales import Texts
from bot.remembering import remembered

_THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)
# Where threads can hang on messages, or are already.
_WITH_THREADS = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    *_THREADS,
)


@dataclass(slots=True)
class Speech:
    """In which language somebody is answered; `usual` is that of the settings.

    Who wrote a message is answered in the language of their last interaction, which has one.
    """

    usual: str
    _spoken: "LRUCache[int, str]" = field(default_factory=remembered, init=False)

    def of_interaction(self, interaction: discord.Interaction[Any]) -> Texts:
        """The language of somebody's client."""
        language = self._known(str(interaction.locale.value)) or self.usual
        self._spoken[interaction.user.id] = language
        return Texts(language)

    def of_person(self, person: int) -> Texts:
        """The language of somebody's last interaction."""
        return Texts(self._spoken.get(person, self.usual))

    def of_server(self, guild: discord.Guild | None) -> Texts:
        """The language of what all see in a server.

        Only a community chooses one; for all others it is English, whatever they speak.
        """
        locale = None if guild is None else self._known(str(guild.preferred_locale.value))
        chosen = locale == "ja" or (guild is not None and "COMMUNITY" in guild.features)
        return Texts(locale if locale and chosen else self.usual)

    def _known(self, locale: str) -> str | None:
        return next((each for each in ("ja", "en") if locale.split("-")[0] == each), None)


def of_interaction(interaction: discord.Interaction[Any], speech: Speech) -> Context:
    """The circumstances of a command, a button or a completion.

    Nobody can let the bot say what they may not say there themselves.
    """
    message, channel = interaction.message, interaction.channel
    # A user's own app is no member of the server: it cannot post there but to answer.
    is_member = interaction.guild_id is not None and interaction.is_guild_integration()
    is_private = is_direct(interaction) or (message is not None and message.flags.ephemeral)
    with_threads = is_member and channel is not None and channel.type in _WITH_THREADS
    rights = interaction.permissions
    in_thread = channel is not None and channel.type in _THREADS
    frame = Frame(
        speech.of_interaction(interaction),
        LIMITS,
        can_share=is_member
        and (rights.send_messages_in_threads if in_thread else rights.send_messages),
        can_thread=with_threads
        and rights.send_messages_in_threads
        and (in_thread or rights.create_public_threads),
        is_direct=is_direct(interaction),
    )
    texts = frame.texts if frame.is_direct else speech.of_server(interaction.guild)
    return Context(
        platform=NAME,
        person=str(interaction.user.id),
        target=str(interaction.channel_id or 0),
        frame=frame,
        public=replace(frame, texts=texts, can_share=False, can_thread=with_threads),
        message=None if message is None else f"{interaction.channel_id}/{message.id}",
        may_replace=is_private and not (message is not None and is_from_outbox(message)),
        is_public=message is not None and not is_private,
        workspace=str(interaction.guild_id) if is_member else None,
    )


def of_message(message: discord.Message, target: str, speech: Speech) -> Context:
    """The circumstances of a message that somebody wrote; `target` is where it is answered."""
    direct = message.guild is None
    texts = speech.of_person(message.author.id) if direct else speech.of_server(message.guild)
    frame = Frame(texts, LIMITS, can_thread=not direct, is_direct=direct)
    return Context(
        platform=NAME,
        person=str(message.author.id),
        target=target,
        frame=frame,
        public=frame,
        workspace=None if message.guild is None else str(message.guild.id),
    )


def is_direct(interaction: discord.Interaction[Any]) -> bool:
    """Whether it comes from a conversation with the bot alone."""
    if interaction.guild_id is not None:
        return False
    context = interaction.context
    return context.dm_channel or not context.private_channel


def is_from_outbox(message: discord.Message) -> bool:
    """Whether a message was posted for all, so that no press may change it."""
    return bool(carried([{"id": getattr(each, "id", None)} for each in message.components]))
