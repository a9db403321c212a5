"""Threads: comments unfolded below a message, each of them once."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.console.platform import CHANNEL, NAME
from benchmarks.town import Recorder, Town, open_town
from bot.errors import Forbidden, TargetGone, UserError
from bot.intent import Unfold
from bot.model import Post
from bot.outbox import Outcome, delivery_key
from bot.view import Action, Effect, Paragraph, Posting, Quote, Run, View
from storage.index.reader import IndexReader
from tests.chat.conftest import SITE, Conversation
from tests.chat.sharing import (
    AGREED,
    LONG,
    OTHER,
    SHARE,
    SOON,
    THREAD,
    links,
    made_anew,
    numbers,
    on_public,
    place,
    talk,
    talking,
    town,
    unfolded,
    words,
)
from tests.chat.slow import slow_recorder

__all__ = ["place", "talk", "town"]


async def test_nothing_is_asked_where_there_is_nothing_to_unfold(talk: Conversation) -> None:
    for intent in (Unfold("AAAAAAAAAAA"), Unfold(LONG, 7)):
        with pytest.raises(UserError, match=r"chat\.post_gone"):
            await talk.act(Action(intent, Effect.THREAD))


class Counting:
    """An index that counts how often a post is read from it."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self.read = 0

    async def post(self, key: str) -> Post | None:
        self.read += 1
        return await self.reader.post(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)


async def test_a_post_is_read_once_to_be_unfolded(
    reader: IndexReader, tmp_path: Path, place: Recorder
) -> None:
    index: Any = Counting(reader)
    place.lacking = ("SEND_MESSAGES",)
    async with open_town(tmp_path / "town.sqlite3", index, place, site_url=SITE) as town:
        with pytest.raises(UserError, match=r"chat\.share\.forbidden"):
            await talking(town, place).act(AGREED)
    assert index.read == 1


async def test_a_thread_hangs_on_the_message_that_others_see(
    talk: Conversation, place: Recorder
) -> None:
    await talk.act(SHARE)
    on_public(talk, "m1")
    await talk.act(THREAD)
    assert set(place.posted) == {CHANNEL, "thread:m1"}
    assert len(place.posted[CHANNEL]) == 1


async def test_nothing_is_left_of_a_workspace_that_the_bot_was_removed_from(
    town: Town, talk: Conversation, place: Recorder
) -> None:
    talk.context = replace(talk.context, workspace="G1")
    await talk.act(SHARE)
    on_public(talk, await place.post(CHANNEL, Posting(View("x", ()), "ja", {}), "elsewhere"))
    await talk.act(THREAD)
    outbox, upkeep, now = town.stores.outbox, town.stores.upkeep, datetime.now(UTC)
    assert await outbox.by_id(2) is not None
    await upkeep.workspace_removed(NAME, "G1", now)
    await upkeep.forget_expired(now + timedelta(days=14), timedelta(days=365))
    assert [row for number in range(20) if (row := await outbox.by_id(number))] == []


async def test_a_public_message_of_unknown_origin_has_a_thread_as_well(
    talk: Conversation, town: Town, place: Recorder
) -> None:
    # Posted by another way, say as the answer to a mention.
    said = View("x", (Paragraph((Run("x"),)),))
    reference = await place.post(CHANNEL, Posting(said, "ja", {}), "elsewhere")
    on_public(talk, reference)
    for _ in range(2):
        await talk.act(THREAD)
    assert numbers(place.views(f"thread:{reference}")) == list(range(1, 45))
    assert place.edits == 0


async def test_nothing_of_a_long_comment_is_lost_in_a_thread(
    talk: Conversation, place: Recorder, reader: IndexReader
) -> None:
    await talk.act(AGREED)
    post = await reader.post(LONG)
    assert post is not None
    bodies: dict[int, str] = {}
    for view in place.views("thread:m1"):
        for quote in (block for block in view.blocks if isinstance(block, Quote)):
            source = post.comments[quote.number - 1].body
            parts = [
                source[slice(*r.source)] for r in quote.text if isinstance(r, Run) and r.source
            ]
            bodies[quote.number] = bodies.get(quote.number, "") + "".join(parts)
    assert bodies == {comment.number: comment.body for comment in post.comments}


