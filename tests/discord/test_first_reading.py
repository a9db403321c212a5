"""`matome run` before it has an index: at once in Discord, and able to answer as soon as it can."""

import asyncio
import fcntl
import itertools
import os
import re
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.index.database import check
from tests.blog import Blog, raw_post
from tests.commands import SECONDS, Matome
from tests.conftest import write_small_blog
from tests.discord.program import running
from tests.discord.server import Discord, Player, Seen, opened_discord
from tests.discord.server.messages import texts
from tests.discord.server.world import Channel, Guild
from tests.logged import Event, levels, lines_of

READING = re.compile(r"読み込んでいます（(\d+)%）")


def is_read(answer: str) -> bool:
    """Whether an answer is one, and not what people are told before."""
    return "アーカイブを読み込" not in answer


def rows_in(state: Path) -> int:
    """How much there is to be sent."""
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'outbox'"
        (is_made,) = connection.execute(tables).fetchone()
        return is_made and int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Town:
    """A Discord with a server; whoever asks there is somebody else each time, so nobody floods."""

    discord: Discord
    guild: Guild
    channel: Channel
    numbers: Iterator[int]

    def somebody(self) -> Player:
        person = self.discord.add_user(f"person-{next(self.numbers)}")
        self.discord.join(self.guild, person)
        return self.discord.player(person, self.channel)

    async def ready(self) -> None:
        """Wait until the bot hears people, and its commands are known."""
        await self.discord.connected()
        assert await self.discord.changes.until(lambda: bool(self.discord.commands), SECONDS)

    async def ask(self, query: str = "gpu") -> Seen:
        return await self.somebody().types("/matome", query=query)

    async def ask_until(self, is_it: Callable[[str], object]) -> str:
        """Ask again and again until the answer is as it should be."""
        async with asyncio.timeout(SECONDS):
            while not is_it(text := (await self.ask()).text):
                pass
        return text

    def said_in(self, channel: Channel) -> list[str]:
        return ["\n".join(texts(message.body)) for message in channel.messages.values()]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with opened_discord() as discord:
        discord.undocumented_limits = True
        guild = discord.add_guild("readers")
        yield Town(discord, guild, discord.add_channel(guild, "general"), itertools.count())
        assert not discord.unknown_routes


@contextmanager
def nobody_syncs(data: Path) -> Iterator[None]:
    """Keep every sync waiting for its turn, as another one would."""
    data.mkdir(exist_ok=True)
    with (data / "sync.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def nobody_writes(index: Path) -> Iterator[None]:
    """Keep every writer of an index waiting at its next batch."""
    with closing(sqlite3.connect(index, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def stopped_in_the_end(process: Process, status: int = 0) -> AsyncIterator[list[Event]]:
    """What the program has said on stderr, once it has been told to stop."""
    said: list[Event] = []
    yield said
    process.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    said += lines_of(err)
    assert process.returncode == status


async def test_it_is_there_before_the_archive_has_been_read(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    newcomers = town.discord.add_guild("newcomers")
    hall = town.discord.add_channel(newcomers, "hall")
    town.discord.remove_bot(newcomers)
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        with nobody_syncs(matome.data):
            await town.ready()
            assert "準備をしています" in (await town.ask()).text
            assert await town.somebody().completes("/matome", "query", "gp") == []
            assert "検索" in (await town.ask("help")).text
            # Once it knows its servers it notes what was left, and takes another for a new one.
            await town.ask_until(lambda _: (matome.data / "state.sqlite3").exists())
            town.discord.invite_bot(newcomers)
            await town.ask_until(lambda _: rows_in(matome.data / "state.sqlite3"))
            assert not hall.messages
        assert "GPU" in await town.ask_until(is_read)
        assert await town.discord.changes.until(lambda: bool(hall.messages), SECONDS)
        (welcome,) = town.said_in(hall)
        assert "GPU" in welcome
        assert await town.somebody().completes("/matome", "query", "gp")
    events = [line["event"] for line in said]
    assert events[0] == "Logged in to Discord as matome."
    assert "the archive was read" in events


async def test_people_are_told_how_far_it_is(matome: Matome, small_blog: Blog, town: Town) -> None:
    assert matome("sync").status == 0
    # As a first sync leaves it that was killed.
    with closing(sqlite3.connect(matome.index)) as index, index:
        index.execute("DELETE FROM meta WHERE key = 'revision_of'")
    for number in range(300):
        small_blog.post(f"post_{number:03}", raw_post(f"題名{number}", item=1000 + number))
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        with nobody_writes(matome.index):
            await town.ready()
            # 15 of the chunks of eight files that are read at a time; the sixteenth makes a batch.
            text = await town.ask_until(lambda text: READING.search(text) and "40%" in text)
            assert text.startswith("いまアーカイブを読み込んでいます（40%）。")
        await town.ask_until(lambda text: "題名" in text)
    assert [line["added"] for line in said if line["event"] == "the archive was read"] == [300]


async def test_a_digest_can_be_set_up_meanwhile(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    boss = town.discord.player(town.guild.owner, town.channel)
    async with running(matome, town.discord) as process, stopped_in_the_end(process):
        with nobody_syncs(matome.data):
            await town.ready()
            seen = await boss.types("/digest add", time="9:30")
            assert "配信を設定しました" in seen.text
            assert "準備をしています" in seen.text
        await town.ask_until(is_read)
        seen = await boss.types("/digest preview")
        assert "GPU" in seen.text


async def test_an_index_that_is_there_serves_while_the_archive_is_read(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    small_blog.post("new", raw_post("新しいGPUの記事", item=105))
    async with running(matome, town.discord) as process, stopped_in_the_end(process):
        with nobody_syncs(matome.data):
            await town.ready()
            assert "メモリは遅い" in (await town.ask()).text
        await town.ask_until(lambda text: "新しいGPUの記事" in text)


async def test_an_archive_that_cannot_be_read_is_tried_again(
    matome: Matome, blog: Blog, town: Town
) -> None:
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        await town.ready()
        text = await town.ask_until(lambda text: "読み込めません" in text)
        assert str(blog.root) not in text
        write_small_blog(blog)
        await town.ask_until(lambda text: "メモリは遅い" in text)
    failures = [event for event in said if event["event"] == "the archive could not be read"]
    assert failures
    assert all(str(blog.root) in event["cause"] for event in failures)
    assert said[-1]["event"] == "the archive was read"


async def test_it_can_be_stopped_while_the_archive_is_read(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    for number in range(2_000):
        small_blog.post(f"post_{number:04}", raw_post(comments=["長い話" * 300] * 5, item=number))
    async with running(matome, town.discord) as process:
        await town.ready()
        await town.ask_until(lambda text: (far := READING.search(text)) and int(far[1]) > 9)
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 5)
        assert process.returncode == 0
        assert levels(err) == {"info"}
    await check(matome.index)
    assert matome("search", "メモリは遅い").status == 0


async def test_an_index_that_no_sync_would_mend_keeps_it_from_starting(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    matome.data.mkdir()
    with closing(sqlite3.connect(matome.index)) as foreign, foreign:
        foreign.execute("CREATE TABLE another (program)")
    async with running(matome, town.discord) as process:
        _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1
    assert os.fsencode(matome.index) in err
    assert not town.discord.gateway.counts.identified
