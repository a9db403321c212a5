"""People use commands, buttons, choices and messages; played over the real wire."""

import pytest

from bot.intent import Help
from bot.model import post_key
from bot.outbox import delivery_key
from bot.view import Action, Button, Buttons, Effect, Posting, View
from tests.discord.scene import Scene
from tests.discord.server import NotOffered, Seen
from tests.discord.stage import read

POST = post_key("2025_06_10_gpu_memory")


async def codes(scene: Scene, *actions: Action) -> list[str]:
    made = await scene.bot.chat.codes_of(actions)
    return [made[action] for action in actions]


async def posted(scene: Scene) -> Seen:
    """A post that all see in the channel."""
    ann = scene.play(scene.ann)
    seen = await ann.types("/matome", query="https://news.ycombinator.com/item?id=101")
    await ann.clicks(seen, "共有")
    [message] = scene.channel.messages.values()
    return Seen(message)


async def test_a_question_is_answered_for_the_asker_alone(scene: Scene) -> None:
    seen = await scene.play(scene.ann).types("/matome", query="gpu")
    assert seen.private
    assert "GPU" in read(seen.text)
    assert not scene.channel.messages


async def test_who_speaks_english_is_answered_in_english(scene: Scene) -> None:
    scene.ann.locale = "en-GB"
    assert "How to use it" in (await scene.play(scene.ann).types("/matome", query="help")).text
    scene.ann.locale = "ja"
    assert "使い方" in (await scene.play(scene.ann).types("/matome", query="help")).text


