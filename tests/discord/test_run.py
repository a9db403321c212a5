"""`matome run` with a token: a process of its own, which answers in Discord until it is stopped."""

import asyncio
import signal
import sys

import pytest

from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import running
from tests.discord.server import opened_discord


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
        assert err.decode() == "Logged in to Discord as matome.\n"
        assert not discord.gateway.connected
        assert not discord.unknown_routes


async def test_a_token_that_is_refused_is_told(matome: Matome, small_blog: Blog) -> None:
    async with opened_discord() as discord:
        token = "another.token.of-a-bot"  # noqa: S105 (of no real bot)
        async with running(matome, discord, token) as process:
            out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert (process.returncode, out) == (1, b"")
        assert b"DISCORD_TOKEN" in err
        assert token.encode() not in err
