"""The connection to Discord: shards of the gateway, what it tells, and the commands it knows."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from structlog.stdlib import get_logger

from adapters.discord.awaited import Awaited
from adapters.discord.cache import Cache
from adapters.discord.commands import are_same, registered
from adapters.discord.contexts import Speech
from adapters.discord.events import Events
from adapters.discord.greeting import greeted
from adapters.discord.limited import RateLimits
from adapters.discord.messages import NAME
from adapters.discord.places import Places
from adapters.discord.validate_commands import command_findings
from bot.chat.commands import COMMANDS
from bot.errors import MatomeError
from bot.incidents import incident
from bot.meter import NO_METER, Links, Meter
from bot.subscription import Place
from bot.watching.clock import ClockWatch
from bot.watching.http_clock import compare_clocks

_log = get_logger(__name__)

Noted = TypeVar("Noted")


@dataclass(frozen=True, slots=True)
class Shards:
    """Which shards of how many this process has."""

    ids: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Connection:
    """How Discord is reached; the token is shown nowhere. Without `shards` Discord says how many.

    The addresses are those of a proxy or a test, None for Discord's own.
    """

    token: str = field(repr=False)
    shards: Shards | None = None
    api_url: str | None = None
    gateway_url: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who is told where the bot is: `joined` and `left` of a server as it happens.

    `found` gets all servers that a shard has when it comes anew, and whether one belongs to it; it
    returns those that were never greeted.
    """

    joined: Callable[[Place, str], Awaitable[None]]
    left: Callable[[str, str], Awaitable[None]]
    found: Callable[[str, Collection[str], Callable[[str], bool]], Awaitable[Collection[str]]]


