"""A server with people in it, and the bot that answers them, over the real wire."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.app import Bot, opened_bot, pictures_of
from bot.chat.floods import Floods
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.discord.running import Connected, logged_in
from tests.discord.server import Discord, Player, bits, opened_discord
from tests.discord.server.world import Channel, Guild, User


@dataclass(frozen=True, slots=True)
class Scene:
    """`ann` is anybody, `boss` may manage channels, the server's `owner` everything."""

    discord: Discord
    guild: Guild
    channel: Channel
    ann: User
    boss: User
    owner: User
    connected: Connected
    bot: Bot

    def play(self, user: User, place: Channel | None = None) -> Player:
        """Somebody in the channel, or elsewhere."""
        return self.discord.player(user, place or self.channel)

    def direct(self, user: User) -> Player:
        """Somebody in the direct messages with the bot."""
        return self.discord.player(user)


@pytest.fixture
async def scene(index: IndexReader, settings: Settings) -> AsyncIterator[Scene]:
    """The bot on the small archive; what it has to send is sent."""
    async with opened_discord() as discord:
        discord.undocumented_limits = True
        discord.answer_within = timedelta(seconds=30)
        owner, ann, boss = (discord.add_user(name) for name in ("owner", "ann", "boss"))
        guild = discord.add_guild("readers", owner=owner)
        channel = discord.add_channel(guild, "general")
        discord.join(guild, ann)
        discord.join(guild, boss, discord.add_role(guild, "staff", bits("manage_channels")))
        async with (
            logged_in(discord, pictures=pictures_of(settings)) as connected,
            opened_bot(settings, index, [connected.platform], floods=Floods(sys.maxsize)) as bot,
        ):
            await connected.listens(bot.chat)
            running = asyncio.create_task(bot.delivering.run())
            try:
                yield Scene(discord, guild, channel, ann, boss, owner, connected, bot)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
