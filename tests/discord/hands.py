"""Interactions answered by hand: somebody waits, and a test says what they get."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.discord.clients import Wire
from tests.discord.server import Player
from tests.discord.server.world import Channel, Interaction

COMMAND = {
    "name": "matome",
    "description": "Search",
    "contexts": [0, 1, 2],
    "integration_types": [0, 1],
    "options": [
        {
            "type": 3,
            "name": "query",
            "description": "What",
            "required": True,
            "autocomplete": True,
            "max_length": 100,
        }
    ],
}
MANAGE = {
    "name": "digest",
    "description": "Digests",
    "default_member_permissions": "32",
    "contexts": [0],
    "options": [{"type": 1, "name": "list", "description": "All of them"}],
}


@pytest.fixture
async def reader(wire: Wire, channel: Channel) -> Player:
    server = wire.server
    ann = server.add_user("ann")
    assert channel.guild is not None
    server.join(channel.guild, ann)
    commands = [COMMAND, MANAGE, {"name": "Look", "type": 3}]
    await wire.ask("PUT", f"/applications/{server.bot.id}/commands", commands)
    return replace(server.player(ann, channel), first=10.0)


@asynccontextmanager
async def waiting(player: Player) -> AsyncIterator[Interaction]:
    """A person who waits for the answer to a command."""
    known = set(player.state.interactions)
    doing = asyncio.create_task(player.types("/matome", query="gpu"))
    await asyncio.sleep(0)
    (token,) = set(player.state.interactions) - known
    yield player.state.interactions[token]
    doing.cancel()
    await asyncio.wait({doing})


class Hand:
    """Answers an interaction by hand."""

    def __init__(self, wire: Wire, interaction: Interaction) -> None:
        self._wire = wire
        self._callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
        self._webhook = f"/webhooks/{wire.server.bot.id}/{interaction.token}"

    async def answer(self, kind: int, data: Any = None) -> tuple[int, Any]:
        body = {"type": kind, "data": data}
        return await self._wire.ask("POST", self._callback + "?with_response=1", body)

    async def edit(self, data: Any, message: str = "@original") -> tuple[int, Any]:
        return await self._wire.ask("PATCH", f"{self._webhook}/messages/{message}", data)

    async def follow(self, data: Any) -> tuple[int, Any]:
        return await self._wire.ask("POST", self._webhook, data)
