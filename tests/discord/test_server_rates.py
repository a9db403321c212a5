"""Rate limits and everything that goes wrong on the way, as discord.py meets it."""

import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord.clients import Bot, Wire, running
from tests.discord.server import Discord, Trouble, Way
from tests.discord.server.town import opened_discord
from tests.discord.server.world import Channel

POST = "POST /channels/{channel}/messages"
MESSAGES = ".*/messages"


async def test_a_route_is_limited_by_channel(wire: Wire, channel: Channel) -> None:
    server = wire.server
    server.rates.buckets[POST] = (2, 0.2)
    headers = {
        "Authorization": f"Bot {server.token}",
        "Content-Type": "application/json",
    }
    url = f"{server.api_url}/channels/{channel.id}/messages"
    for left in (1, 0):
        async with wire.session.post(url, data='{"content":"x"}', headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["X-RateLimit-Remaining"] == str(left)
            assert answer.headers["X-RateLimit-Bucket"]
            assert 0 < float(answer.headers["X-RateLimit-Reset-After"]) <= 0.2
    async with wire.session.post(url, data='{"content":"x"}', headers=headers) as answer:
        assert answer.status == 429
        assert answer.headers["Via"]
        assert answer.headers["X-RateLimit-Scope"] == "user"
        body = await answer.json()
        assert (body["global"], 0 < body["retry_after"] <= 0.2) == (False, True)
    assert channel.guild is not None
    other = server.add_channel(channel.guild, "other")
    assert (await wire.post(other, {"content": "x"}))[0] == 200


async def test_all_routes_together_are_limited_but_interactions_are_not(wire: Wire) -> None:
    wire.server.rates.per_second = 5
    for _ in range(5):
        assert (await wire.ask("GET", "/users/@me"))[0] == 200
    status, answer = await wire.ask("GET", "/users/@me")
    assert (status, answer["global"]) == (429, True)
    status, answer = await wire.ask("POST", "/interactions/1/token/callback", {"type": 5})
    assert (status, answer["code"]) == (404, 10062)


async def test_the_limit_is_fifty_a_second(wire: Wire) -> None:
    asked = [wire.ask("GET", f"/users/{wire.server.owner.id}") for _ in range(60)]
    wire.server.rates.buckets["GET /users/{user}"] = (1000, 1.0)
    answers = [status for status, _ in await asyncio.gather(*asked)]
    assert (answers.count(200), answers.count(429)) == (50, 10)


async def test_too_many_invalid_answers_block_the_address(wire: Wire) -> None:
    wire.server.rates.invalid_limit = 3
    for _ in range(3):
        assert (await wire.ask("GET", "/users/@me", token="wrong"))[0] == 401  # noqa: S106
    assert await wire.ask("GET", "/users/@me") == (429, "error code: 1015")


async def test_json_is_said_to_be_json_and_nothing_else(wire: Wire, channel: Channel) -> None:
    url = f"{wire.server.api_url}/channels/{channel.id}/messages"
    headers = {"Authorization": f"Bot {wire.server.token}"}
    for kind in ("text/plain", "application/json; charset=utf-8"):
        said = {**headers, "Content-Type": kind}
        async with wire.session.post(url, data='{"content":"x"}', headers=said) as answer:
            assert answer.status == 400
            assert answer.headers["Content-Type"] == "application/json"


async def test_an_unknown_route_is_noted() -> None:
    async with opened_discord() as server, aiohttp.ClientSession() as session:
        assert (await Wire(session, server).ask("GET", "/gifts"))[0] == 404
        assert server.unknown_routes == ["GET /api/v10/gifts"]


async def test_what_discord_py_waits_for_by_itself(server: Discord, channel: Channel) -> None:
    bot = Bot()
    async with running(bot, server):
        place = bot.get_partial_messageable(channel.id)
        server.troubles.plan("POST", MESSAGES, Trouble(Way.LIMITED, seconds=0.05))
        server.troubles.plan("POST", MESSAGES, Trouble(Way.SLOW, seconds=0.05))
        began = time.monotonic()
        await place.send("word")
        assert time.monotonic() - began > 0.09
        assert len(server.journal.of("post")) == 1


@pytest.mark.parametrize("way", [Way.STATUS, Way.BANNED])
async def test_what_discord_py_does_not_try_again(
    way: Way, server: Discord, channel: Channel
) -> None:
    bot = Bot()
    async with running(bot, server):
        server.troubles.plan("POST", MESSAGES, Trouble(way))
        with pytest.raises(discord.HTTPException) as raised:
            await bot.get_partial_messageable(channel.id).send("word")
        assert raised.value.status == (503 if way is Way.STATUS else 429)
        assert not server.journal.of("post")


async def test_a_lost_answer_is_found_by_its_nonce(server: Discord, channel: Channel) -> None:
    bot = Bot()
    async with running(bot, server):
        place = bot.get_partial_messageable(channel.id)
        server.troubles.plan("POST", MESSAGES, Trouble(Way.LOST))
        server.troubles.plan("POST", MESSAGES, Trouble(Way.RESET))
        for _ in range(2):
            with pytest.raises((aiohttp.ClientError, ConnectionError)):
                await place.send("word", nonce="x" * 22)
        sent = await place.send("word", nonce="x" * 22)
        (posted,) = server.journal.of("post")
        assert (posted.message, posted.nonce) == (sent.id, "x" * 22)
        assert [entry.repeated for entry in server.journal] == [False, True]


async def test_errors_are_the_ones_that_discord_py_knows(server: Discord, channel: Channel) -> None:
    bot = Bot()
    async with running(bot, server):
        place = bot.get_partial_messageable(channel.id)
        server.forbid(channel, server.bot, "send_messages")
        with pytest.raises(discord.Forbidden) as forbidden:
            await place.send("word")
        assert forbidden.value.code == 50013
        server.delete_channel(channel)
        with pytest.raises(discord.NotFound) as gone:
            await place.send("word")
        assert gone.value.code == 10003


async def test_a_form_is_read_by_discord_py(server: Discord, channel: Channel) -> None:
    bot = Bot()
    async with running(bot, server):
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.TextDisplay("x" * 4001))
        with pytest.raises(discord.HTTPException, match="Must be between 1 and 4000 in length"):
            await bot.get_partial_messageable(channel.id).send(view=view)


@pytest.mark.parametrize(
    "body",
    [
        {"flags": 1 << 15, "components": {"type": 10}},
        {"flags": 1 << 15, "components": ["text"]},
        {"flags": "many"},
        {"embeds": ["text"]},
        {"allowed_mentions": "none"},
        ["text"],
    ],
)
async def test_an_odd_body_is_refused_and_noted(body: Any) -> None:
    async with opened_discord() as server, aiohttp.ClientSession() as session:
        channel = server.add_channel(server.add_guild("readers"), "general")
        status, answer = await Wire(session, server).post(channel, body)
        assert (status, answer["code"]) in ((400, 50035), (400, 50109))
        assert server.odd_bodies or server.refusals
        assert not server.journal.entries
