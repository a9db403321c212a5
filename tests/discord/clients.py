"""A bare discord.py bot, led to the Discord of the tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord
import pytest
import yarl
from discord import app_commands

from tests.discord.server import Discord


def lead_to(server: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have discord.py speak to a Discord on loopback."""
    monkeypatch.setattr("discord.http.Route.BASE", server.api_url)
    gateway = yarl.URL(server.gateway_url)
    monkeypatch.setattr("discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY", gateway)


def intents() -> discord.Intents:
    wanted = discord.Intents.none()
    wanted.guilds = wanted.dm_messages = wanted.guild_messages = True
    return wanted


class Bot(discord.Client):
    """A client with a tree of commands and the smallest caches."""

    def __init__(self, wanted: discord.Intents | None = None) -> None:
        super().__init__(
            intents=wanted or intents(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=0.1,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)


@asynccontextmanager
async def running(client: discord.Client, server: Discord) -> AsyncIterator[None]:
    """A client from its READY to its end."""
    task = asyncio.create_task(client.start(server.token))
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        if task.done():
            task.result()
        yield
    finally:
        ready.cancel()
        await client.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