class MatomeClient(discord.AutoShardedClient):
    """A client with the least that is needed: no members, no messages, nobody is mentioned."""

    def __init__(
        self,
        connection: Connection,
        clock: ClockWatch | None = None,
        *,
        ready_timeout: float = 2.0,
        meter: Meter = NO_METER,
    ) -> None:
        self.rate_limits = RateLimits(meter)
        self._links = Links(NAME, meter)
        self._awaited = Awaited()
        trace = aiohttp.TraceConfig()
        if clock is not None:
            # First of all: what looks at limits may refuse an answer.
            compare_clocks(trace, clock, "Discord")
        self.rate_limits.trace(trace)
        shards = connection.shards
        mine: dict[str, Any] = (
            {} if shards is None else {"shard_ids": list(shards.ids), "shard_count": shards.count}
        )
        super().__init__(
            intents=intents(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=ready_timeout,
            http_trace=trace,
            **mine,
        )
        self._asks_for_shards = shards is None
        self._events: Events | None = None
        self._arrived: Arrived | None = None
        self._places: Places | None = None
        self._speech: Speech | None = None
        self._under_way: set[asyncio.Task[Any]] = set()

    @property
    def links(self) -> Links:
        """The shards of this process, as far as their number is known."""
        if self.shard_count is not None:
            ids = range(self.shard_count) if self.shard_ids is None else self.shard_ids
            self._links.expect(*map(str, ids))
        return self._links

    def attend(self, events: Events, arrived: Arrived) -> None:
        """Answer from now on what people do."""
        self._events, self._arrived = events, arrived
        self._places, self._speech = events.places, events.answering.speech

    async def setup_hook(self) -> None:
        """Ask how many shards there are: that is held before the gateway is told to begin."""
        if self._asks_for_shards:
            self.shard_count, _, _ = await self.http.get_bot_gateway()

    async def sync_commands(self) -> bool:
        """Register the commands where others are registered; whether that was necessary."""
        assert self.application_id is not None
        path = "/applications/{application_id}/commands"
        route = Route("GET", path, application_id=self.application_id)
        known: Any = await self.http.request(route, params={"with_localizations": "true"})
        ours = registered()
        changed = not are_same(ours, known)
        if changed:
            if self._events is not None:
                self._events.platform.guard.note(ours, command_findings)
            known = await self.http.bulk_upsert_global_commands(self.application_id, ours)
        managing = [spec.name for spec in COMMANDS if spec.for_managers]
        ids = [int(each["id"]) for each in known if each["name"] in managing]
        if self._places is not None and ids:
            self._places.managing = ids[0]
        return changed

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer commands, completions, presses and dialogs."""
        if self._events is not None:
            with self._finished_first():
                await self._events.happened(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Answer direct messages and mentions."""
        if self._events is not None:
            with self._finished_first():
                await self._events.written(message)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say hello in a new server."""
        await self._greet(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Send nothing more to a server; an outage does not come here."""
        if self._arrived is not None:
            with self._finished_first():
                await _noted("a server that was left", self._arrived.left(NAME, str(guild.id)))

    async def on_shard_connect(self, shard_id: int) -> None:
        """Learn of which servers a shard is going to be told."""
        ours = (guild for guild in self.guilds if guild.shard_id == shard_id)
        if self._awaited.begin(shard_id, (guild.id for guild in ours if guild.unavailable)):
            self._links.opened(str(shard_id))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Count a shard as connected once its servers are known."""
        if self._awaited.came(guild.shard_id, guild.id):
            self._links.opened(str(guild.shard_id))

    async def on_shard_ready(self, shard_id: int) -> None:
        """Count it so as well where servers are away, of which nothing comes.

        What happened while it was away is noticed; who invited the bot then is greeted now.
        """
        self._awaited.end(shard_id)
        if not self._links.states.get(str(shard_id)):
            self._links.opened(str(shard_id))
        if self._arrived is None:
            return
        ours = {str(guild.id): guild for guild in self.guilds if guild.shard_id == shard_id}
        with self._finished_first():
            found = self._arrived.found(NAME, ours, partial(self._has, shard_id))
            strange = await _noted("the servers", found)
        for server in strange or ():
            await self._greet(ours[server])

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Count it as connected again."""
        self._links.opened(str(shard_id))

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Count it as gone."""
        self._awaited.end(shard_id)
        self._links.closed(str(shard_id))

    async def on_ready(self) -> None:
        """Say so in the log."""
        _log.info("connected to Discord", servers=len(self.guilds))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """What nobody thought of is logged, and the next event answered."""
        error = sys.exc_info()[1]
        assert error is not None
        incident(_log, "an event of Discord failed", error, event_name=event_method)

    async def leave(self, seconds: float) -> None:
        """Hear nothing more, and let what is under way come to its end within some seconds."""
        ending = {asyncio.create_task(shard.disconnect()) for shard in self.shards.values()}
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                # What was heard last begins only now.
                while waited_for := ending | self._under_way:
                    done, _ = await asyncio.wait(waited_for)
                    ending -= done

    @contextmanager
    def _finished_first(self) -> Iterator[None]:
        """Let this task be waited for before the bot leaves."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)

    async def _greet(self, guild: discord.Guild) -> None:
        channel = greeted(guild)
        if channel is None or self._arrived is None or self._speech is None:
            return
        place = Place(NAME, str(channel.id), str(guild.id))
        language = self._speech.of_server(guild).language
        with self._finished_first():
            await _noted("a new server", self._arrived.joined(place, language))

    def _has(self, shard: int, guild: str) -> bool:
        """https://discord.com/developers/docs/events/gateway#sharding; what is no id is nowhere."""
        return guild.isdecimal() and (int(guild) >> 22) % (self.shard_count or 1) == shard

    def _get_state(self, **options: Any) -> Cache:
        """What the library makes of its own kind otherwise."""
        return Cache(
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )


def intents() -> discord.Intents:
    """What the gateway tells: servers, direct messages, and messages that mention the bot."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.dm_messages = True
    wanted.guild_messages = True
    return wanted


def prepare(connection: Connection) -> None:
    """Point the library at other addresses, and keep it from speaking of voice.

    It has these for the whole process.
    """
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if connection.api_url is not None:
        Route.BASE = connection.api_url.rstrip("/")
    if connection.gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(connection.gateway_url)


async def _noted(what: str, work: Awaitable[Noted]) -> Noted | None:
    """Have something noted; where the state is away, that is in the log, and no more than that."""
    try:
        return await work
    except (MatomeError, OSError) as error:
        _log.warning("it could not be noted", what=what, cause=error)
        return None


async def closed(client: MatomeClient) -> None:
    """End the connection, however far it had come."""
    # Before its first login it has no loop, and cannot be closed.
    if isinstance(client.loop, asyncio.AbstractEventLoop):
        await asyncio.shield(client.close())
