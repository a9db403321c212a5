"""Buttons and choices: on private answers, on what all see, in direct messages; forged and old."""

import pytest

from bot.intent import Help, Tags
from bot.outbox import delivery_key
from bot.view import Action, Button, Buttons, Choice, Effect, Option, Posting, View
from tests.slack.scene import Scene
from tests.slack.server import Kind, Player, Seen
from tests.slack.server.world import Message

POST = "/matome https://news.ycombinator.com/item?id=101"
FORGED = ("", "nonsense", "1h~AAAAAA", "0old~AAAAAA", "x" * 100, "<!channel>", "&lt;b&gt;")


def from_bot(scene: Scene) -> list[Message]:
    """What all in the channel see of the bot."""
    return [one for one in scene.channel.messages.values() if one.by_app]


async def told(person: Player, on: Seen, which: str, words: str) -> Seen:
    """What a person is told of a press by which others see something as well."""
    before = {id(one.message) for one in person.screen()}
    await person.clicks(on, which, waits=False)
    return await person.sees(
        lambda seen: seen.private and words in seen.text and id(seen.message) not in before
    )


async def shared(scene: Scene) -> Seen:
    """A post that all see in the channel."""
    ann = scene.play(scene.ann)
    await told(ann, await ann.types(POST), "共有", "共有しました")
    [message] = from_bot(scene)
    return Seen(message)


async def posted(scene: Scene, *buttons: Button, place: str | None = None) -> Seen:
    """A message with buttons that all see."""
    actions = [button.action for button in buttons if button.action is not None]
    codes = await scene.bot.chat.codes_of(actions)
    posting = Posting(View("概要", (Buttons(buttons),)), "ja", codes)
    platform = scene.connected.platform
    target = place or f"{scene.team.id}/{scene.channel.id}"
    reference = await platform.post(target, posting, delivery_key("posted"))
    _, channel, ts = reference.split("/")
    return Seen(scene.slack.channels[channel].messages[ts])


async def read_on(person: Player, post: Seen) -> None:
    """The comments take the post's place, and give it back."""
    comments = await person.clicks(post, "コメントを読む")
    assert comments.shown is post.shown
    assert "alice" in comments.text
    back = await person.clicks(comments, "記事に戻る")
    assert back.shown is post.shown


