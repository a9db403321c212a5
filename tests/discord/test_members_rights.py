"""Nobody lets the bot say what they may not say themselves."""

import pytest

from bot.intent import OpenPost, Unfold
from bot.model import post_key
from bot.view import Action, Effect
from tests.discord.scene import Scene
from tests.discord.server import Seen
from tests.discord.stage import read

POST = post_key("2025_06_10_gpu_memory")
LINK = "https://news.ycombinator.com/item?id=101"
SHARE = Action(OpenPost(POST), Effect.SHARE)
THREAD = Action(Unfold(POST), Effect.THREAD)
AGREED = Action(Unfold(POST, share=True), Effect.THREAD)
REFUSED = "投稿する権限がない"


async def press(scene: Scene, seen: Seen, action: Action) -> str:
    """What ann is told who presses a code that she has from elsewhere."""
    codes = await scene.bot.chat.codes_of([action])
    told = await scene.play(scene.ann, seen.shown.channel).presses(seen, codes[action])
    assert told.private
    return read(told.text)


async def shared(scene: Scene) -> Seen:
    """A post that all see in the channel."""
    boss = scene.play(scene.boss)
    await boss.clicks(await boss.types("/matome", query=LINK), "チャンネルに共有")
    [message] = scene.channel.messages.values()
    return Seen(message)


async def test_who_may_not_write_in_a_channel_does_not_through_the_bot(scene: Scene) -> None:
    scene.discord.forbid(scene.channel, scene.ann, "send_messages")
    seen = await scene.play(scene.ann).types("/matome", query=LINK)
    assert "チャンネルに共有" not in seen.labels
    for action in (SHARE, THREAD, AGREED):
        assert REFUSED in await press(scene, seen, action)
    assert not scene.channel.messages
    assert scene.guild.channels.keys() == {scene.channel.id}


@pytest.mark.parametrize("right", ["create_public_threads", "send_messages_in_threads"])
async def test_who_may_open_no_thread_unfolds_nothing(scene: Scene, right: str) -> None:
    message = await shared(scene)
    scene.discord.forbid(scene.channel, scene.ann, right)
    seen = await scene.play(scene.ann).types("/matome", query=LINK)
    assert "スレッドに展開" not in seen.labels
    assert "チャンネルに共有" in seen.labels
    # What all see has the button for those who may.
    assert "スレッドに展開" in message.labels
    assert REFUSED in await press(scene, message, THREAD)
    assert message.shown.thread is None
    await scene.play(scene.boss).clicks(message, "スレッドに展開")
    assert message.shown.thread is not None


async def test_in_a_thread_the_rights_of_threads_count(scene: Scene) -> None:
    ann = scene.play(scene.ann).opens_thread("雑談")
    scene.discord.forbid(scene.channel, scene.ann, "send_messages", "create_public_threads")
    seen = await ann.types("/matome", query=LINK)
    assert {"チャンネルに共有", "スレッドに展開"} <= set(seen.labels)
    await ann.clicks(seen, "チャンネルに共有")
    before = len(ann.place.messages)
    assert before == 1
    scene.discord.forbid(scene.channel, scene.ann, "send_messages_in_threads")
    seen = await ann.types("/matome", query=LINK)
    assert not {"チャンネルに共有", "スレッドに展開"} & set(seen.labels)
    for action in (SHARE, THREAD, AGREED):
        assert REFUSED in await press(scene, seen, action)
    assert len(ann.place.messages) == before


async def test_who_manages_everything_may_share(scene: Scene) -> None:
    scene.discord.forbid(scene.channel, scene.guild.roles[scene.guild.id], "send_messages")
    owner = scene.play(scene.owner)
    seen = await owner.types("/matome", query=LINK)
    assert {"チャンネルに共有", "スレッドに展開"} <= set(seen.labels)
