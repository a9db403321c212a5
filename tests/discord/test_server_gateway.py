"""The gateway with the real discord.py: sessions, resuming, shards, guilds that come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import discord
import pytest

from tests.discord.clients import Bot, intents, running
from tests.discord.server import Discord, Player
from tests.discord.server.changes import Changes
from tests.discord.server.gateway import IDENTIFY, RESUME
from tests.discord.server.world import Channel


class Echo(Bot):
    """Answers /echo, and notes what becomes of its guilds."""

    def __init__(self, wanted: discord.Intents | None = None) -> None:
        super().__init__(wanted)
        self.guild_events: list[str] = []
        self.said: list[str] = []
        self._heard = Changes()

        @self.tree.command(name="echo", description="Echo")
        async def echo(interaction: discord.Interaction, text: str) -> None:
            await interaction.response.send_message(text, ephemeral=True)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def has_heard(self, true: Callable[[], bool]) -> None:
        assert await self._heard.until(true, 5), (self.guild_events, self.said)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._note("join")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._note("remove")

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        self._note("unavailable")

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self._note("available")

    def _note(self, event: str) -> None:
        self.guild_events.append(event)
        self._heard.tell()

    async def on_message(self, message: discord.Message) -> None:
        self.said.append(message.content)
        self._heard.tell()


@pytest.fixture
async def bot(server: Discord, channel: Channel) -> AsyncIterator[Echo]:
    echo = Echo()
    async with running(echo, server):
        yield echo


@pytest.fixture
def reader(server: Discord, channel: Channel) -> Player:
    ann = server.add_user("ann")
    assert channel.guild is not None
    server.join(channel.guild, ann)
    return server.player(ann, channel)


async def test_a_cut_connection_is_resumed_and_nothing_is_missed(
    server: Discord, bot: Echo, reader: Player
) -> None:
    for number in range(10):
        await server.gateway.cut()
        seen = await reader.types("/echo", text=str(number))
        assert seen.text == str(number)
    assert server.gateway.counts.identified == 1
    assert server.gateway.counts.resumed == 10
    assert len(server.journal.of("answer")) == 10


async def test_cut_in_the_middle_of_use_every_command_is_answered_once(
    server: Discord, bot: Echo, reader: Player
) -> None:
    async def use(person: int) -> None:
        for number in range(20):
            text = f"{person} {number}"
            assert (await reader.types("/echo", text=text)).text == text

    using = asyncio.gather(*map(use, range(10)))
    cuts = 0
    while not using.done():
        await server.gateway.cut()
        cuts += 1
        await server.connected()
    await using
    answers = [entry.body["content"] for entry in server.journal.of("answer")]
    assert len(answers) == len(set(answers)) == 200
    assert not server.refusals
    assert server.gateway.counts.identified == 1
    assert server.gateway.counts.resumed == cuts > 5


async def test_asked_to_come_again_a_client_resumes(
    server: Discord, bot: Echo, reader: Player
) -> None:
    await server.gateway.reconnect()
    assert await server.changes.until(lambda: server.gateway.counts.resumed == 1, 5)
    assert (await reader.types("/echo", text="word")).text == "word"


async def test_an_invalid_session_is_begun_anew(server: Discord, bot: Echo, reader: Player) -> None:
    await server.gateway.invalidate()
    assert await server.changes.until(lambda: server.gateway.counts.identified == 2, 5)
    assert (await reader.types("/echo", text="word")).text == "word"


async def test_an_outage_is_no_removal(server: Discord, bot: Echo, channel: Channel) -> None:
    guild = channel.guild
    assert guild is not None
    server.outage(guild)
    server.recover(guild)
    server.remove_bot(guild)
    server.invite_bot(guild)
    expected = ["unavailable", "available", "remove", "join"]
    await bot.has_heard(lambda: bot.guild_events[-4:] == expected)


async def test_removals_while_offline_are_seen_at_ready(server: Discord) -> None:
    first, second = server.add_guild("one"), server.add_guild("two")
    server.remove_bot(first)
    async with running(bot := Echo(), server):
        assert [guild.id for guild in bot.guilds] == [second.id]


async def test_direct_messages_and_mentions_have_their_content(
    server: Discord, bot: Echo, reader: Player
) -> None:
    reader.writes("among ourselves")
    reader.writes("gpu", to_bot=True)
    reader.dm.writes("gpu as well")
    await bot.has_heard(lambda: len(bot.said) == 3)
    assert bot.said == ["", f"<@{server.bot.id}> gpu", "gpu as well"]


async def test_privileged_intents_have_to_be_allowed(server: Discord) -> None:
    wanted = intents()
    wanted.message_content = True
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(Echo(wanted), server):
            pass
    server.gateway.allowed_intents = 1 << 15
    async with running(allowed := Echo(wanted), server):
        assert (await allowed.application_info()).flags.gateway_message_content_limited


async def test_a_wrong_token_is_refused(server: Discord) -> None:
    async with Bot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")


class Shards(discord.AutoShardedClient):
    """Two shards of four."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once."""


async def test_a_shard_hears_of_its_own_guilds(server: Discord) -> None:
    guilds = [server.add_guild(f"guild {number}") for number in range(8)]
    client = Shards(
        intents=intents(),
        shard_ids=[1, 2],
        shard_count=4,
        guild_ready_timeout=0.1,
        chunk_guilds_at_startup=False,
    )
    async with running(client, server):
        assert {(one.shard, one.shards) for one in server.gateway.connected} == {(1, 4), (2, 4)}
        mine = {guild.id for guild in guilds if (guild.id >> 22) % 4 in (1, 2)}
        assert {guild.id for guild in client.guilds} == mine
        assert len(mine) == 4


@pytest.mark.parametrize(
    ("op", "change", "code"),
    [
        (IDENTIFY, {"token": "wrong"}, 4004),
        (IDENTIFY, {"shard": [2, 2]}, 4010),
        (IDENTIFY, {"intents": 1 << 30}, 4013),
        (IDENTIFY, {"intents": 1 << 1}, 4014),
        (RESUME, {"token": "wrong"}, 4004),
        (1234, {}, 4003),
    ],
)
async def test_a_wrong_connection_is_closed(
    op: int, change: dict[str, object], code: int, server: Discord
) -> None:
    data = {"token": server.token, "intents": 1, "shard": [0, 1]} | change
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        assert (await ws.receive_json())["op"] == 10
        await ws.send_json({"op": 1, "d": None})
        assert (await ws.receive_json())["op"] == 11
        await ws.send_json({"op": op, "d": data})
        await ws.receive()
        assert ws.close_code == code


async def test_an_unknown_session_is_not_resumed(server: Discord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        await ws.receive_json()
        resume = {"token": server.token, "session_id": "none", "seq": 1}
        await ws.send_json({"op": RESUME, "d": resume})
        assert await ws.receive_json() == {"op": 9, "d": False}


@pytest.mark.parametrize(("code", "kept"), [(1000, False), (4000, True)])
async def test_a_goodbye_ends_the_session(code: int, kept: bool, server: Discord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        await ws.receive_json()
        await ws.send_json({"op": IDENTIFY, "d": {"token": server.token, "intents": 1}})
        assert (await ws.receive_json())["t"] == "READY"
        await ws.close(code=code)
    assert await server.changes.until(lambda: not server.gateway.connected, 5)
    assert bool(server.gateway.sessions) == kept
