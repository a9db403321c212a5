"""What a person meets first: the welcome, digests of a channel and of one's own; and restarts."""

import asyncio

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import Kind, Seen, opened_slack
from tests.slack.server.world import Channel
from tests.slack.test_presses import POST, from_bot, told


def said_in(place: Channel) -> list[Seen]:
    return [Seen(one) for one in place.messages.values() if one.by_app]


async def first_words(scene: Scene, place: Channel) -> Seen:
    """What the bot says of its own accord in a place."""
    assert await scene.slack.changes.until(lambda: bool(said_in(place)), 30)
    [message] = said_in(place)
    return message


async def test_the_first_channel_into_which_it_is_invited_is_greeted_once(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings, looks=True) as scene:
        hall = slack.add_channel(scene.team, "hall", bot=False)
        room = slack.add_channel(scene.team, "room", Kind.PRIVATE, bot=False)
        slack.link.repeats = 1
        slack.invite_bot(hall)
        welcome = await first_words(scene, hall)
        assert "はじめまして" in welcome.text
        slack.invite_bot(room)
        scene.play(scene.ann).joins(slack.add_channel(scene.team, "other", members=[]))
        await slack.settled()
        await scene.connected.under_way.ended(10)
        slack.link.repeats = 0
        ann = scene.play(scene.ann).at(hall)
        made = await ann.clicks(welcome, "このチャンネルに毎日届ける")
        assert made.private
        assert "次回" in made.text
        assert len(said_in(hall)) == 1
        assert not said_in(room)
        assert not slack.complaints


async def test_who_has_just_invited_it_need_not_wait(scene: Scene) -> None:
    there = scene.slack.add_channel(scene.team, "there", bot=False)
    ann = scene.play(scene.ann).at(there)
    answer = await ann.types(POST)
    assert "/invite @matome" in (await ann.clicks(answer, "共有")).text
    scene.slack.invite_bot(there)
    await scene.slack.settled()
    await told(ann, answer, "共有", "共有しました")
    scene.slack.remove_bot(there)
    await scene.slack.settled()
    other = await ann.types("/matome tags")
    assert "/invite @matome" in (await ann.clicks(other, "共有")).text


async def test_digests_of_a_channel_are_made_sent_and_changed(scene: Scene) -> None:
    ann, boss = scene.play(scene.ann), scene.play(scene.boss)
    made = await ann.types("/matome digest add 9:30 tags:GPU posts:3")
    assert made.private
    assert "9:30" in made.text
    await ann.types("/matome digest now", waits=False)
    digest = await first_words(scene, scene.channel)
    assert "GPUのメモリは遅い？" in digest.text
    async with asyncio.timeout(30):
        while "届けました" not in (await ann.types("/matome digest status")).text:
            pass
    settings = await boss.clicks(digest, "設定")
    assert settings.private
    assert "9:30" in settings.text
    paused = await boss.clicks(settings, "一時停止")
    assert paused.shown is settings.shown
    assert "再開" in "".join(paused.labels)
    assert "9:30" in (await ann.types("/matome digest list")).text
    opened = await boss.clicks(digest, "開く")
    assert opened.private
    # What was opened from a digest is unfolded in its thread.
    await told(boss, opened, "展開", "スレッドを開く")
    assert "畳まれたコメント" in "\n".join(one.text for one in boss.replies(digest))


async def test_only_admins_decide_where_the_operator_has_set_it_so(scene: Scene) -> None:
    object.__setattr__(scene.connected.platform.places, "only_admins", True)
    refused = await scene.play(scene.ann).types("/matome digest add 9:30")
    assert "管理" in refused.text
    made = await scene.play(scene.boss).types("/matome digest add 9:30")
    assert "次回" in made.text


async def test_help_leads_to_a_personal_digest_and_out_of_it(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    offered = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    asking = await ann.clicks(offered, "追加")
    made = await ann.submits(asking)
    assert "次回" in made.text
    listed = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    assert "9:00" in listed.text
    asked = await ann.clicks(await ann.says("help"), "自分のデータを削除")
    done = await ann.clicks(asked, "削除")
    assert "削除しました" in done.text
    empty = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    assert "まだ配信はありません" in empty.text


async def test_a_command_in_the_conversation_of_others_shares_nothing(scene: Scene) -> None:
    """Slash commands can be typed everywhere, also where the bot is not."""
    bot = scene.slack.bot(scene.team)
    theirs = scene.slack.add_group(scene.ann, team=scene.team)
    theirs.id = "D" + theirs.id[1:]
    scene.slack.channels[theirs.id] = theirs
    theirs.members.pop(bot.id)
    theirs.members[scene.boss.id] = scene.boss
    seen = await scene.play(scene.ann).at(theirs).types(POST)
    assert seen.private
    assert not [label for label in seen.labels if "共有" in label or "展開" in label]
    back = await scene.play(scene.ann).at(theirs).clicks(seen, "コメントを読む")
    assert back.shown is seen.shown


async def test_everything_works_after_a_restart(index: IndexReader, settings: Settings) -> None:
    async with opened_slack() as slack:
        async with opened_scene(slack, index, settings) as scene:
            ann = scene.play(scene.ann)
            private = await ann.types(POST)
            await told(ann, private, "共有", "共有しました")
            public = Seen(from_bot(scene)[0])
            direct = await ann.dm.says("gpu")
            mentioned = await ann.mentions("gpu")
        async with opened_scene(slack, index, settings) as scene:
            ann = scene.play(scene.ann)
            assert (await ann.clicks(private, "コメントを読む")).shown is private.shown
            assert (await ann.clicks(public, "コメントを読む")).private
            assert (await ann.clicks(direct, "開く")).shown is direct.shown
            assert (await ann.clicks(mentioned, "開く")).private
            assert not slack.complaints


async def test_what_others_say_is_not_answered(scene: Scene) -> None:
    ann, direct = scene.play(scene.ann), scene.direct(scene.ann)
    ann.writes("gpu")
    slack, bot = scene.slack, scene.slack.bot(scene.team)
    said = {"type": "message", "channel": direct.place.id, "channel_type": "im", "ts": "1.000001"}
    for odd in (
        {"user": scene.ann.id, "text": "gpu", "subtype": "message_changed"},
        {"user": scene.ann.id, "text": "gpu", "edited": {"user": scene.ann.id, "ts": "1.0"}},
        {"user": bot.id, "bot_id": bot.bot_id, "text": "gpu"},
        {"subtype": "message_deleted"},
    ):
        slack.tell(scene.team, "message.im", said | odd)
    await slack.settled()
    await scene.connected.under_way.ended(10)
    assert not said_in(direct.place)
    assert not from_bot(scene)
