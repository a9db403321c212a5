"""The connection: shards, what is told of servers, cuts, and the end of it."""

import asyncio

import pytest

from adapters.discord.client import Arrived, Connection, Shards
from adapters.discord.connecting import stay_connected
from bot.errors import OperatorError
from tests.discord.running import logged_in
from tests.discord.scene import Scene
from tests.discord.server import Trouble, Way, opened_discord


async def test_a_new_server_is_told_of_and_a_removal_but_no_outage(scene: Scene) -> None:
    noted, discord = scene.connected.noted, scene.discord
    new = discord.add_guild("new", locale="en-US")
    # There is no channel yet to say hello in.
    await scene.connected.has_heard()
    hall = discord.add_channel(new, "hall")
    discord.remove_bot(new)
    discord.invite_bot(new)
    assert await noted.changes.until(lambda: len(noted.joined) == 1, 10)
    place, language = noted.joined[-1]
    assert (place.target, place.workspace) == (str(hall.id), str(new.id))
    assert language == "en"
    discord.outage(new)
    discord.recover(new)
    discord.remove_bot(scene.guild)
    assert await noted.changes.until(lambda: str(scene.guild.id) in noted.left, 10)
    assert noted.left.count(str(new.id)) == 1


async def test_the_servers_of_these_shards_are_told_at_the_start() -> None:
    async with opened_discord() as discord:
        guilds = [discord.add_guild(f"guild {number}") for number in range(8)]
        mine = {str(each.id) for each in guilds if (each.id >> 22) % 4 in (1, 2)}
        shards = Connection(discord.token, Shards((1, 2), 4))
        async with logged_in(discord, shards) as connected:
            connected.client._arrived = connected.noted.arrived
            await connected.hears()
            noted = connected.noted
            assert await noted.changes.until(lambda: len(noted.found) == 2, 10)
            assert set.union(*noted.found) == mine
            assert {each.shard for each in discord.gateway.connected} == {1, 2}


@pytest.mark.parametrize("count", [1, 2])
async def test_a_server_that_was_left_while_its_shard_was_cut_off_is_noticed(count: int) -> None:
    async with opened_discord() as discord:
        guilds = [discord.add_guild(f"guild {number}") for number in range(8)]
        gone, *stay = [each for each in guilds if (each.id >> 22) % count == 0]
        shards = Connection(discord.token, Shards(tuple(range(count)), count))
        async with logged_in(discord, shards) as connected:
            client, noted = connected.client, connected.noted
            client._arrived = noted.arrived
            await connected.hears()
            assert await noted.changes.until(lambda: len(noted.found) == count, 10)
            discord.gateway.takes.clear()
            await discord.gateway.invalidate(0)
            discord.remove_bot(gone)
            discord.gateway.takes.set()
            assert await noted.changes.until(lambda: len(noted.found) == count + 1, 10)
            assert noted.found[-1] == {str(each.id) for each in stay}
            assert {each.id for each in client.guilds} == {each.id for each in guilds} - {gone.id}
            assert noted.left == []
            assert not any(client._has(shard, "G1") for shard in range(count))


async def test_a_shard_is_there_with_the_last_of_its_servers() -> None:
    async with opened_discord() as discord:
        last = [discord.add_guild(f"guild {number}") for number in range(3)][-1]
        # Long after the test the library would call it ready.
        async with logged_in(discord, ready_timeout=3600) as connected:
            client = connected.client
            connected.listening = asyncio.create_task(stay_connected(client))
            async with asyncio.timeout(10):
                await client.wait_for("guild_available", check=lambda each: each.id == last.id)
            # Who waits for an event is told before the client itself.
            await asyncio.sleep(0)
            assert client.links.states == {"0": True}


async def test_a_shard_without_servers_is_there_at_once() -> None:
    async with opened_discord() as discord, logged_in(discord, ready_timeout=3600) as connected:
        client = connected.client
        connected.listening = asyncio.create_task(stay_connected(client))
        async with asyncio.timeout(10):
            await client.wait_for("shard_connect")
        await asyncio.sleep(0)
        assert client.links.states == {"0": True}


async def test_a_server_that_is_away_keeps_a_shard_from_nothing() -> None:
    async with opened_discord() as discord:
        discord.add_guild("here")
        discord.outage(discord.add_guild("away"))
        async with logged_in(discord) as connected:
            await connected.hears()
            assert connected.client.links.states == {"0": True}


async def test_every_click_is_answered_once_while_the_connection_is_cut(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    for _ in range(10):
        asking = asyncio.create_task(ann.types("/matome", query="gpu"))
        await scene.discord.gateway.cut()
        seen = await asking
        assert seen.private
        await scene.discord.connected()
    answers = [each for each in scene.discord.journal.entries if each.private]
    assert len(answers) == 10
    assert scene.discord.gateway.counts.resumed >= 1


async def test_what_is_heard_last_is_brought_to_its_end_too(scene: Scene) -> None:
    client, gateway = scene.connected.client, scene.discord.gateway
    ended = []

    async def left(platform: str, workspace: str) -> None:
        await scene.discord.changes.until(lambda: not gateway.connected, 10)
        ended.append(workspace)

    noted = scene.connected.noted.arrived
    client._arrived = Arrived(noted.joined, left, noted.found)
    client.dispatch("guild_remove", client.guilds[0])
    await client.leave(10)
    assert ended == [str(scene.guild.id)]


async def test_nobody_is_waited_for_longer_than_that(scene: Scene) -> None:
    client = scene.connected.client
    begun = asyncio.Event()

    async def left(platform: str, workspace: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    noted = scene.connected.noted.arrived
    client._arrived = Arrived(noted.joined, left, noted.found)
    client.dispatch("guild_remove", client.guilds[0])
    await begun.wait()
    async with asyncio.timeout(5):
        await client.leave(0.1)
    for task in client._under_way:
        task.cancel()


async def test_a_wrong_token_is_told() -> None:
    async with opened_discord() as discord:
        with pytest.raises(OperatorError) as told:
            async with logged_in(discord, Connection("another.token")):
                pass
        assert told.value.key == "discord.bad_token"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (4004, "discord.bad_token"),
        (4010, "discord.bad_shards"),
        (4011, "discord.bad_shards"),
        (4013, "discord.intents"),
        (4014, "discord.intents"),
        (4012, "discord.closed"),
    ],
)
async def test_what_ends_a_connection_for_good_is_told(code: int, key: str) -> None:
    async with opened_discord() as discord, logged_in(discord) as connected:
        running = asyncio.create_task(stay_connected(connected.client))
        await discord.connected()
        await discord.gateway.close(code)
        with pytest.raises(OperatorError) as told:
            await asyncio.wait_for(running, 10)
        assert told.value.key == key


async def test_while_discord_is_away_it_is_tried_again() -> None:
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with opened_discord() as discord:
        discord.troubles.plan("GET", "/users/@me", Trouble(Way.STATUS), 3)
        async with logged_in(discord, sleep=sleep):
            assert waited == [1.0, 2.0, 4.0]


async def test_the_commands_are_registered_only_when_they_changed(scene: Scene) -> None:
    assert scene.discord.command_writes == 1
    assert not await scene.connected.client.sync_commands()
    assert scene.discord.command_writes == 1
    scene.discord.commands[0]["description"] = "another"
    assert await scene.connected.client.sync_commands()
    assert scene.discord.command_writes == 2
    assert not await scene.connected.client.sync_commands()
