"""What others are to see: shares, each of them once; and what is taken down again."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.console.platform import CHANNEL
from benchmarks.town import Recorder, Town, open_town
from bot.errors import Forbidden, TargetGone, TryLater, UserError
from bot.hiding import show_anew
from bot.intent import DigestStatus, ForgetMe, Intent, OpenPost, Random, ReadDigest, Search, Unfold
from bot.locales import Texts
from bot.outbox import Outcome, delivery_key
from bot.view import Action, Effect
from storage.index.reader import IndexReader
from tests.chat.conftest import Conversation, labels
from tests.chat.sharing import (
    AGREED,
    LONG,
    OTHER,
    SHARE,
    SOON,
    THREAD,
    links,
    numbers,
    on_public,
    place,
    talk,
    talking,
    town,
    words,
)

__all__ = ["place", "talk", "town"]


async def test_a_share_is_posted_for_all_and_told_to_who_shared(
    talk: Conversation, place: Recorder
) -> None:
    told = await talk.act(SHARE)
    assert told.summary == "共有しました。"
    assert talk.reply is not None
    assert talk.reply.effect is Effect.OPEN
    (shared,) = place.views(CHANNEL)
    assert shared.summary == "長い議論の記事"
    # From there nobody shares it again.
    assert "Share here" not in labels(shared)
    # In the language of the channel, not of who shared.
    assert "Unfold in a thread" in labels(shared)
    (posted,) = place.posted[CHANNEL]
    assert posted.posting.language == "en"
    assert posted.posting.silent
    assert posted.posting.mention is None
    assert set(posted.posting.codes) == set(shared.actions())


async def test_the_same_answer_of_a_message_is_shared_once(town: Town, place: Recorder) -> None:
    people = [talking(town, place, f"p{number}") for number in range(10)]
    await asyncio.gather(*[person.act(SHARE) for person in people])
    await people[0].act(SHARE)
    assert len(place.posted[CHANNEL]) == 1


async def test_another_message_shares_again(talk: Conversation, place: Recorder) -> None:
    await talk.act(SHARE)
    await talk.act(Action(Search("gpu"), Effect.SHARE))
    talk.context = replace(talk.context, message="a2")
    await talk.act(SHARE)
    assert len(place.posted[CHANNEL]) == 3


@pytest.mark.parametrize("intent", [DigestStatus("abc"), ReadDigest(1), ForgetMe(True), Random()])
async def test_what_is_of_one_place_or_of_one_moment_is_not_shared(
    talk: Conversation, place: Recorder, intent: Intent
) -> None:
    with pytest.raises(UserError, match=r"chat\.share\.not_here"):
        await talk.act(Action(intent, Effect.SHARE))
    assert place.posted == {}


async def test_a_thread_is_asked_for_before_anything_is_shared(
    talk: Conversation, place: Recorder
) -> None:
    question = await talk.act(THREAD)
    assert place.posted == {}
    assert "共有" in question.summary
    told = await talk.press("共有して展開")
    assert told.summary == "スレッドに展開しました。"
    assert links(told) == ["https://chat.example/thread:m1"]
    (channel, thread) = place.posted
    assert channel == CHANNEL
    assert [view.summary for view in place.views(channel)] == ["長い議論の記事"]
    assert numbers(place.views(thread)) == list(range(1, 45))
    assert all(posted.posting.silent for posted in place.posted[thread])


@pytest.mark.parametrize("action", [SHARE, THREAD, AGREED])
async def test_where_nothing_can_be_shared_a_code_from_elsewhere_does_nothing(
    talk: Conversation, place: Recorder, action: Action
) -> None:
    talk.framed(can_share=False, can_thread=False)
    with pytest.raises(UserError, match=r"chat\.share\.not_here"):
        await talk.act(action)
    assert place.posted == {}


@pytest.mark.parametrize("action", [SHARE, AGREED])
@pytest.mark.parametrize(
    ("refusal", "key"),
    [
        (Forbidden(["SEND_MESSAGES"]), "chat.share.not_allowed"),
        (TargetGone("delivery.gone", what="x"), "chat.share.gone"),
    ],
)
async def test_what_a_platform_does_not_take_is_told_and_can_be_pressed_again(
    talk: Conversation, place: Recorder, refusal: Exception, key: str, action: Action
) -> None:
    place.refusing = refusal
    for _ in range(2):
        with pytest.raises(UserError) as raised:
            await talk.act(action)
        assert raised.value.key == key
    place.refusing = None
    told = await talk.act(action)
    assert told.summary in ("共有しました。", "スレッドに展開しました。")
    assert len(place.posted[CHANNEL]) == 1


@pytest.mark.parametrize("action", [SHARE, THREAD, AGREED])
async def test_who_may_not_post_there_is_told_so(
    talk: Conversation, place: Recorder, action: Action
) -> None:
    talk.context = replace(talk.context, workspace="w1")
    talk.framed(can_share=False, can_thread=False)
    with pytest.raises(UserError, match=r"chat\.share\.not_you"):
        await talk.act(action)
    assert place.posted == {}


@pytest.mark.parametrize("action", [SHARE, AGREED])
async def test_a_missing_right_is_named_before_anything_is_written(
    town: Town, talk: Conversation, place: Recorder, action: Action
) -> None:
    place.lacking = ("SEND_MESSAGES", "CREATE_PUBLIC_THREADS")
    with pytest.raises(UserError) as raised:
        await talk.act(action)
    assert "SEND_MESSAGES, CREATE_PUBLIC_THREADS" in Texts("ja").of(raised.value)
    assert "管理者" in Texts("ja").of(raised.value)
    assert await town.stores.outbox.by_id(1) is None


async def test_a_share_that_takes_long_is_told_so_and_comes(
    reader: IndexReader, tmp_path: Path, place: Recorder
) -> None:
    async with open_town(tmp_path / "t.sqlite3", reader, place, wait=SOON) as town:
        talk = talking(town, place)
        place.refusing = TryLater("away", 0.01)
        assert (await talk.act(SHARE)).summary == "まもなく共有されます。"
        place.refusing = None
        row = await town.stores.outbox.by_id(1)
        assert row is not None
        assert (await town.done(row.key)).outcome is Outcome.DONE
        assert (await talk.act(SHARE)).summary == "共有しました。"
        assert len(place.posted[CHANNEL]) == 1


async def hide(town: Town, post: str, comment: int) -> None:
    """Take something down as another process does it, and wait until it has been edited."""
    now = datetime.now(UTC)
    await town.stores.hidden.hide(post, comment, now)
    keys = await town.stores.outbox.showing(post, None)
    await show_anew(town.stores.outbox, [post], now)
    for key in keys:
        await town.done(delivery_key("refresh", key))


async def test_what_is_hidden_vanishes_from_digest_share_and_thread(
    town: Town, talk: Conversation, place: Recorder
) -> None:
    row = await town.digest("d1", [LONG, OTHER])
    await talk.act(SHARE)
    on_public(talk, "m2")
    await talk.act(THREAD)
    await talk.act(Action(Unfold(OTHER, digest=row.id), Effect.THREAD))

    def everything() -> str:
        return "".join(words(shown.view) for shown in place.shown.values())

    assert everything().count("GPUも速い") == 2
    assert "長い議論の記事" in everything()
    await hide(town, OTHER, 1)
    assert "GPUも速い" not in everything()
    # What it said in the digest another one says now.
    assert everything().count("ＧＰＵの値段") == 2
    await hide(town, LONG, 0)
    assert "長い議論の記事" not in everything()
    assert "人目の短い意見" not in everything()
    assert "この内容は表示できなくなりました" not in everything()
    assert "This is not available any more" in everything()
    assert len(place.posted["thread:m2"]) > 3
    for view in place.views("thread:m2"):
        assert "The comments that were here" in words(view)


async def test_what_was_hidden_is_not_opened_from_what_is_left(
    town: Town, talk: Conversation, place: Recorder
) -> None:
    await talk.act(SHARE)
    await hide(town, LONG, 0)
    on_public(talk, "m1")
    for action in (THREAD, Action(OpenPost(LONG))):
        with pytest.raises(UserError, match=r"chat\.post_gone"):
            await talk.act(action)
    assert list(place.shown["m1"].view.actions()) == []
