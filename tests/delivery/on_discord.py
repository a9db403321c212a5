"""The Discord of the tests as a world of deliveries, which is reached by the real client."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

from aiohttp import ClientSession

from adapters.discord.client import Connection, MatomeClient, closed, prepare
from adapters.discord.connecting import log_in
from adapters.discord.connecting import stay_connected as connected
from adapters.discord.guard import discord_guard
from adapters.discord.places import Places as DiscordPlaces
from adapters.discord.platform import DiscordPlatform
from adapters.discord.requests import Requests
from bot.ports import Platform
from bot.view import Posting
from tests.delivery.remote import Places, nothing

# Many, so that few have to wait for their own pace.
GUILDS, CHANNELS = 5, 40
# How long a nonce is known ("a few minutes"), in seconds.
NONCES = 180.0


@dataclass(frozen=True, slots=True)
class DiscordWorld:
    """A Discord with guilds, channels, and a person in each guild."""

    connection: Connection
    origin: str
    places: Places

    def posted(self) -> list[str]:
        """The keys of all messages, in the order in which they came."""
        entries = self.asked("journal")["entries"]
        return [
            entry["nonce"] for entry in entries if entry["what"] == "post" and not entry["repeated"]
        ]

    def asked(self, what: str) -> dict[str, Any]:
        """What it has noted."""
        with urlopen(Request(f"{self.origin}/control/{what}")) as answer:  # noqa: S310 (our own)
            found: dict[str, Any] = json.load(answer)
            return found

    @asynccontextmanager
    async def platform(
        self, at_step: Callable[[str], str | None] = nothing, *, can_find: bool = True
    ) -> AsyncIterator[Platform]:
        """A client that is logged in; what the gateway tells comes when it comes."""
        prepare(self.connection)
        client = MatomeClient(self.connection, ready_timeout=0.05)
        places = DiscordPlaces(client, lambda: datetime.now(UTC))
        guard = discord_guard(strict=True)
        try:
            await log_in(client, self.connection.token, asyncio.sleep)
            hearing = asyncio.create_task(connected(client))
            async with ClientSession() as session:
                yield SteppingPlatform(
                    Requests(client, client.rate_limits, places),
                    guard,
                    session=session,
                    origin=self.origin,
                    at_step=at_step,
                    can_find=can_find,
                )
            hearing.cancel()
            await asyncio.wait([hearing])
        finally:
            await closed(client)


@dataclass(slots=True)
class SteppingPlatform(DiscordPlatform):
    """The platform itself, that tells which steps are done; see FakePlatform."""

    session: ClientSession = field(kw_only=True)
    origin: str = field(kw_only=True)
    at_step: Callable[[str], str | None] = field(kw_only=True)
    can_find: bool = field(kw_only=True)

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message."""
        when = self.at_step("post")
        if when is not None:
            doom = {"nonce": key, "pid": os.getpid(), "when": when}
            async with self.session.post(f"{self.origin}/control/doom", json=doom):
                pass
        reference = await DiscordPlatform.post(self, target, posting, key)
        self.at_step("answered")
        return reference

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key, where it may be looked for."""
        return await DiscordPlatform.find(self, target, key, since) if self.can_find else None


@contextmanager
def running_discord(
    *options: str, nonce_seconds: float = NONCES, guilds: int = GUILDS, channels: int = CHANNELS
) -> Iterator[DiscordWorld]:
    """Start the process, and end it; `channels` are those of each guild."""
    size = ("--guilds", str(guilds), "--channels", str(channels))
    life = ("--nonce-seconds", str(nonce_seconds))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.discord.server", *size, *life, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        rooms = [each for guild in told["guilds"] for each in guild["channels"]]
        people = [each for guild in told["guilds"] for each in guild["people"]]
        connection = Connection(
            told["token"], api_url=told["api_url"], gateway_url=told["gateway_url"]
        )
        origin = told["api_url"].removesuffix("/api/v10")
        yield DiscordWorld(connection, origin, Places("discord", rooms, people))
    finally:
        # It ends with its stdin.
        process.communicate()