async def test_pages_are_turned_in_place_however_often(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await ann.types(POST)
    before = seen.text
    for _ in range(4):
        await read_on(ann, seen)
    assert seen.text == before


async def test_a_share_is_for_all_and_there_once(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    answer = await ann.types(POST)
    for _ in range(2):
        await told(ann, answer, "共有", "共有しました")
    [message] = from_bot(scene)
    assert "メモリ帯域が足りない" in Seen(message).text


async def test_a_press_on_what_all_see_is_answered_in_private(scene: Scene) -> None:
    message = await shared(scene)
    before = message.text
    seen = await scene.play(scene.boss).clicks(message, "コメントを読む")
    assert seen.private
    assert not seen.edited
    assert seen.shown.only_for is scene.boss
    # Whoever was asked privately drives their answer alone.
    back = await scene.play(scene.boss).clicks(seen, "記事に戻る")
    assert back.shown is seen.shown
    assert message.text == before
    assert len(from_bot(scene)) == 1


async def test_comments_are_unfolded_as_replies_once(scene: Scene) -> None:
    message = await shared(scene)
    for person in (scene.ann, scene.boss, scene.ann):
        await told(scene.play(person), message, "展開", "スレッドを開く")
    replies = scene.play(scene.ann).replies(message)
    said = "\n".join(reply.text for reply in replies)
    for words in ("メモリ帯域が足りない", "NVIDIAのGPUを買った", "畳まれたコメント"):
        assert said.count(words) == 1
    # A reply is pressed in its thread, where the answer belongs.
    more = [reply for reply in replies if reply.labels]
    for reply in more:
        seen = await scene.play(scene.boss).clicks(reply, reply.labels[0])
        assert seen.shown.thread_ts == message.shown.ts


async def test_unfolding_a_private_answer_asks_to_share_it_first(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    answer = await ann.types(POST)
    asked = await ann.clicks(answer, "展開")
    assert asked.private
    assert not from_bot(scene)
    await told(ann, asked, "共有して展開", "展開")
    message = from_bot(scene)[0]
    assert scene.play(scene.boss).replies(message)


async def test_nobody_is_told_of_sharing_where_the_bot_is_not(scene: Scene) -> None:
    for kind in (Kind.PUBLIC, Kind.PRIVATE):
        there = scene.slack.add_channel(scene.team, kind.value, kind, bot=False)
        ann = scene.play(scene.ann).at(there)
        seen = await ann.clicks(await ann.types(POST), "共有")
        assert "/invite @matome" in seen.text
    # Slack says of a private channel that there is none.
    [refusal] = scene.slack.refusals
    assert refusal.code == "channel_not_found"
    scene.slack.refusals.clear()


async def test_forged_and_outdated_values_are_answered_kindly(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    answer = await ann.types("/matome help")
    before = answer.text
    for code in FORGED:
        seen = await ann.presses(answer, "press:1", code)
        assert seen.private
        assert seen.shown is not answer.shown
        assert "ボタン" in seen.text
    assert answer.text == before


async def test_what_is_not_ours_is_only_acknowledged(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    answer = await ann.types("/matome help")
    before = len(scene.slack.sights)
    for action_id in ("odd", "open:1", "field:digest.add.tags"):
        await ann.presses(answer, action_id, "x", waits=False)
    await scene.slack.settled()
    assert len(scene.slack.sights) == before


async def test_buttons_and_choices_work_after_escaping(scene: Scene) -> None:
    """Slack may give a code back with & < and > written otherwise."""
    ann = scene.play(scene.ann)
    answer = await ann.types("/matome gpu")
    codes = await scene.bot.chat.codes_of([Action(Tags())])
    for code in codes.values():
        seen = await ann.presses(answer, "press:1", code.replace("&", "&amp;"))
        assert seen.shown is answer.shown


async def test_two_buttons_that_do_the_same_are_both_answered(scene: Scene) -> None:
    action = Action(Help())
    message = await posted(scene, Button("使い方", action), Button("もう一度", action))
    for label in ("使い方", "もう一度"):
        seen = await scene.play(scene.ann).clicks(message, label)
        assert seen.private
        assert "使い方" in seen.text


async def test_one_of_many_is_chosen(scene: Scene) -> None:
    actions = [Action(Help(), Effect.OPEN), Action(Tags(), Effect.OPEN)]
    codes = await scene.bot.chat.codes_of(actions)
    options = tuple(
        Option(label, action) for label, action in zip(("使い方", "タグ"), actions, strict=True)
    )
    posting = Posting(View("概要", (Choice("どれ", options),)), "ja", codes)
    target = f"{scene.team.id}/{scene.channel.id}"
    await scene.connected.platform.post(target, posting, delivery_key("choice"))
    [message] = from_bot(scene)
    seen = await scene.play(scene.ann).chooses(message, "タグ")
    assert seen.private
    assert "ネットワーク" in seen.text


async def test_what_was_posted_in_direct_messages_is_not_replaced(scene: Scene) -> None:
    """A digest of one's own stays, whatever is pressed on it."""
    ann = scene.direct(scene.ann)
    place = f"{scene.team.id}/{ann.place.id}"
    message = await posted(scene, Button("使い方", Action(Help())), place=place)
    seen = await ann.clicks(message, "使い方")
    assert seen.shown is not message.shown
    assert "tag:GPU" in seen.text
    # The answer is a message of the conversation, which changes.
    back = await ann.clicks(seen, "タグ")
    assert back.shown is seen.shown or back.text


@pytest.mark.parametrize("asked", ["gpu", "ルーター"])
async def test_direct_messages_are_turned_in_place(scene: Scene, asked: str) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.says(asked)
    before = seen.text
    opened = await ann.clicks(seen, "開く" if asked == "gpu" else "読む")
    assert opened.shown is seen.shown
    assert opened.text != before