async def test_each_fold_says_what_it_is(talk: Conversation, place: Recorder) -> None:
    await talk.act(AGREED)
    heads = [words(view) for view in place.views("thread:m1") if "長い議論の記事" in words(view)]
    assert len(heads) == 3
    assert "Fold 2" in heads[2]


async def test_unfolding_again_adds_only_what_is_missing(
    talk: Conversation, place: Recorder
) -> None:
    await talk.act(SHARE)
    on_public(talk, "m1")
    await talk.act(Action(Unfold(LONG, 1), Effect.THREAD))
    assert numbers(place.views("thread:m1")) == list(range(3, 43))
    fold = len(place.posted["thread:m1"])
    told = await talk.act(THREAD)
    assert told.summary == "スレッドに展開しました。"
    added = place.views("thread:m1")[fold:]
    assert numbers(added) == [1, 2, 43, 44]
    told = await talk.act(THREAD)
    assert told.summary == "スレッドに展開済みです。"
    assert links(told) == ["https://chat.example/thread:m1"]
    assert len(place.views("thread:m1")) == fold + len(added)


async def test_ten_who_press_at_once_unfold_once(town: Town, place: Recorder) -> None:
    people = [talking(town, place, f"p{number}") for number in range(10)]
    await people[0].act(SHARE)
    for person in people:
        on_public(person, "m1")
    sections = [None, 1, 2, None, 0]
    await asyncio.gather(
        *[
            person.act(Action(Unfold(LONG, sections[at % 5]), Effect.THREAD))
            for at, person in enumerate(people)
        ]
    )
    keys = [posted.key for posted in place.posted["thread:m1"]]
    assert len(keys) == len(set(keys))
    assert sorted(numbers(place.views("thread:m1"))) == list(range(1, 45))


async def test_the_message_above_a_thread_says_that_it_is_there(
    town: Town, talk: Conversation, place: Recorder
) -> None:
    await talk.act(SHARE)
    before = place.views(CHANNEL)[0]
    on_public(talk, "m1")
    await talk.act(THREAD)
    row = await town.stores.outbox.by_reference(NAME, "m1")
    assert row is not None
    await unfolded(town, row.key)
    after = place.views(CHANNEL)[0]
    assert "The comments are in the thread" in words(after)
    # And nothing else has given way to that.
    kept = [block for block in after.blocks if block in before.blocks]
    assert kept == list(before.blocks)
    assert len(after.blocks) == len(before.blocks) + 1


@dataclass(slots=True)
class Replies(Recorder):
    """A platform whose threads are named like the messages that they hang on."""

    async def thread(self, reference: str, title: str) -> str:
        """The thread under a message."""
        self._threads[reference] = await Recorder.thread(self, reference, title)
        return reference


async def test_a_thread_may_be_named_like_its_message(
    reader: IndexReader, tmp_path: Path, place: Recorder
) -> None:
    replies = Replies(place.screen, place.texts, place.now)
    replies.open.set()
    async with open_town(tmp_path / "t.sqlite3", reader, replies) as town:
        talk = talking(town, replies)
        await talk.act(AGREED)
        row = await town.stores.outbox.by_reference(NAME, "m1")
        assert row is not None
        await unfolded(town, row.key)
        # What each of its messages asked for as well.
        await town.done(delivery_key("refresh", row.key))
        assert numbers(replies.views("m1")) == list(range(1, 45))
        assert (await talk.act(AGREED)).summary == "スレッドに展開済みです。"


async def test_while_it_runs_it_says_so_to_all_and_to_who_presses(
    reader: IndexReader, tmp_path: Path, place: Recorder
) -> None:
    async with open_town(tmp_path / "t.sqlite3", reader, place, wait=SOON) as town:
        row = await town.digest("d1", [LONG, OTHER])
        talk = talking(town, place)
        place.open.clear()
        unfold = Action(Unfold(LONG, digest=row.id), Effect.THREAD)
        told = await talk.act(unfold)
        assert told.summary == "スレッドに展開中です（0/44）。"
        await made_anew(town, "d1")
        assert "スレッドに展開中 0/44" in words(place.views(CHANNEL)[0])
        place.open.set()
        await unfolded(town, "d1")
        assert "スレッドに展開済み" in words(place.views(CHANNEL)[0])
        told = await talk.act(unfold)
        assert told.summary == "スレッドに展開済みです。"


