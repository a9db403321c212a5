"""A Discord on loopback that discord.py is led to, and the means to ask it without a client."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.discord.clients import Wire, lead_to
from tests.discord.hands import reader
from tests.discord.scene import scene
from tests.discord.server import Discord, opened_discord
from tests.discord.server.world import Channel
from tests.discord.there import either, there

__all__ = ["either", "reader", "scene", "there"]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    async with opened_discord() as opened:
        lead_to(opened, monkeypatch)
        yield opened
        assert not opened.unknown_routes
        assert not opened.odd_bodies


@pytest.fixture
async def wire(server: Discord) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, server)


@pytest.fixture
def channel(server: Discord) -> Iterator[Channel]:
    """A channel that is not limited of its own."""
    server.rates.buckets["POST /channels/{channel}/messages"] = (1000, 1.0)
    yield server.add_channel(server.add_guild("readers"), "general")
