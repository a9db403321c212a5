"""A Discord on loopback: its guilds and people, its addresses, and what can happen to it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import format_datetime

from aiohttp import web

from tests.discord.server import permissions
from tests.discord.server.channels import dm_with, forget_channel
from tests.discord.server.clock import Clock
from tests.discord.server.command_rights import permit
from tests.discord.server.control import add_control
from tests.discord.server.gateway import GUILDS
from tests.discord.server.player import Player
from tests.discord.server.rest import API, Rest
from tests.discord.server.routes import ROUTES
from tests.discord.server.state import State
from tests.discord.server.wire import channel_json, guild_event
from tests.discord.server.world import Channel, Guild, Kind, Member, Overwrite, Role, User


class Discord(State):
    """What tests hold in their hands: State, with ways to build it up and to disturb it."""

    api_url: str = ""

    @property
    def gateway_url(self) -> str:
        return self.gateway.url

    def add_user(self, name: str, *, locale: str = "ja", dms_open: bool = True) -> User:
        user = User(self.ids.next(), name, locale=locale, dms_open=dms_open)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str,
        *,
        owner: User | None = None,
        rights: int = permissions.USUAL,
        bot_rights: int = 0,
        locale: str = "ja",
    ) -> Guild:
        """A guild that the bot is in; `rights` are everyone's, `bot_rights` the bot's besides."""
        key = self.ids.next_guild()
        everyone = Role(key, "@everyone", rights)
        guild = Guild(key, name, owner or self.owner, {key: everyone}, locale=locale)
        self.guilds[key] = guild
        self.join(guild, guild.owner)
        self.join(guild, self.bot, self.add_role(guild, self.bot.name, bot_rights))
        self._tell_of(guild, new=True)
        return guild

    def add_role(
        self, guild: Guild, name: str, rights: int = 0, *, mentionable: bool = False
    ) -> Role:
        role = Role(self.ids.next(), name, rights, mentionable)
        guild.roles[role.id] = role
        return role

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        member = Member(user, self.clock.now(), [role.id for role in roles])
        guild.members[user.id] = member
        return member

    def add_channel(
        self,
        guild: Guild,
        name: str,
        kind: Kind = Kind.TEXT,
        *,
        tags: tuple[str, ...] = (),
        tag_required: bool = False,
    ) -> Channel:
        channel = Channel(self.ids.next(), kind, name, guild=guild, tag_required=tag_required)
        channel.tags = {self.ids.next(): tag for tag in tags}
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self.gateway.tell("CHANNEL_CREATE", channel_json(channel), guild=guild, intent=GUILDS)
        return channel

    def add_private_channel(self, person: User) -> Channel:
        """Direct messages with somebody else; only who has installed the app can use it there."""
        channel = Channel(self.ids.next(), Kind.DM, "", person=person, foreign=True)
        channel.made_at = self.clock.now()
        self.channels[channel.id] = channel
        return channel

    def forbid(self, channel: Channel, who: User | Role, *rights: str) -> None:
        """Take rights from a person or role in one channel."""
        denied = Overwrite(deny=permissions.bits(*rights), member=isinstance(who, User))
        channel.overwrites[who.id] = denied
        self._tell_guild(channel, "CHANNEL_UPDATE")

    def allow(self, channel: Channel, who: User | Role, *rights: str) -> None:
        given = Overwrite(allow=permissions.bits(*rights), member=isinstance(who, User))
        channel.overwrites[who.id] = given
        self._tell_guild(channel, "CHANNEL_UPDATE")

    def permit(
        self, guild: Guild, command: str, who: User | Role | Channel, *, allowed: bool
    ) -> None:
        """What the guild's owner sets for a command; it wins over the command's own default."""
        permit(self, guild, command, who, allowed)

    def delete_channel(self, channel: Channel) -> None:
        self._tell_guild(channel, "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE")
        forget_channel(self, channel)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        thread.archived, thread.locked = True, locked
        self._tell_guild(thread, "THREAD_UPDATE")

    def _tell_guild(self, channel: Channel, event: str) -> None:
        self.gateway.tell(event, channel_json(channel), guild=channel.guild, intent=GUILDS)

    def remove_bot(self, guild: Guild) -> None:
        """The bot is thrown out."""
        guild.joined = False
        self.gateway.tell("GUILD_DELETE", {"id": str(guild.id)}, guild=guild, intent=GUILDS)

    def invite_bot(self, guild: Guild) -> None:
        guild.joined = True
        self._tell_of(guild, new=True)

    def outage(self, guild: Guild) -> None:
        """The guild cannot be reached for a while; the bot is still in it."""
        guild.unavailable = True
        gone = {"id": str(guild.id), "unavailable": True}
        self.gateway.tell("GUILD_DELETE", gone, guild=guild, intent=GUILDS)

    def recover(self, guild: Guild) -> None:
        guild.unavailable = False
        self._tell_of(guild, new=False)

    def _tell_of(self, guild: Guild, *, new: bool) -> None:
        data = guild_event(guild, self.bot, new=new)
        self.gateway.tell("GUILD_CREATE", data, guild=guild, intent=GUILDS)

    def player(
        self, user: User, place: Channel | None = None, *, installed: bool = False
    ) -> Player:
        """A person to be played, in a channel or (None) in direct messages with the bot."""
        return Player(self, user, place or dm_with(self, user), installed)

    async def connected(self, shards: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many shards are connected."""
        if not await self.changes.until(lambda: len(self.gateway.connected) >= shards, seconds):
            raise AssertionError(f"{len(self.gateway.connected)} of {shards} shards are connected")


@asynccontextmanager
async def opened_discord(
    *,
    token: str = "a.token.of-a-bot",  # noqa: S107 - of no real bot
    clock: Clock | None = None,
    seconds: Callable[[], float] = time.monotonic,
    privileged_intents: int = 0,
    heartbeat_ms: int = 41_250,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Discord]:
    """A Discord on a free port, until the block is left."""
    discord = Discord(
        clock=clock or Clock(),
        seconds=seconds,
        token=token,
        intents=privileged_intents,
        heartbeat_ms=heartbeat_ms,
    )
    app = web.Application(client_max_size=30 * 2**20)
    app.router.add_get("/gateway/", discord.gateway.handle)
    add_control(app, discord)

    async def date(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(discord.clock.now(), usegmt=True)

    app.on_response_prepare.append(date)
    Rest(discord, ROUTES).add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        served = runner.addresses[0][1]
        discord.api_url = f"http://{host}:{served}{API}"
        discord.gateway.url = f"ws://{host}:{served}/gateway/"
        yield discord
    finally:
        await discord.gateway.cut()
        await runner.cleanup()
