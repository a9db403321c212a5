"""`matome run` with a token: a process of its own, which answers in Discord until it is stopped."""

import asyncio
import signal
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import running, settings_for
from tests.discord.server import Trouble, Way, opened_discord
from tests.discord.server.troubles import Chooser
from tests.logged import levels, lines_of, told


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_until_it_is_told_to_stop(
    matome: Matome, small_blog: Blog, stopping: signal.Signals
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        ann = discord.add_user("ann")
        discord.join(guild, ann)
        async with running(matome, discord) as process:
            await discord.connected(seconds=8)
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            seen = await discord.player(ann, channel).types("/matome", query="gpu")
            assert "GPU" in seen.text
            process.send_signal(stopping)
            out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert (process.returncode, out) == (0, b"")
        assert told(err)[0] == "Logged in to Discord as matome."
        assert levels(err) == {"info"}
        assert not discord.gateway.connected
        assert not discord.unknown_routes


async def test_a_token_that_is_refused_is_told(matome: Matome, small_blog: Blog) -> None:
    async with opened_discord() as discord:
        token = "another.token.of-a-bot"  # noqa: S105 (of no real bot)
        async with running(matome, discord, token) as process:
            out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert (process.returncode, out) == (1, b"")
        (line,) = lines_of(err)
        assert (line["event"], line["level"]) == ("the program cannot go on", "error")
        assert "DISCORD_TOKEN" in line["cause"]
        assert token.encode() not in err


async def test_a_setting_that_means_nothing_is_told_at_the_start(
    matome: Matome, small_blog: Blog
) -> None:
    misspelt = replace(matome, settings=(("MATOME_STATE_URI", "postgresql://there/matome"),))
    async with (
        opened_discord() as discord,
        running(misspelt, discord, "another.token.of-a-bot") as process,
    ):
        _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    line, _ = lines_of(err)
    assert (line["level"], line["name"]) == ("warning", "MATOME_STATE_URI")
    assert b"there/matome" not in err


async def test_the_doctor_asks_every_platform_with_a_token(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        discord.add_guild("readers")
        async with running(matome, discord):
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
        done = await asyncio.to_thread(matome, "doctor", env=settings_for(discord))
        assert (done.status, done.err) == (0, "")
        assert "ok     Discord: matome (servers: 1)" in done.out
        env = settings_for(discord, "another.token.of-a-bot")
        done = await asyncio.to_thread(matome, "doctor", env=env)
        assert done.status == 1
        (fault,) = [line for line in done.out.splitlines() if line.startswith("fault")]
        assert "DISCORD_TOKEN" in fault


async def test_a_clock_that_is_wrong_is_told_by_the_doctor_and_in_the_log(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        async with running(matome, discord) as process:
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            process.terminate()
            _, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert b"clock" not in err
        done = await asyncio.to_thread(matome, "doctor", env=settings_for(discord))
        assert "ok     This machine's clock agrees with Discord" in done.out
        discord.clock.advance(timedelta(minutes=10))
        async with running(matome, discord) as process:
            assert await discord.changes.until(lambda: len(discord.gateway.connected) == 1, SECONDS)
            process.terminate()
            _, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert err.count(b"the clock of this machine is wrong") == 1
        done = await asyncio.to_thread(matome, "doctor", env=settings_for(discord))
        (fault,) = [line for line in done.out.splitlines() if line.startswith("fault")]
        assert "behind Discord" in fault
        assert "NTP" in fault
        assert done.status == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
async def test_an_answer_that_is_under_way_is_given_before_it_leaves(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        channel = discord.add_channel(discord.add_guild("readers"), "general")
        asked, slow = asyncio.Event(), Trouble(Way.SLOW, seconds=1.0)
        async with running(matome, discord) as process:
            await discord.connected(seconds=8)
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            discord.troubles.choose = slow_requests("/threads", asked, slow)
            owner = discord.player(discord.owner, channel)
            asking = asyncio.create_task(owner.says("gpu", to_bot=True))
            await asyncio.wait_for(asked.wait(), SECONDS)
            process.send_signal(signal.SIGTERM)
            assert "GPU" in (await asking).text
            assert await asyncio.wait_for(process.wait(), SECONDS) == 0
        assert not discord.gateway.connected


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
@pytest.mark.parametrize(
    ("stopping", "status"),
    [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)],
)
async def test_told_twice_it_stops_at_once(
    matome: Matome, small_blog: Blog, stopping: signal.Signals, status: int
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        channel = discord.add_channel(discord.add_guild("readers"), "general")
        asked, never = asyncio.Event(), Trouble(Way.SLOW, seconds=SECONDS)
        async with running(matome, discord) as process:
            await discord.connected(seconds=8)
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            discord.troubles.choose = slow_requests("/callback", asked, never)
            owner = discord.player(discord.owner, channel)
            asking = asyncio.create_task(owner.types("/matome", query="gpu"))
            await asyncio.wait_for(asked.wait(), SECONDS)
            process.send_signal(stopping)
            gone = await discord.changes.until(lambda: not discord.gateway.connected, SECONDS)
            assert gone
            process.send_signal(stopping)
            assert await asyncio.wait_for(process.wait(), 5) == status
            asking.cancel()


def slow_requests(ending: str, asked: asyncio.Event, trouble: Trouble) -> Chooser:
    """Let requests to some addresses meet a trouble, and tell when one does."""

    def choose(method: str, path: str) -> Trouble | None:
        if not path.endswith(ending):
            return None
        asked.set()
        return trouble

    return choose
