"""What the gateway closes a connection for, when an address is shut out, and other last resorts."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.discord.clients import Wire
from tests.discord.server import Discord, NotOffered, opened_discord
from tests.discord.server.gateway import HEARTBEAT, IDENTIFY, RESUME
from tests.discord.server.rates import GLOBAL, INVALID
from tests.discord.server.world import Channel


def identity(server: Discord, **more: Any) -> dict[str, Any]:
    return {"op": IDENTIFY, "d": {"token": server.token, "intents": 1, **more}}


async def closed_with(server: Discord, *messages: object) -> int | None:
    """What a connection is closed with that says some things, None where it stays open."""
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        for message in messages:
            if isinstance(message, str):
                await ws.send_str(message)
            else:
                await ws.send_json(message)
        await ws.send_json({"op": HEARTBEAT, "d": None})
        async for frame in ws:
            if frame.json()["op"] == 11:
                return None
        return ws.close_code


@pytest.mark.parametrize(
    ("guilds", "shards", "code"), [(2500, 1, None), (2501, 1, 4011), (2501, 2, None)]
)
async def test_2500_guilds_are_the_most_of_a_shard(
    server: Discord, guilds: int, shards: int, code: int | None
) -> None:
    for number in range(guilds):
        server.add_guild(str(number))
    # Without its intent nothing is told of guilds.
    said = identity(server, intents=0, shard=[0, shards])
    assert await closed_with(server, said) == code


async def test_what_the_gateway_does_not_understand_ends_the_connection(server: Discord) -> None:
    who = identity(server)
    assert await closed_with(server, who) is None
    assert await closed_with(server, "no json") == 4002
    assert await closed_with(server, who, who) == 4005
    assert await closed_with(server, who, {"op": 99, "d": None}) == 4001


async def test_a_client_that_says_too_much_is_cut(server: Discord) -> None:
    beat = {"op": HEARTBEAT, "d": None}
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        for _ in range(120):
            await ws.send_json(beat)
        heard = [(await ws.receive_json())["op"] for _ in range(121)]
        assert heard == [10, *[11] * 120]
        server.clock.advance(timedelta(minutes=1))
        for _ in range(120):
            await ws.send_json(beat)
        assert [(await ws.receive_json())["op"] for _ in range(120)] == [11] * 120
        await ws.send_json(beat)
        assert [frame async for frame in ws] == []
        assert ws.close_code == 4008


async def test_nobody_resumes_behind_what_was_said(server: Discord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        await ws.receive_json()
        await ws.send_json(identity(server))
        ready = await ws.receive_json()
        there = {"token": server.token, "session_id": ready["d"]["session_id"], "seq": 99}
        assert await closed_with(server, {"op": RESUME, "d": there}) == 4007


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_10000_invalid_answers_in_ten_minutes_shut_an_address_out(status: int) -> None:
    now = 1000.0
    async with (
        opened_discord(seconds=lambda: now) as server,
        aiohttp.ClientSession() as session,
    ):
        wire = Wire(session, server)
        channel = server.add_channel(server.add_guild("readers"), "general")
        server.forbid(channel, server.bot, "send_messages")
        for _ in range(INVALID - 1):
            server.rates.note_invalid()
        assert INVALID == 10_000
        assert (await wire.ask("GET", "/users/@me"))[0] == 200
        if status == 401:
            assert (await wire.ask("GET", "/users/@me", token="wrong"))[0] == status  # noqa: S106
        elif status == 403:
            assert (await wire.post(channel, {"content": "x"}))[0] == status
        else:
            told = [(await wire.ask("GET", "/users/@me"))[0] for _ in range(GLOBAL)]
            assert told[-1] == status
        assert await wire.ask("GET", "/users/@me") == (429, "error code: 1015")
        now += 600.5
        assert (await wire.ask("GET", "/users/@me"))[0] == 200


async def test_a_body_without_its_type_is_refused(wire: Wire, channel: Channel) -> None:
    url = f"{wire.server.api_url}/channels/{channel.id}/messages"
    headers = {"Authorization": f"Bot {wire.server.token}"}
    async with wire.session.post(
        url, data=b'{"content":"x"}', headers=headers, skip_auto_headers=["Content-Type"]
    ) as answer:
        assert answer.status == 400
    assert not wire.server.journal.entries


async def test_a_command_with_subcommands_cannot_be_called_itself(
    wire: Wire, channel: Channel
) -> None:
    inner = {"type": 1, "name": "list", "description": "List"}
    whole = {"name": "digest", "description": "Digests", "options": [inner]}
    await wire.ask("PUT", f"/applications/{wire.server.bot.id}/commands", [whole])
    ann = wire.server.add_user("ann")
    assert channel.guild is not None
    wire.server.join(channel.guild, ann)
    with pytest.raises(NotOffered):
        await wire.server.player(ann, channel).types("/digest")
