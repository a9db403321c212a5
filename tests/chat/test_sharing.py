"""What others are to see: shares and threads, each of them once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from adapters.console.platform import CHANNEL, NAME, ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.chat import Chat, Clocks
from bot.chat.codes import Codes
from bot.chat.context import Context, Frame
from bot.chat.delivery import DirectDelivery
from bot.chat.library import Library
from bot.errors import Forbidden, TryLater, UserError
from bot.intent import Intent, OpenPost, Search, Unfold
from bot.locales import Texts
from bot.model import post_key
from bot.view import Action, Effect, Posting, Quote, Run, View
from storage.index.reader import IndexReader
from tests.chat.conftest import FRAME, NOW, SITE, Conversation, labels

LONG = post_key("long")
SHARE = Action(OpenPost(LONG), Effect.SHARE)
THREAD = Action(Unfold(LONG), Effect.THREAD)


@dataclass(slots=True)
class Watched(ConsolePlatform):
    """The terminal, with the views that were posted to each target."""

    posted: dict[str, list[View]] = field(default_factory=dict, init=False)
    refusing: Exception | None = field(default=None, init=False)

    async def post(self, target: str, posting: Posting, key: str) -> str:
        if self.refusing is not None:
            raise self.refusing
        reference = await ConsolePlatform.post(self, target, posting, key)
        assert posting.language == "en"
        assert set(posting.codes) == set(posting.view.actions())
        self.posted.setdefault(target, []).append(posting.view)
        return reference

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        found = await ConsolePlatform.find(self, target, key, since)
        # As on a real platform, others come to their turn before the answer is here.
        await asyncio.sleep(0)
        return found


@pytest.fixture
def place() -> Watched:
    async def nowhere(text: str) -> None:
        pass

    texts = Texts("ja")
    return Watched(Screen(nowhere, Paper, texts, ZoneInfo("Asia/Tokyo")), texts, lambda: NOW)


@pytest.fixture
def talk(reader: IndexReader, codes: Codes, place: Watched) -> Conversation:
    """A conversation in a channel, about the message a1 that the person alone sees."""
    clocks = Clocks(lambda: NOW, lambda: 0.0)
    chat = Chat(Library(reader, SITE, Random(1)), codes, clocks, {NAME: place})
    frame = replace(FRAME, can_share=True, can_thread=True)
    public = Frame(Texts("en"), place.limits, can_thread=True)
    context = Context(NAME, "reader", CHANNEL, frame, public, message="a1")
    return Conversation(chat, codes, context)


def numbers(views: Sequence[View]) -> list[int]:
    """The numbers of the comments in messages, each once."""
    shown = [b.number for view in views for b in view.blocks if isinstance(b, Quote)]
    return list(dict.fromkeys(shown))


async def test_a_share_is_posted_for_all_and_told_to_who_shared(
    talk: Conversation, place: Watched
) -> None:
    note = await talk.act(SHARE)
    assert note.summary == "共有しました。"
    assert talk.reply is not None
    assert talk.reply.effect is Effect.OPEN
    (shared,) = place.posted[CHANNEL]
    assert shared.summary == "長い議論の記事"
    # From there nobody shares it again.
    assert "Share here" not in labels(shared)
    # In the language of the channel, not of who shared.
    assert "Unfold in a thread" in labels(shared)


async def test_the_same_answer_of_a_message_is_shared_once(
    talk: Conversation, place: Watched
) -> None:
    await talk.act(SHARE)
    await talk.act(SHARE)
    assert len(place.posted[CHANNEL]) == 1


async def test_presses_at_the_same_moment_share_once(talk: Conversation, place: Watched) -> None:
    async def compose(intent: Intent, frame: Frame) -> View:
        return View("shared", ())

    delivery = DirectDelivery(
        talk.chat._library, {NAME: place}, compose, talk.chat.codes_of, lambda: NOW
    )
    await asyncio.gather(*[delivery.share(SHARE.intent, talk.context) for _ in range(5)])
    assert len(place.posted[CHANNEL]) == 1


async def test_another_message_shares_again(talk: Conversation, place: Watched) -> None:
    await talk.act(SHARE)
    await talk.act(Action(Search("gpu"), Effect.SHARE))
    talk.context = replace(talk.context, message="a2")
    await talk.act(SHARE)
    assert len(place.posted[CHANNEL]) == 3


async def test_a_thread_is_asked_for_before_anything_is_shared(
    talk: Conversation, place: Watched
) -> None:
    question = await talk.act(THREAD)
    assert place.posted == {}
    assert "共有" in question.summary
    await talk.press("共有して展開")
    (channel, thread) = place.posted
    assert channel == CHANNEL
    assert [view.summary for view in place.posted[channel]] == ["長い議論の記事"]
    assert numbers(place.posted[thread]) == list(range(1, 45))


async def test_a_thread_hangs_on_the_message_that_others_see(
    talk: Conversation, place: Watched
) -> None:
    await talk.act(SHARE)
    talk.context = replace(talk.context, message="m1", may_replace=False, is_public=True)
    await talk.act(THREAD)
    assert set(place.posted) == {CHANNEL, "thread:m1"}
    assert len(place.posted[CHANNEL]) == 1


async def test_nothing_of_a_long_comment_is_lost_in_a_thread(
    talk: Conversation, place: Watched, reader: IndexReader
) -> None:
    await talk.act(Action(Unfold(LONG, share=True), Effect.THREAD))
    bodies: dict[int, str] = {}
    post = await reader.post(LONG)
    assert post is not None
    for view in place.posted["thread:m1"]:
        for quote in (block for block in view.blocks if isinstance(block, Quote)):
            source = post.comments[quote.number - 1].body
            parts = [
                source[slice(*r.source)] for r in quote.text if isinstance(r, Run) and r.source
            ]
            bodies[quote.number] = bodies.get(quote.number, "") + "".join(parts)
    assert bodies == {comment.number: comment.body for comment in post.comments}


async def test_one_fold_can_be_unfolded_by_itself(talk: Conversation, place: Watched) -> None:
    await talk.act(Action(Unfold(LONG, 1, share=True), Effect.THREAD))
    assert numbers(place.posted["thread:m1"]) == list(range(3, 43))


async def test_unfolding_again_adds_only_what_is_missing(
    talk: Conversation, place: Watched
) -> None:
    await talk.act(SHARE)
    talk.context = replace(talk.context, message="m1", may_replace=False, is_public=True)
    await talk.act(THREAD)
    before = len(place.posted["thread:m1"])
    await asyncio.gather(
        *[talk.chat.pressed(await code(talk, THREAD), talk.context) for _ in range(3)]
    )
    assert len(place.posted["thread:m1"]) == before


@pytest.mark.parametrize("action", [SHARE, THREAD, Action(Unfold(LONG, share=True), Effect.THREAD)])
async def test_where_nothing_can_be_shared_a_code_from_elsewhere_does_nothing(
    talk: Conversation, place: Watched, action: Action
) -> None:
    talk.framed(can_share=False, can_thread=False)
    with pytest.raises(UserError, match=r"chat\.share\.not_here"):
        await talk.act(action)
    assert place.posted == {}


@pytest.mark.parametrize(
    ("refusal", "key"),
    [
        (Forbidden(["SEND_MESSAGES"]), "chat.share.forbidden"),
        (TryLater("away", 3.0), "chat.share.failed"),
    ],
)
async def test_what_a_platform_does_not_take_is_told_to_who_pressed(
    talk: Conversation, place: Watched, refusal: Exception, key: str
) -> None:
    place.refusing = refusal
    with pytest.raises(UserError) as raised:
        await talk.act(SHARE)
    assert raised.value.key == key
    place.refusing = None
    assert (await talk.act(SHARE)).summary == "共有しました。"


async def code(talk: Conversation, action: Action) -> str:
    return (await talk.codes.encode([action], NOW))[action]
