"""Comments are unfolded where that is possible; else it is said why, and whom to ask."""

import asyncio

import pytest

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.discord.scene import Scene, opened_scene
from tests.discord.server import Seen, opened_discord
from tests.discord.server.world import Channel
from tests.discord.stage import read


async def shared(scene: Scene) -> Seen:
    """A post that all see in the channel."""
    seen = await scene.play(scene.ann).types("/matome", query="gpu")
    opened = await scene.play(scene.ann).clicks(seen, next(label for label in seen.labels if label))
    await scene.play(scene.ann).clicks(opened, "共有")
    [message] = [one for one in scene.channel.messages.values() if one.author.bot]
    return Seen(message)


async def unfolded(scene: Scene) -> tuple[Seen, Channel]:
    """A post with its comments in a thread."""
    message = await shared(scene)
    await scene.play(scene.ann).clicks(message, "展開")
    thread = message.shown.thread
    assert thread is not None
    assert thread.messages
    return message, thread


def forbid(scene: Scene, right: str) -> None:
    scene.discord.forbid(scene.channel, scene.discord.bot, right)


@pytest.mark.parametrize(
    ("right", "named"),
    [
        ("create_public_threads", "Create Public Threads"),
        ("send_messages_in_threads", "Send Messages in Threads"),
        ("send_messages", "Send Messages"),
    ],
)
@pytest.mark.parametrize(("locale", "whom"), [("ja", "管理者"), ("en-US", "administrator")])
async def test_a_missing_right_is_named_with_whom_to_ask(
    scene: Scene, right: str, named: str, locale: str, whom: str
) -> None:
    message = await shared(scene)
    forbid(scene, right)
    scene.boss.locale = locale
    seen = await scene.play(scene.boss).clicks(message, "展開")
    assert seen.private
    assert named in seen.text
    assert whom in seen.text
    assert message.shown.thread is None


async def test_a_thread_that_sleeps_goes_on(scene: Scene) -> None:
    message, thread = await unfolded(scene)
    scene.discord.archive(thread)
    seen = await scene.play(scene.boss).clicks(message, "展開")
    assert "展開済み" in read(seen.text)


async def test_a_locked_thread_is_told(scene: Scene) -> None:
    message, thread = await unfolded(scene)
    before = len(thread.messages)
    scene.discord.archive(thread, locked=True)
    seen = await scene.play(scene.boss).clicks(message, "展開")
    assert "Manage Threads" in seen.text
    assert "ロック" in read(seen.text)
    assert "管理者" in read(seen.text)
    assert len(thread.messages) == before


async def test_another_thread_takes_the_place_of_one_that_was_deleted(scene: Scene) -> None:
    message, thread = await unfolded(scene)
    before = [one.text for one in map(Seen, thread.messages.values())]
    scene.discord.delete_channel(thread)
    await scene.play(scene.boss).clicks(message, "展開")
    seen = await scene.play(scene.boss).clicks(message, "展開")
    assert "展開済み" in read(seen.text)
    [another] = [one for one in scene.guild.channels.values() if one.is_thread]
    assert another is not thread
    assert [one.text for one in map(Seen, another.messages.values())] == before
    assert str(another.id) in str(seen.shown.body)


async def test_a_thread_that_somebody_opened_on_the_message_is_used(scene: Scene) -> None:
    message = await shared(scene)
    theirs = scene.play(scene.boss).opens_thread("ours", message.shown)
    await scene.play(scene.ann).clicks(message, "展開")
    assert message.shown.thread is theirs.place
    assert theirs.place.messages


async def test_too_many_threads_are_told_and_waited_for(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_discord() as discord:
        async with opened_scene(discord, index, settings) as scene:
            message = await shared(scene)
            scene.guild.thread_limit = 0
        async with opened_scene(discord, index, settings, wait=0.2) as scene:
            assert "スレッドが多すぎます" in await put_off(scene, message)
            scene.boss.locale = "en-GB"
            assert "too many threads" in await put_off(scene, message)


async def put_off(scene: Scene, message: Seen) -> str:
    """What is told once Discord has been asked and has refused."""
    async with asyncio.timeout(30):
        while True:
            seen = read((await scene.play(scene.boss).clicks(message, "展開")).text)
            if "0/3" in seen and ("多すぎ" in seen or "too many" in seen):
                return seen


@pytest.mark.parametrize("gone", ["message", "channel"])
async def test_what_was_deleted_in_the_middle_is_told(scene: Scene, gone: str) -> None:
    message = await shared(scene)
    pressing = asyncio.create_task(scene.play(scene.boss).clicks(message, "展開"))
    # The press has left, and nothing has come of it yet.
    await asyncio.sleep(0)
    if gone == "message":
        scene.discord.remove(message.shown)
    else:
        scene.discord.delete_channel(scene.channel)
    seen = await pressing
    assert seen.private
    assert "削除" in read(seen.text)
