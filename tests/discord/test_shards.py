"""Shards of Discord in several processes on one PostgreSQL: none is served twice, none is lost."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import asyncpg
import pytest

from bot.address import Server
from bot.stores import Held
from storage.state.database import database_at, opened
from storage.state.holds import StoredHolds
from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import running
from tests.discord.server import Discord, opened_discord
from tests.postgres import Cluster


@dataclass(frozen=True, slots=True)
class Replicas:
    """Processes that share a state, each with an index of its own."""

    matome: Matome
    discord: Discord
    url: str
    until: AsyncExitStack

    async def start(self, name: str, shards: str) -> Process:
        """Start a replica for some shards; it is killed in the end."""
        settings = {"MATOME_STATE_URL": self.url, "DISCORD_SHARDS": shards}
        data = self.matome.data / name
        one = replace(self.matome, data=data, settings=tuple(settings.items()))
        return await self.until.enter_async_context(running(one, self.discord))

    def serves(self, *shards: int) -> Callable[[], bool]:
        """Whether exactly these shards are connected, each once."""
        return lambda: sorted(each.shard for each in self.discord.gateway.connected) == [*shards]

    async def served(self, *shards: int) -> None:
        assert await self.discord.changes.until(self.serves(*shards), SECONDS)

    async def held(self) -> Sequence[Held]:
        """The shards that are held."""
        async with opened(database_at(Server(self.url))) as state:
            every = await StoredHolds(state).every()
        return [held for held in every if held.resource.startswith("discord:")]

    async def held_until(self, is_so: Callable[[Sequence[Held]], bool]) -> Sequence[Held]:
        """What is held as soon as that is so."""
        async with asyncio.timeout(SECONDS):
            while not is_so(found := await self.held()):
                pass
            return found


@pytest.fixture
async def replicas(matome: Matome, small_blog: Blog, postgres_url: str) -> AsyncIterator[Replicas]:
    async with opened_discord() as discord, AsyncExitStack() as until:
        yield Replicas(matome, discord, postgres_url, until)


def pids(held: Collection[Held]) -> set[int]:
    return {each.by.pid for each in held}


async def ended(process: Process) -> tuple[int | None, str]:
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    return process.returncode, err.decode()


async def test_the_same_shard_is_refused_while_it_is_served(replicas: Replicas) -> None:
    first = await replicas.start("first", "0/2")
    await replicas.served(0)
    for shards in ("0/2", "0/1"):
        status, told = await ended(await replicas.start("second", shards))
        assert status == 1
        assert "Shard 0 of 2 of Discord is served by another process" in told
        assert f"process {first.pid}, since " in told
        assert "Traceback" not in told
    assert replicas.discord.gateway.counts.identified == 1
    assert replicas.serves(0)()
    assert pids(await replicas.held()) == {first.pid}


async def test_of_several_one_is_killed_and_its_successor_comes_up_by_itself(
    replicas: Replicas,
) -> None:
    killed = await replicas.start("first", "0/2")
    other = await replicas.start("second", "1/2")
    await replicas.served(0, 1)
    killed.kill()
    await killed.wait()
    database = await asyncpg.connect(replicas.url)
    try:
        over = await database.fetchval(
            "UPDATE hold SET held_until = clock_timestamp() + interval '8 s'"
            " WHERE part = 0 AND parts = 2 RETURNING held_until"
        )
        successor = await replicas.start("first", "0/2")
        await replicas.served(0, 1)
        assert await database.fetchval("SELECT clock_timestamp()") >= over
    finally:
        await database.close()
    assert pids(await replicas.held()) == {successor.pid, other.pid}


async def test_one_that_ends_in_order_leaves_its_shard_to_the_next_at_once(
    replicas: Replicas,
) -> None:
    first = await replicas.start("first", "0/1")
    await replicas.served(0)
    first.send_signal(signal.SIGTERM)
    status, _ = await ended(first)
    assert status == 0
    assert await replicas.held() == []


async def test_all_go_on_when_postgresql_was_restarted(
    replicas: Replicas, postgres: Cluster
) -> None:
    await replicas.start("first", "0/2")
    await replicas.start("second", "1/2")
    await replicas.served(0, 1)
    before = {each.part: each for each in await replicas.held()}
    postgres.stop()
    postgres.start()

    def is_renewed(held: Sequence[Held]) -> bool:
        renewed = {each.part for each in held if each.held_until > before[each.part].held_until}
        return renewed == {0, 1}

    after = await replicas.held_until(is_renewed)
    assert {each.part: each.holder for each in after} == {
        part: each.holder for part, each in before.items()
    }
    assert replicas.discord.gateway.counts.identified == 2


async def test_while_postgresql_is_away_people_are_answered_and_shards_held_afterwards(
    replicas: Replicas, postgres: Cluster
) -> None:
    discord = replicas.discord
    channel = discord.add_channel(discord.add_guild("readers"), "general")
    postgres.stop()
    try:
        process = await replicas.start("first", "0/1")
        await replicas.served(0)
        assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
        asking = discord.player(discord.owner, channel)
        seen = await asking.types("/matome", query="gpu")
        while "GPU" not in seen.text:
            # The archive is being read for the first time.
            seen = await asking.types("/matome", query="gpu")
    finally:
        postgres.start()
    held = await replicas.held_until(bool)
    assert pids(held) == {process.pid}
    assert discord.gateway.counts.identified == 1
