"""What every platform does alike: one behaviour a test, each for every platform that there is.

A platform joins with a `Stage` in STAGES of conftest.py; the tests know nothing else of it.
"""

import logging
from datetime import timedelta
from typing import Protocol

import pytest

from bot.chat.codes import MAX_BYTES, is_code
from bot.errors import TargetGone
from bot.intent import Help, Unfold
from bot.model import post_key
from bot.outbox import delivery_key
from bot.ports import Platform
from bot.view import Action, Button, Buttons, Effect, Heading, Paragraph, Posting, Quote, Run, View
from tests.fitted import over
from tests.logged import only_incident
from tests.views import AT, EVERYTHING, POST

HELP = Action(Help())


class Stage(Protocol):
    """A platform with the chat behind it, and the eyes and hands of the people there."""

    platform: Platform
    target: str

    async def shown(self, reference: str) -> str:
        """What all see of a message now, as text."""
        ...

    async def codes(self, view: View) -> dict[Action, str]:
        """The code of everything in a view that can be pressed."""
        ...

    async def decoded(self, code: str) -> Action:
        """What a code stands for."""
        ...

    async def press(self, reference: str, view: View, action: Action) -> str:
        """Press what has an action on a message, which shows the view.

        Returns what is shown to the presser alone.
        """
        ...

    async def say(self, text: str) -> str:
        """Ask something; returns the answer."""
        ...

    def break_down(self) -> None:
        """Let every answer fail from now on."""
        ...

    def rendered_size(self, view: View) -> int:
        """The characters of a view in the platform's own form, as the platform counts them."""
        ...


async def posted(stage: Stage, view: View) -> Posting:
    """A view as all are to see it."""
    return Posting(view, "ja", await stage.codes(view))


def saying(text: str, *buttons: Button) -> View:
    return View(text, (Paragraph((Run(text),)), Buttons(buttons or (Button("ヘルプ", HELP),))))


async def test_what_is_posted_is_seen_and_found_by_its_key(stage: Stage) -> None:
    reference = await stage.platform.post(
        stage.target, await posted(stage, saying("こんにちは")), "k1"
    )
    assert "こんにちは" in await stage.shown(reference)
    assert await stage.platform.find(stage.target, "k1", AT) == reference


async def test_what_was_not_posted_is_not_found(stage: Stage) -> None:
    await stage.platform.post(stage.target, await posted(stage, saying("こんにちは")), "k1")
    assert await stage.platform.find(stage.target, "k2", AT) is None


async def test_two_messages_are_two(stage: Stage) -> None:
    first = await stage.platform.post(stage.target, await posted(stage, saying("一つめ")), "k1")
    second = await stage.platform.post(stage.target, await posted(stage, saying("二つめ")), "k2")
    assert first != second
    assert "一つめ" in await stage.shown(first)


async def test_what_is_edited_shows_the_new_and_is_found_still(stage: Stage) -> None:
    reference = await stage.platform.post(stage.target, await posted(stage, saying("前の文")), "k1")
    await stage.platform.edit(reference, await posted(stage, saying("後の文")))
    shown = await stage.shown(reference)
    assert "後の文" in shown
    assert "前の文" not in shown
    assert await stage.platform.find(stage.target, "k1", AT) == reference


async def test_a_thread_is_opened_once_and_posted_into(stage: Stage) -> None:
    reference = await stage.platform.post(
        stage.target, await posted(stage, saying("元の投稿")), "k1"
    )
    thread = await stage.platform.thread(reference, "題名")
    assert await stage.platform.thread(reference, "題名") == thread
    reply = await stage.platform.post(thread, await posted(stage, saying("返信")), "k2")
    assert "返信" in await stage.shown(reply)
    assert await stage.platform.find(thread, "k2", AT) == reply


async def test_an_unknown_message_is_gone(stage: Stage) -> None:
    with pytest.raises(TargetGone):
        await stage.platform.edit("unknown", await posted(stage, saying("x")))
    with pytest.raises(TargetGone):
        await stage.platform.thread("unknown", "x")
    with pytest.raises(TargetGone):
        await stage.platform.publish("unknown")


async def test_an_unknown_target_is_gone(stage: Stage) -> None:
    with pytest.raises(TargetGone):
        await stage.platform.post("unknown", await posted(stage, saying("x")), "k1")


async def test_a_message_from_before_is_not_found(stage: Stage) -> None:
    await stage.platform.post(stage.target, await posted(stage, saying("こんにちは")), "k1")
    later = AT + timedelta(days=36500)
    assert await stage.platform.find(stage.target, "k1", later) is None


