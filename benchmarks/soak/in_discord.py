"""What people do in Discord, and what has to be there in the end."""

import asyncio
from collections.abc import Mapping
from random import Random

from benchmarks.discord_people import COMMAND, leads_on, shown
from benchmarks.soak.using import Beat, Visit
from benchmarks.soak.wanted import Due, Wanted, soon
from tests.discord.server import Discord, NoAnswer, Player, Seen
from tests.discord.server.permissions import bits
from tests.discord.server.world import Channel, Guild, Message, Role

GUILDS, ROOMS = 20, 3
# For what is shown in the end, and for the bot to come, in seconds.
SECONDS, CONNECTED_WITHIN = 30.0, 120.0
_READ_ALL = "まとめて読む"
_ADDED = "配信を設定しました"


class InDiscord:
    """People in some servers; each does one thing, in a room where nobody else is meanwhile."""

    def __init__(self, discord: Discord, wanted: Wanted, beat: Beat, random: Random) -> None:
        self._discord = discord
        self._wanted = wanted
        self._beat = beat
        self._random = random
        self._guilds = [discord.add_guild(f"guild {number}") for number in range(GUILDS)]
        self._keepers = {
            guild.id: discord.add_role(guild, "keepers", bits("manage_channels"))
            for guild in self._guilds
        }
        self._rooms: asyncio.Queue[Channel] = asyncio.Queue()
        for guild in self._guilds:
            for number in range(ROOMS):
                self._rooms.put_nowait(discord.add_channel(guild, f"room-{number}"))
        self._digests: Due[Channel] = Due()
        self._came = 0

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads the bot there."""
        discord = self._discord
        return {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }

    @property
    def visits(self) -> Mapping[str, Visit]:
        """What they come for."""
        return {
            "search": Visit(self._search, 6),
            "complete": Visit(self._complete, 3),
            "direct message": Visit(self._direct, 3),
            "mention": Visit(self._mention, 1),
            "share and unfold": Visit(self._unfold, 0.5),
            "digests": Visit(self._manage, 1),
            "read a digest": Visit(self._read, 1),
            "subscribe": Visit(self._subscribe, 0.15),
        }

    async def ready(self) -> None:
        """Wait until the bot is there and its commands are known."""
        await self._discord.connected(seconds=CONNECTED_WITHIN)
        await self._discord.changes.until(lambda: bool(self._discord.commands), CONNECTED_WITHIN)

    def complaints(self) -> list[str]:
        """All that should not have been asked, and digests that have not come."""
        discord = self._discord
        missing = [room for room in self._digests.rooms() if not self._said(room)]
        return [
            *map(str, discord.refusals),
            *discord.unknown_routes,
            *discord.odd_bodies,
            *(f"no digest in {room.name} of Discord" for room in missing),
        ]

    def digests(self) -> int:
        """How many have come."""
        return sum(bool(self._said(room)) for room in self._digests.rooms())

    async def _search(self) -> None:
        person = self._somebody(self._random.choice(self._guilds))
        await self._beat("command")
        await self._look_on(person, await person.types(COMMAND, query=self._wanted.query()), 2)

    async def _complete(self) -> None:
        person = self._somebody(self._random.choice(self._guilds))
        typed = self._wanted.query()
        for length in (1, 3):
            await self._beat("completion")
            await person.completes(COMMAND, "query", typed[:length])

    async def _direct(self) -> None:
        person = self._somebody(self._random.choice(self._guilds)).dm
        await self._beat("message")
        await self._look_on(person, await person.says(self._wanted.query()), 1)

    async def _mention(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room.guild, room)
            await self._beat("message")
            await person.says(self._wanted.query(), to_bot=True)
        finally:
            self._rooms.put_nowait(room)

    async def _unfold(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room.guild, room)
            await self._beat("command")
            seen = await person.types(COMMAND, query=self._wanted.link())
            before = len(self._said(room))
            await self._beat("press")
            await person.clicks(seen, "共有")
            there = await self._discord.changes.until(
                lambda: len(self._said(room)) > before, SECONDS
            )
            if not there:
                raise NoAnswer("nothing was shared")
            await self._beat("press")
            await person.clicks(self._said(room)[-1], "展開")
        finally:
            self._rooms.put_nowait(room)

    async def _manage(self) -> None:
        for room in self._digests.rooms()[-1:]:
            owner = self._owner(room)
            for what in ("list", "preview", "status"):
                await self._beat("command")
                await owner.types(f"/digest {what}")

    async def _read(self) -> None:
        rooms = [room for room in self._digests.rooms() if self._said(room)]
        if rooms:
            room = self._random.choice(rooms)
            person = self._somebody(room.guild, room)
            digest = Seen(self._said(room)[0])
            if _READ_ALL in digest.labels:
                await self._beat("press")
                await self._look_on(person, await person.clicks(digest, _READ_ALL), 2)

    async def _subscribe(self) -> None:
        guild = self._random.choice(self._guilds)
        room = self._discord.add_channel(guild, f"digest-{len(self._digests.expected)}")
        time, due = soon()
        await self._beat("command")
        # Who adds digests again and again is asked to wait, and would add none.
        keeper = self._somebody(guild, room, self._keepers[guild.id])
        seen = await keeper.types("/digest add", time=time)
        if _ADDED not in seen.text:
            raise NoAnswer(f"no subscription, but {seen.text!r}")
        self._digests.expect(room, due)

    async def _look_on(self, person: Player, seen: Seen, presses: int) -> None:
        for _ in range(presses):
            codes = [one["custom_id"] for one in seen.buttons if leads_on(one)]
            if not codes:
                return
            await self._beat("press")
            seen = shown(await person.presses(seen, self._random.choice(codes)), seen)

    def _somebody(self, guild: Guild | None, room: Channel | None = None, *roles: Role) -> Player:
        assert guild is not None
        self._came += 1
        person = self._discord.add_user(f"person-{self._came}")
        self._discord.join(guild, person, *roles)
        return self._discord.player(person, room or next(iter(guild.channels.values())))

    def _owner(self, room: Channel) -> Player:
        assert room.guild is not None
        return self._discord.player(room.guild.owner, room)

    def _said(self, room: Channel) -> list[Message]:
        """What the bot has said in a room, oldest first."""
        return [one for one in room.messages.values() if one.author is self._discord.bot]
