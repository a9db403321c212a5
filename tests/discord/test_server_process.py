"""The Discord of the tests as a process of its own."""

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE

import aiohttp

from tests.discord.server.__main__ import random_troubles
from tests.discord.server.troubles import Way


async def test_it_serves_until_its_input_ends() -> None:
    arguments = ["-m", "tests.discord.server", "--guilds", "2", "--channels", "3"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    assert [len(guild["channels"]) for guild in told["guilds"]] == [3, 3]
    channel = told["guilds"][0]["channels"][0]
    headers = {"Authorization": f"Bot {told['token']}", "Content-Type": "application/json"}
    origin = told["api_url"].removesuffix("/api/v10")
    async with aiohttp.ClientSession() as session:
        url = f"{told['api_url']}/channels/{channel}/messages"
        body = '{"content": "word", "nonce": "a-key"}'
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
        async with session.get(f"{origin}/control/journal") as answer:
            (entry,) = (await answer.json())["entries"]
        async with session.post(f"{origin}/control/cut") as answer:
            assert answer.status == 200
    assert (entry["what"], entry["channel"], entry["nonce"]) == ("post", channel, "a-key")
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


def test_troubles_come_by_chance_and_the_same_again() -> None:
    def chosen(seed: int) -> list[Way | None]:
        choose = random_troubles(random.Random(seed), {Way.LOST: 0.2, Way.STATUS: 0.2})
        found = [choose("POST", "/channels/1/messages") for _ in range(200)]
        assert choose("GET", "/users/@me") is None
        return [one.way if one is not None else None for one in found]

    assert chosen(1) == chosen(1) != chosen(2)
    assert set(chosen(1)) == {None, Way.LOST, Way.STATUS}
