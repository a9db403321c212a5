"""What should not be, but is: floods, places that go away, people who cannot be reached."""

import asyncio
from datetime import timedelta

import pytest

from bot.app import CLOCKS, opened_stores
from bot.chat.chat import Clocks
from bot.chat.floods import Floods
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.discord.scene import Scene, opened_scene
from tests.discord.server import Seen, Trouble, Way, opened_discord
from tests.discord.server.channels import dm_with
from tests.discord.server.world import User
from tests.discord.stage import read


def written_to(scene: Scene, user: User) -> list[str]:
    """What the bot wrote to somebody in direct messages."""
    place = dm_with(scene.discord, user)
    return [read(Seen(one).text) for one in place.messages.values() if one.author.bot]


async def test_who_asks_too_often_is_asked_to_wait(index: IndexReader, settings: Settings) -> None:
    seconds = 0.0
    clocks = Clocks(CLOCKS.now, lambda: seconds)
    async with (
        opened_discord() as discord,
        opened_scene(discord, index, settings, clocks=clocks, floods=Floods()) as scene,
    ):
        ann = scene.play(scene.ann)
        for _ in range(20):
            assert "使い方" in read((await ann.types("/matome", query="help")).text)
        refused = await ann.types("/matome", query="help")
        assert refused.private
        assert "30秒" in read(refused.text)
        scene.ann.locale = "en-US"
        assert "wait" in (await ann.types("/matome", query="help")).text
        # Others are answered, and so is she after a while; a message counts like a command.
        assert "使い方" in read((await scene.play(scene.boss).types("/matome", query="help")).text)
        assert "wait" in (await ann.dm.says("help")).text
        seconds = 30.5
        assert "How to use it" in (await ann.types("/matome", query="help")).text


async def test_a_command_of_another_version_is_answered_kindly(scene: Scene) -> None:
    scene.discord.commands += [
        {"id": "1", "type": 1, "name": "old", "options": [], "description": "x"},
        {"id": "2", "type": 3, "name": "Old"},
    ]
    ann = scene.play(scene.ann)
    said = ann.writes("https://news.ycombinator.com/item?id=101")
    for seen in (await ann.types("/old"), await ann.message_command("Old", said)):
        assert seen.private
        assert "新しく" in read(seen.text) or "バージョン" in read(seen.text)


async def test_an_answer_that_is_too_late_harms_nothing(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    asking = asyncio.create_task(ann.types("/matome", query="gpu"))
    await asyncio.sleep(0)
    # Discord has forgotten it before the bot has heard of it.
    scene.discord.clock.advance(timedelta(minutes=1))
    refusals = scene.discord.refusals
    assert await scene.discord.changes.until(lambda: bool(refusals), 10)
    assert refusals[-1].body["code"] == 10062
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert "GPU" in read((await ann.types("/matome", query="gpu")).text)


async def test_a_message_that_goes_away_under_a_press_harms_nothing(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    said = await ann.says("gpu")
    pressing = asyncio.create_task(ann.clicks(said, next(label for label in said.labels if label)))
    await asyncio.sleep(0)
    scene.discord.remove(said.shown)
    seen = await pressing
    assert not seen.edited
    assert seen.text


async def test_a_digest_that_cannot_be_sent_tells_its_creator_once(scene: Scene) -> None:
    await stop_a_digest(scene)
    assert await scene.discord.changes.until(lambda: bool(written_to(scene, scene.boss)), 10)
    [told] = written_to(scene, scene.boss)
    assert "止めました" in told
    assert not written_to(scene, scene.owner)


async def test_where_direct_messages_are_closed_the_owner_is_told(scene: Scene) -> None:
    scene.boss.dms_open = False
    await stop_a_digest(scene)
    assert await scene.discord.changes.until(lambda: bool(written_to(scene, scene.owner)), 10)
    assert not written_to(scene, scene.boss)


async def stop_a_digest(scene: Scene) -> None:
    """A digest of a channel that vanishes without a word."""
    there = scene.discord.add_channel(scene.guild, "there")
    boss = scene.play(scene.boss).at(there)
    await scene.connected.has_heard()
    await boss.types("/digest add", time="9:30")
    sending = asyncio.create_task(boss.types("/digest now"))
    await asyncio.sleep(0)
    scene.discord.channels.pop(there.id)
    assert (await sending).private


async def test_a_digest_waits_for_the_end_of_an_outage(scene: Scene) -> None:
    def away(method: str, path: str) -> Trouble | None:
        is_there = str(scene.channel.id) in path and scene.guild.unavailable
        return Trouble(Way.STATUS, 503) if is_there else None

    boss = scene.play(scene.boss)
    await boss.types("/digest add", time="9:30")
    scene.discord.troubles.choose = away
    scene.discord.outage(scene.guild)
    await scene.connected.has_heard()
    await boss.types("/digest now")
    assert await scene.discord.changes.until(lambda: bool(scene.discord.troubles.met), 10)
    assert not scene.channel.messages
    scene.discord.recover(scene.guild)
    assert await scene.discord.changes.until(lambda: bool(scene.channel.messages), 30)
    assert not written_to(scene, scene.boss)
    assert "9:30" in read((await boss.types("/digest list")).text)


async def test_removal_while_offline_is_noticed_and_so_is_coming_back(
    index: IndexReader, settings: Settings
) -> None:
    async def due() -> int:
        async with opened_stores(settings) as stores:
            [each] = await stores.subscriptions.every()
            return len(await stores.digests.due(["discord"], each.due.at, 10)) if each.due else 0

    async with opened_discord() as discord:
        async with opened_scene(discord, index, settings) as scene:
            await scene.play(scene.boss).types("/digest add", time="9:30")
        assert await due() == 1
        discord.remove_bot(scene.guild)
        async with opened_scene(discord, index, settings, looks=True):
            pass
        assert await due() == 0
        discord.invite_bot(scene.guild)
        async with opened_scene(discord, index, settings, looks=True):
            pass
        assert await due() == 1