async def test_a_person_can_be_written_to(stage: Stage) -> None:
    person = (await stage.platform.whom_to_tell(stage.target))[0]
    direct = await stage.platform.open_dm(person)
    reference = await stage.platform.post(direct, await posted(stage, saying("お知らせ")), "k1")
    assert "お知らせ" in await stage.shown(reference)


async def test_nothing_is_missing_where_it_may_post(stage: Stage) -> None:
    assert list(await stage.platform.can_post(stage.target)) == []


async def test_a_view_within_the_limits_stays_within_them_as_it_is_written(stage: Stage) -> None:
    limits = stage.platform.limits
    body = "メモリ帯域が足りない。" * (limits.text // 25)
    full = View("x", (Quote(POST, 1, "alice", AT, "#45d325", (Run(body),)),))
    for view in (saying("短い"), full):
        assert not over(view, limits)
        assert stage.rendered_size(view) <= limits.characters


async def test_every_kind_of_block_can_be_posted(stage: Stage) -> None:
    reference = await stage.platform.post(stage.target, await posted(stage, EVERYTHING), "k1")
    shown = await stage.shown(reference)
    for block in EVERYTHING.blocks:
        if isinstance(block, Heading | Paragraph):
            words = "".join(run.text for run in block.text if isinstance(run, Run))
            assert words.split("\n")[0].split(" ")[0] in shown


async def test_everything_that_can_be_pressed_has_a_short_code_that_comes_back(
    stage: Stage,
) -> None:
    codes = await stage.codes(EVERYTHING)
    assert set(codes) == set(EVERYTHING.actions())
    for action, code in codes.items():
        assert len(code.encode()) <= MAX_BYTES
        assert is_code(code)
        assert await stage.decoded(code) == action


@pytest.mark.parametrize("effect", [Effect.REPLACE, Effect.OPEN])
async def test_a_press_on_what_others_see_is_answered_in_private(
    stage: Stage, effect: Effect
) -> None:
    action = Action(Help(), effect)
    view = saying("みんなの投稿", Button("ヘルプ", action))
    reference = await stage.platform.post(stage.target, await posted(stage, view), "k1")
    before = await stage.shown(reference)
    assert "使い方" in await stage.press(reference, view, action)
    assert await stage.shown(reference) == before


async def test_what_is_shared_is_seen_by_all_once(stage: Stage) -> None:
    action = Action(Help(), Effect.SHARE)
    view = saying("元の投稿", Button("共有", action))
    reference = await stage.platform.post(stage.target, await posted(stage, view), "k1")
    for _ in range(2):
        assert "共有しました" in await stage.press(reference, view, action)
    shared = await stage.platform.find(stage.target, delivery_key("share", reference, "sh"), AT)
    assert shared is not None
    assert "使い方" in await stage.shown(shared)


async def test_comments_are_unfolded_once_below_what_others_see(stage: Stage) -> None:
    post = post_key("2025_06_10_gpu_memory")
    action = Action(Unfold(post), Effect.THREAD)
    view = saying("みんなの投稿", Button("展開", action))
    reference = await stage.platform.post(stage.target, await posted(stage, view), "k1")
    assert "スレッドに展開しました" in await stage.press(reference, view, action)
    assert "スレッドに展開済みです" in await stage.press(reference, view, action)
    thread = await stage.platform.thread(reference, "題名")
    home = f"{stage.platform.name} {reference}"
    key = delivery_key("comments", delivery_key("thread", home), post, 0, 1, 0)
    first = await stage.platform.find(thread, key, AT)
    assert first is not None
    assert "メモリ帯域が足りない" in await stage.shown(first)


async def test_what_a_person_can_put_right_is_told(stage: Stage) -> None:
    assert "colour:" in await stage.say("colour:red")


async def test_a_failure_is_answered_and_logged_under_one_number(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.break_down()
    with caplog.at_level(logging.ERROR):
        answer = await stage.say("gpu")
    assert only_incident(caplog)["incident"] in answer


async def test_nothing_that_others_wrote_steers_what_shows_it(stage: Stage) -> None:
    evil = "a\x1b[31mb\x1b]8;;https://evil.example\x07c\u202ed"
    reference = await stage.platform.post(
        stage.target, await posted(stage, saying(evil, Button(evil, HELP))), "k1"
    )
    shown = await stage.shown(reference)
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
