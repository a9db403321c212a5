"""The Slack of the tests as a process of its own."""

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server.__main__ import random_troubles
from tests.slack.server.troubles import Way


async def test_it_serves_until_its_input_ends() -> None:
    arguments = ["-m", "tests.slack.server", "--teams", "2", "--channels", "3"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    assert [len(team["channels"]) for team in told["teams"]] == [3, 3]
    team = told["teams"][0]
    client = AsyncWebClient(token=team["token"], base_url=told["api_url"])
    metadata = {"event_type": "sent", "event_payload": {"key": "a-key"}}
    await client.chat_postMessage(channel=team["channels"][0], text="word", metadata=metadata)
    origin = told["api_url"].removesuffix("/api/")
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{origin}/control/journal") as answer:
            (entry,) = (await answer.json())["entries"]
        async with session.post(f"{origin}/control/cut") as answer:
            assert answer.status == 200
    assert (entry["what"], entry["channel"]) == ("post", team["channels"][0])
    assert entry["body"]["metadata"] == metadata
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


def test_troubles_come_by_chance_and_the_same_again() -> None:
    def chosen(seed: int) -> list[Way | None]:
        choose = random_troubles(random.Random(seed), {Way.LOST: 0.2, Way.STATUS: 0.2})
        found = [choose("chat.postMessage") for _ in range(200)]
        assert choose("auth.test") is None
        return [one.way if one is not None else None for one in found]

    assert chosen(1) == chosen(1) != chosen(2)
    assert set(chosen(1)) == {None, Way.LOST, Way.STATUS}
