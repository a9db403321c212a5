"""A bare discord.py bot, led to the Discord of the tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.discord.server import Discord
from tests.discord.server.world import Channel


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

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the five seconds in between are for many shards."""


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


@dataclass(frozen=True, slots=True)
class Wire:
    """Requests without a client: what discord.py itself would not send."""

    session: aiohttp.ClientSession
    server: Discord

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Authorization": f"Bot {token or self.server.token}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        url = self.server.api_url + path
        async with self.session.request(method, url, data=data, headers=headers) as answer:
            text = await answer.text()
            if answer.headers.get("Content-Type") == "application/json":
                return answer.status, json.loads(text)
            return answer.status, text

    async def post(self, channel: Channel, body: Any) -> tuple[int, Any]:
        return await self.ask("POST", f"/channels/{channel.id}/messages", body)


def faults(answer: Any) -> set[tuple[str, str]]:
    """What a refused form has wrong: (path, code)."""
    found: set[tuple[str, str]] = set()

    def walk(node: Any, path: str) -> None:
        for key, value in node.items():
            if key == "_errors":
                found.update((path, one["code"]) for one in value)
            else:
                walk(value, f"{path}.{key}".lstrip("."))

    assert answer["code"] == 50035, answer
    walk(answer["errors"], "")
    return found
