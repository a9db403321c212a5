"""The two bots of compose.postgresql.yaml, run together with what that file sets for them."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from tests.commands import SECONDS
from tests.deploy.files import COMPOSE, services
from tests.deploy.installed import fresh
from tests.discord.server.town import opened_discord


async def test_they_share_discord_and_a_state(
    prefix: Path, tmp_path: Path, postgres_url: str
) -> None:
    async with opened_discord() as discord, AsyncExitStack() as until:
        for number in range(4):
            discord.add_guild(f"guild {number}")
        # What names a place here: the addresses, and each bot's own volume.
        here = {
            "MATOME_STATE_URL": postgres_url,
            "MATOME_HTTP": "127.0.0.1:0",
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }
        bots, processes = [], []
        for name, service in services(COMPOSE[1]).items():
            bot = fresh(prefix, tmp_path / name)
            bots.append(bot)
            settings = {**service["environment"], **here, "MATOME_DATA": str(bot.data)}
            processes.append(await until.enter_async_context(bot.running(settings)))
        await discord.connected(len(bots), SECONDS)
        held = sorted((one.shard, one.shards) for one in discord.gateway.connected)
        assert held == [(0, 2), (1, 2)]
        async with asyncio.timeout(SECONDS):
            for process in processes:
                process.send_signal(signal.SIGTERM)
            assert [await process.wait() for process in processes] == [0, 0]
    for bot in bots:
        assert (bot.data / "index.sqlite3").is_file()
        assert not (bot.data / "state.sqlite3").exists()
