"""The real client, connected to a Discord of our own, with the bot behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.answering import PATIENCE, Answering
from adapters.discord.client import Arrived, Connection, MatomeClient, closed, prepare
from adapters.discord.connecting import log_in, stay_connected
from adapters.discord.contexts import Speech
from adapters.discord.events import Events
from adapters.discord.guard import discord_guard
from adapters.discord.places import Places
from adapters.discord.platform import DiscordPlatform
from adapters.discord.requests import Requests
from bot.chat.chat import Chat
from bot.chat.guard import Guard
from bot.chat.library import NO_PICTURES
from bot.ports import Pictures
from bot.subscription import Place
from tests.discord.server import Discord
from tests.discord.server.changes import Changes
from tests.guarded import BrokenLimits, broken_by

# An event that no client knows, behind all others.
_LAST = "LAST"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Noted:
    """What the client told about servers."""

    joined: list[tuple[Place, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    found: list[set[str]] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

    async def on_joined(self, place: Place, language: str) -> None:
        self.joined.append((place, language))
        self.changes.tell()

    async def on_left(self, platform: str, workspace: str) -> None:
        self.left.append(workspace)
        self.changes.tell()

    async def on_found(
        self, platform: str, workspaces: Collection[str], is_ours: Any
    ) -> Collection[str]:
        self.found.append({each for each in workspaces if is_ours(each)})
        self.changes.tell()
        return ()

    @property
    def arrived(self) -> Arrived:
        return Arrived(self.on_joined, self.on_left, self.on_found)


class Hasty(MatomeClient):
    """Identifies at once: the five seconds in between are Discord's limit for many shards."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for nothing."""


@dataclass(slots=True)
class Connected:
    """A client that is logged in, and its platform; it hears nothing until it `listens`."""

    discord: Discord
    client: MatomeClient
    platform: DiscordPlatform
    pictures: Pictures
    noted: Noted = field(default_factory=Noted)
    listening: "asyncio.Task[None] | None" = None

    async def listens(
        self, chat: Chat, arrived: Arrived | None = None, patience: float = PATIENCE
    ) -> None:
        """Answer from now on, once all shards are there."""
        speech, guard = Speech("ja"), self.platform.guard
        answering = Answering(chat, speech, guard, patience, pictures=self.pictures)
        events = Events(answering, self.platform, self.platform.places)
        self.client.attend(events, arrived or self.noted.arrived)
        await self.client.sync_commands()
        await self.hears()

    async def hears(self) -> None:
        """Connect the gateway, so that what it tells is known."""
        self.listening = asyncio.create_task(stay_connected(self.client))
        shards = self.client.shard_ids
        await self.discord.connected(len(shards) if shards else 1)
        async with asyncio.timeout(10):
            await self.client.wait_until_ready()

    async def has_heard(self) -> None:
        """Wait until all that the gateway has told so far has arrived, if it is connected."""
        if self.listening is not None:
            last = self.client.wait_for("socket_event_type", check=lambda event: event == _LAST)
            self.discord.gateway.tell(_LAST, {}, guild=None)
            await last


@asynccontextmanager
async def logged_in(
    discord: Discord,
    connection: Connection | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    pictures: Pictures = NO_PICTURES,
    guard: Guard | None = None,
    ready_timeout: float = 0.05,
) -> AsyncIterator[Connected]:
    """A client of the Discord on loopback; the library's addresses are put back in the end.

    Nothing that it sends may break a limit, unless another guard says what becomes of that.
    """
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    given = connection or Connection(discord.token)
    given = replace(given, api_url=discord.api_url, gateway_url=discord.gateway_url)
    prepare(given)
    client = Hasty(given, ready_timeout=ready_timeout)
    used = guard or discord_guard(strict=True, meter=BrokenLimits())
    requests = Requests(client, client.rate_limits, Places(client, utc_now))
    platform = DiscordPlatform(requests, used, pictures)
    connected = Connected(discord, client, platform, pictures)
    try:
        await log_in(client, given.token, sleep)
        yield connected
    finally:
        if connected.listening is not None:
            connected.listening.cancel()
            # Whatever else it ended with is a failure.
            with suppress(asyncio.CancelledError):
                await connected.listening
        await closed(client)
        assert guard is not None or not broken_by(platform.guard)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