async def test_what_was_opened_from_a_digest_is_unfolded_under_it(
    town: Town, talk: Conversation, place: Recorder
) -> None:
    row = await town.digest("d1", [LONG, OTHER])
    for post in (LONG, OTHER):
        await talk.act(Action(Unfold(post, digest=row.id), Effect.THREAD))
    assert len(place.posted[CHANNEL]) == 1
    thread = place.views("thread:m1")
    assert numbers(thread) == list(range(1, 45))
    assert [b.post for v in thread for b in v.blocks if isinstance(b, Quote)][-2:] == [OTHER] * 2
    opened = await town.stores.outbox.row(delivery_key("thread", "d1"))
    assert opened is not None
    # The thread of a digest is called like the digest.
    assert "まとめ" in str(opened.said)


@pytest.mark.parametrize("forged", ["elsewhere", "no digest", "another post", "unknown"])
async def test_a_forged_number_writes_nowhere_the_presser_is_not(
    town: Town, talk: Conversation, place: Recorder, forged: str
) -> None:
    row = await town.digest("d1", [LONG])
    digest, post = row.id, LONG
    if forged == "elsewhere":
        talk.context = replace(talk.context, target="dm:reader")
    elif forged == "no digest":
        await talk.act(SHARE)
        shared = await town.stores.outbox.by_reference(NAME, "m2")
        assert shared is not None
        digest = shared.id
    elif forged == "another post":
        post = OTHER
    else:
        digest = 999
    before = {target: len(posted) for target, posted in place.posted.items()}
    question = await talk.act(Action(Unfold(post, digest=digest), Effect.THREAD))
    assert "まずこの記事をここに共有" in question.summary
    assert {target: len(posted) for target, posted in place.posted.items()} == before
    await talk.press("共有して展開")
    assert "thread:m1" not in place.posted


async def test_a_thread_that_was_deleted_is_opened_anew(
    talk: Conversation, place: Recorder
) -> None:
    await talk.act(SHARE)
    on_public(talk, "m1")
    await talk.act(Action(Unfold(LONG, 0), Effect.THREAD))
    place.refusing = TargetGone("delivery.gone", what="thread")
    with pytest.raises(UserError, match=r"chat\.share\.gone"):
        await talk.act(Action(Unfold(LONG, 1), Effect.THREAD))
    place.refusing = None
    before = len(place.posted["thread:m1"])
    await talk.act(THREAD)
    assert numbers(place.views("thread:m1")[before:]) == list(range(1, 45))


async def test_who_unfolds_elsewhere_does_not_wait_until_a_platform_knows_a_thread(
    reader: IndexReader, tmp_path: Path
) -> None:
    place = slow_recorder()
    async with open_town(tmp_path / "town.sqlite3", reader, place, site_url=SITE) as town:
        first, second = (talking(town, place, person) for person in ("ann", "bob"))
        await first.act(Action(Unfold(LONG, 0, share=True), Effect.THREAD))
        place.slow = "thread:m1"
        again = asyncio.create_task(first.act(AGREED))
        await place.asked.wait()
        second.context = replace(second.context, message="a2")
        async with asyncio.timeout(20):
            await second.act(SHARE)
            told = await second.act(AGREED)
        assert told.summary == "スレッドに展開しました。"
        place.may_answer.set()
        await again
        assert numbers(place.views("thread:m1")) == list(range(1, 45))


async def test_what_failed_half_way_goes_on_where_it_stopped(
    talk: Conversation, town: Town, place: Recorder
) -> None:
    await talk.act(SHARE)
    on_public(talk, "m1")
    await talk.act(Action(Unfold(LONG, 0), Effect.THREAD))
    place.refusing = Forbidden()
    with pytest.raises(UserError, match=r"chat\.share\.not_allowed"):
        await talk.act(THREAD)
    message = await town.stores.outbox.by_reference(NAME, "m1")
    assert message is not None
    last = (await town.stores.outbox.on(delivery_key("thread", message.key)))[-1]
    assert (await town.done(delivery_key("unfolded", last.key))).outcome is Outcome.DONE
    assert "Unfolded in part: 2/44" in words(place.views(CHANNEL)[0])
    place.refusing = None
    told = await talk.act(THREAD)
    assert told.summary == "スレッドに展開しました。"
    assert numbers(place.views("thread:m1")) == list(range(1, 45))
    keys = [posted.key for posted in place.posted["thread:m1"]]
    assert len(keys) == len(set(keys))
