"""A bare discord.py bot that answers a constant: what the bot's figures in Discord stand beside.

`python -m benchmarks.discord_bare`, with the same variables for addresses and token. It prints a
line once it is ready.
"""

import os
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

ANSWER = "GPU: 12 posts"


class Bare(discord.AutoShardedClient):
    """A client with the same intents and caches, and one command."""

    def __init__(self) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.dm_messages = intents.guild_messages = True
        super().__init__(
            intents=intents,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=1,
        )
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Say so."""
        print("ready", flush=True)


def bare() -> Bare:
    """The client with its command."""
    client = Bare()

    @client.tree.command(name="matome", description="answers a constant")
    async def matome(interaction: discord.Interaction[Any], query: str) -> None:
        await interaction.response.send_message(ANSWER, ephemeral=True)

    return client


if __name__ == "__main__":
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    bare().run(os.environ["DISCORD_TOKEN"], log_handler=None)
