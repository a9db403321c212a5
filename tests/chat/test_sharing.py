"""What others are to see: shares and threads, each of them once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.console.platform import CHANNEL, NAME
from benchmarks.town import Recorder, Town, open_town, recorder
from bot.chat.context import Context, Frame
from bot.errors import Forbidden, TargetGone, TryLater, UserError
from bot.hiding import show_anew
from bot.intent import DigestStatus, ForgetMe, Intent, OpenPost, Random, ReadDigest, Search, Unfold
from bot.locales import Texts
from bot.model import post_key
from bot.outbox import Outcome, delivery_key
from bot.view import Action, Buttons, Effect, Paragraph, Posting, Quote, Run, View
from storage.index.reader import IndexReader
from tests.chat.conftest import FRAME, SITE, Conversation, labels

LONG = post_key("long")
OTHER = post_key("mention")
SHARE = Action(OpenPost(LONG), Effect.SHARE)
THREAD = Action(Unfold(LONG), Effect.THREAD)
AGREED = Action(Unfold(LONG, share=True), Effect.THREAD)

# How long whoever presses waits where nothing comes through.
SOON = 0.05


@pytest.fixture
def place() -> Recorder:
    return recorder()


@pytest.fixture
async def town(reader: IndexReader, tmp_path: Path, place: Recorder) -> AsyncIterator[Town]:
    async with open_town(tmp_path / "town.sqlite3", reader, place, site_url=SITE) as opened:
        yield opened


@pytest.fixture
def talk(town: Town, place: Recorder) -> Conversation:
    """A conversation in a channel, about the message a1 that the person alone sees."""
    return talking(town, place)


def talking(town: Town, place: Recorder, person: str = "reader") -> Conversation:
    frame = replace(FRAME, can_share=True, can_thread=True)
    public = Frame(Texts("en"), place.limits, can_thread=True)
    context = Context(NAME, person, CHANNEL, frame, public, message="a1")
    return Conversation(town.chat, town.codes, context)


def on_public(talk: Conversation, message: str) -> None:
    """Go on pressing a message that others see."""
    talk.context = replace(talk.context, message=message, may_replace=False, is_public=True)


def numbers(views: Sequence[View]) -> list[int]:
    """The numbers of the comments in messages, each once."""
    shown = [b.number for view in views for b in view.blocks if isinstance(b, Quote)]
    return list(dict.fromkeys(shown))


def words(view: View) -> str:
    """All words of ours and of others in a view."""
    return "".join(
        run.text
        for block in view.blocks
        if not isinstance(block, Buttons)
        for run in getattr(block, "text", ())
        if isinstance(run, Run)
    )


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


def links(view: View) -> list[str]:
    """Where the buttons of a view lead to."""
    return [
        button.url
        for block in view.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
        if button.url is not None
    ]


async def test_nothing_is_asked_where_there_is_nothing_to_unfold(talk: Conversation) -> None:
    for intent in (Unfold("AAAAAAAAAAA"), Unfold(LONG, 7)):
        with pytest.raises(UserError, match=r"chat\.post_gone"):
            await talk.act(Action(intent, Effect.THREAD))


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


async def unfolded(town: Town, message: str) -> None:
    """Wait until the message above a thread has been made anew for the last time."""
    thread = delivery_key("thread", message)
    last = (await town.stores.outbox.on(thread))[-1]
    await town.done(delivery_key("unfolded", last.key))


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


async def made_anew(town: Town, key: str) -> None:
    """Let a message be made anew, and wait for it."""
    now = datetime.now(UTC)
    await town.stores.outbox.refresh([key], now, now + timedelta(hours=1))
    await town.done(delivery_key("refresh", key))


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