async def test_a_query_is_completed_while_somebody_types(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    assert "gpu" in [value.lower() for value in await ann.completes("/matome", "query", "gp")]
    assert len(await ann.completes("/matome", "query", "")) >= 3


async def test_a_button_changes_the_private_answer(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    first = await ann.types("/matome", query="help")
    [code] = await codes(scene, Action(Help(), Effect.REPLACE))
    seen = await ann.presses(first, code)
    assert seen.private
    before = await ann.types("/matome", query="gpu")
    label = next(label for label in before.labels if label)
    after = await ann.clicks(before, label)
    assert after.shown is before.shown or after.private


async def test_two_buttons_that_do_the_same_are_both_answered(scene: Scene) -> None:
    action = Action(Help())
    made = await scene.bot.chat.codes_of([action])
    buttons = Buttons((Button("使い方", action), Button("もう一度", action)))
    posting = Posting(View("概要", (buttons,)), "ja", made)
    await scene.connected.platform.post(str(scene.channel.id), posting, delivery_key("twice"))
    [message] = scene.channel.messages.values()
    for label in ("使い方", "もう一度"):
        seen = await scene.play(scene.ann).clicks(message, label)
        assert seen.private
        assert "使い方" in read(seen.text)


async def test_a_forged_or_old_button_is_answered_kindly(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    first = await ann.types("/matome", query="help")
    for code in ("nonsense", "1h~AAAAAA", "0old~AAAAAA", "choice", "x" * 100):
        seen = await ann.presses(first, code)
        assert seen.private
        assert not seen.edited
        assert "ボタン" in read(seen.text)


async def test_a_press_on_what_all_see_is_answered_in_private(scene: Scene) -> None:
    message = await posted(scene)
    before = message.text
    seen = await scene.play(scene.boss).clicks(message, "コメントを読む")
    assert seen.private
    assert not seen.edited
    assert message.text == before
    # Whoever was asked privately drives their answer alone.
    again = await scene.play(scene.boss).clicks(seen, "戻る") if "戻る" in seen.labels else seen
    assert again.private


async def test_comments_are_unfolded_into_a_thread_once(scene: Scene) -> None:
    message = await posted(scene)
    for _ in range(2):
        await scene.play(scene.ann).clicks(message, "展開")
    thread = message.shown.thread
    assert thread is not None
    assert len(thread.messages) >= 1
    assert all(each.flags & (1 << 12) for each in thread.messages.values())


async def test_a_direct_message_is_a_search(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.says("gpu")
    assert "GPU" in read(seen.text)
    assert not seen.private


async def test_a_press_in_direct_messages_changes_the_answer(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    first = await ann.says("gpu")
    [code] = await codes(scene, Action(Help(), Effect.REPLACE))
    seen = await ann.presses(first, code)
    assert seen.edited
    assert "使い方" in read(seen.text)


async def test_a_mention_is_answered_in_a_thread(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    said = ann.writes("gpu", to_bot=True)
    seen = await ann.sees_after(said)
    assert said.thread is not None
    assert seen.shown.channel is said.thread
    assert "GPU" in read(seen.text)
    inside = ann.at(said.thread)
    again = await inside.says("help", to_bot=True)
    assert again.shown.channel is said.thread


async def test_what_others_say_is_not_answered(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    ann.writes("gpu")
    said = ann.writes("help", to_bot=True)
    await ann.sees_after(said)
    assert len([one for one in scene.channel.messages.values() if one.author.bot]) == 0


async def test_the_post_of_somebodys_link_is_shown_to_who_asks(scene: Scene) -> None:
    said = scene.play(scene.boss).writes("https://news.ycombinator.com/item?id=101")
    seen = await scene.play(scene.ann).message_command("まとめを見る", said)
    assert seen.private
    other = scene.play(scene.boss).writes("hello")
    assert "リンク" in (await scene.play(scene.ann).message_command("まとめを見る", other)).text


async def test_digests_are_for_those_who_may_manage_the_channel(scene: Scene) -> None:
    with pytest.raises(NotOffered):
        await scene.play(scene.ann).types("/digest list")
    seen = await scene.play(scene.boss).types("/digest add", time="9:30", tags="GPU", posts=3)
    assert seen.private
    assert "9:30" in read(seen.text) or "09:30" in read(seen.text)
    listed = await scene.play(scene.boss).types("/digest list")
    assert "9:30" in read(listed.text)


async def test_a_managers_button_does_nothing_for_others(scene: Scene) -> None:
    seen = await scene.play(scene.boss).types("/digest add", time="9:30")
    code = next(one["custom_id"] for one in seen.buttons if one.get("label") == "一時停止")
    refused = await scene.play(scene.ann).presses(seen, code)
    assert refused.private
    assert "権限" in read(refused.text) or "管理" in read(refused.text)
    done = await scene.play(scene.boss).presses(seen, code)
    assert "再開" in str(done.shown.body)


async def test_whom_the_owner_gave_the_command_may_press_its_buttons(scene: Scene) -> None:
    seen = await scene.play(scene.boss).types("/digest add", time="9:30")
    code = next(one["custom_id"] for one in seen.buttons if one.get("label") == "一時停止")
    scene.discord.permit(scene.guild, "digest", scene.ann, allowed=True)
    scene.discord.permit(scene.guild, "digest", scene.boss, allowed=False)
    done = await scene.play(scene.ann).presses(seen, code)
    assert "再開" in str(done.shown.body)
    refused = await scene.play(scene.boss).presses(seen, code)
    assert "再開" not in refused.text
    assert not scene.discord.unknown_routes


async def test_a_digest_is_sent_now(scene: Scene) -> None:
    boss = scene.play(scene.boss)
    await boss.types("/digest add", time="9:30")
    await boss.types("/digest now")
    assert await scene.discord.changes.until(lambda: bool(scene.channel.messages), 10)
    [message] = scene.channel.messages.values()
    assert message.body["components"]


async def test_missing_rights_are_named_at_set_up(scene: Scene) -> None:
    scene.discord.forbid(scene.channel, scene.discord.bot, "send_messages")
    await scene.connected.has_heard()
    seen = await scene.play(scene.boss).types("/digest add", time="9:30")
    assert "Send Messages" in seen.text


async def test_a_personal_digest_is_set_up_in_direct_messages(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.types("/matome", query="help")
    assert not seen.private
