"""A server with people in it, and the bot that answers them, over the real wire."""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord.client import Arrived
from bot.app import CLOCKS, Bot, opened_bot, pictures_of
from bot.chat.chat import Clocks
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
    async with opened_discord() as discord, opened_scene(discord, index, settings) as opened:
        yield opened


@asynccontextmanager
async def opened_scene(
    discord: Discord,
    index: IndexReader,
    settings: Settings,
    *,
    clocks: Clocks = CLOCKS,
    floods: Floods | None = None,
    looks: bool = False,
    wait: float = 20.0,
) -> AsyncIterator[Scene]:
    """People in a server of a Discord, with the bot as long as the block lasts.

    What is there of an earlier scene stays. Nobody floods unless it is said when; the bot `looks`
    where it is, at its start and later, and acts on it. Who shares or unfolds something waits for
    it for so many seconds at most.
    """
    discord.undocumented_limits = True
    discord.answer_within = timedelta(seconds=30)
    guild, channel, people = _peopled(discord)
    floods = floods or Floods(requests=sys.maxsize)
    async with (
        logged_in(discord, pictures=pictures_of(settings)) as connected,
        opened_bot(
            settings, index, [connected.platform], clocks=clocks, floods=floods, wait=wait
        ) as bot,
    ):
        noted = connected.noted

        async def found(platform: str, there: Collection[str], is_ours: Any) -> Collection[str]:
            strange = await bot.arrivals.found(platform, there, is_ours)
            await noted.on_found(platform, there, is_ours)
            return strange

        async def left(platform: str, workspace: str) -> None:
            await bot.arrivals.left(platform, workspace)
            await noted.on_left(platform, workspace)

        told = Arrived(bot.arrivals.joined, left, found)
        await connected.listens(bot.chat, told if looks else noted.arrived)
        assert await noted.changes.until(lambda: bool(noted.found), 30)
        running = asyncio.create_task(bot.delivering.run())
        try:
            yield Scene(discord, guild, channel, *people, connected, bot)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _peopled(discord: Discord) -> tuple[Guild, Channel, tuple[User, User, User]]:
    if discord.guilds:
        guild = next(iter(discord.guilds.values()))
        named = {user.name: user for user in discord.users.values()}
        channel = next(iter(guild.channels.values()))
        return guild, channel, (named["ann"], named["boss"], named["owner"])
    owner, ann, boss = (discord.add_user(name) for name in ("owner", "ann", "boss"))
    guild = discord.add_guild("readers", owner=owner)
    channel = discord.add_channel(guild, "general")
    discord.join(guild, ann)
    discord.join(guild, boss, discord.add_role(guild, "staff", bits("manage_channels")))
    return guild, channel, (ann, boss, owner)
