"""Which messages a thread is made of, whatever was there before and whoever presses."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.limits import ABSURD, DISCORD_LIKE, SLACK_LIKE
from benchmarks.unfolding import Crowd, crowded
from bot.chat.context import Frame
from bot.chat.unfolding import Message, Unfolded, missing, unfolded
from bot.chat.views.thread import comments_view
from bot.content.shown import shown
from bot.intent import ReadComments
from bot.locales import Texts
from bot.model import Comment, Post, post_key
from bot.outbox import Op, Outcome, Row
from bot.running.syncing import index_path, synchronise
from bot.view import Buttons, Limits, Quote, Run, View
from storage.index.reader import IndexReader, open_reader
from tests.blog import Blog, Fold, raw_post
from tests.conftest import settings_of
from tests.limits import NARROW

NOW = datetime(2026, 1, 31, tzinfo=UTC)
LONG = post_key("long")


@pytest.fixture
async def post(reader: IndexReader) -> Post:
    """Two comments, a fold of forty, and a fold with one that takes many messages."""
    found = await reader.post(LONG)
    assert found is not None
    return found


def row(message: Message, number: int, outcome: Outcome | None = Outcome.DONE) -> Row:
    """The row that posts a message."""
    return Row(
        id=number,
        key=f"k{number}",
        platform="test",
        op=Op.POST,
        said=message.said,
        language="ja",
        target="thread",
        message=None,
        posts=(),
        subscription=None,
        due_at=None,
        created_at=NOW,
        ready_at=NOW,
        deadline=NOW + timedelta(hours=1),
        tries=1,
        outcome=outcome,
    )


def rows(messages: Sequence[Message], outcome: Outcome | None = Outcome.DONE) -> list[Row]:
    return [row(message, number, outcome) for number, message in enumerate(messages, 1)]


def texts_of(views: Sequence[View]) -> dict[int, str]:
    """What messages say of each comment."""
    found: dict[int, str] = {}
    for quote in (block for view in views for block in view.blocks if isinstance(block, Quote)):
        text = "".join(run.text for run in quote.text if isinstance(run, Run))
        found[quote.number] = found.get(quote.number, "") + text
    return found


def expected(post: Post) -> dict[int, str]:
    return {
        comment.number: "".join(run.text for run in shown(comment.body) if isinstance(run, Run))
        for comment in post.comments
    }


def framed(limits: Limits) -> Frame:
    return Frame(Texts("ja"), limits)


def views_of(messages: Sequence[Message], post: Post | None, limits: Limits) -> list[View]:
    return [comments_view(message.said, post, None, framed(limits)) for message in messages]


@pytest.mark.parametrize("limits", [DISCORD_LIKE, SLACK_LIKE, NARROW, ABSURD])
def test_all_messages_together_are_the_post(post: Post, limits: Limits) -> None:
    views = views_of(missing(post, None, framed(limits), (), None), post, limits)
    assert texts_of(views) == expected(post)
    # What fits when it is planned fits when it is shown: nothing has to be looked up elsewhere.
    assert not [block for view in views for block in view.blocks if isinstance(block, Buttons)]


def test_a_message_follows_the_one_before_and_each_section_has_its_own(post: Post) -> None:
    messages = [message.said for message in missing(post, None, framed(DISCORD_LIKE), (), None)]
    for before, behind in pairwise(messages):
        if before.section == behind.section:
            assert (before.end_comment, before.end_offset) == (behind.comment, behind.offset)
            assert not behind.headed
        else:
            assert before.end_comment is None
            assert behind.headed
    assert [message.section for message in messages if message.headed] == [0, 1, 2]


def test_what_is_there_or_on_its_way_is_not_said_again(post: Post) -> None:
    everything = missing(post, None, framed(DISCORD_LIKE), (), None)
    fold = missing(post, 1, framed(DISCORD_LIKE), (), None)
    assert [m for m in everything if m.said.section == 1] == fold
    for outcome in (Outcome.DONE, None):
        assert missing(post, 1, framed(DISCORD_LIKE), rows(fold, outcome), None) == []
        left = missing(post, None, framed(DISCORD_LIKE), rows(fold, outcome), None)
        assert left == [m for m in everything if m.said.section != 1]
    # Under other limits too: what was said once stays as it was settled.
    assert missing(post, None, framed(SLACK_LIKE), rows(everything), None) == []


def test_what_failed_is_said_again_as_it_was_meant(post: Post) -> None:
    everything = missing(post, None, framed(DISCORD_LIKE), (), None)
    there = [
        row(message, number, Outcome.DONE if number < 3 else Outcome.DROPPED)
        for number, message in enumerate(everything)
    ]
    again = missing(post, None, framed(SLACK_LIKE), there, None)
    assert [message.said for message in again] == [message.said for message in everything[3:]]
    assert {message.attempt for message in again} == {1}
    once_more = [*there, *rows(again, Outcome.MISSED)]
    third = missing(post, None, framed(SLACK_LIKE), once_more, None)
    assert {message.attempt for message in third} == {2}
    assert missing(post, None, framed(SLACK_LIKE), [*once_more, *rows(third)], None) == []


def test_how_far_it_is_counts_comments(post: Post) -> None:
    everything = missing(post, None, framed(DISCORD_LIKE), (), None)
    posts, of = {post.key: post}, (post.key,)
    assert unfolded((), posts) == Unfolded(0, 0, False)
    assert unfolded(rows(everything, None), posts) == Unfolded(0, 44, True, of)
    assert unfolded(rows(everything), posts) == Unfolded(44, 44, False, of)
    first = [m for m in everything if m.said.section == 0]
    rest = [m for m in everything if m.said.section != 0]
    assert unfolded([*rows(first), *rows(rest, None)], posts) == Unfolded(2, 44, True, of)
    failed = [*rows(first), *rows(rest, Outcome.FORBIDDEN)]
    assert unfolded(failed, posts) == Unfolded(2, 44, False, of)
    assert unfolded([*failed, *rows(rest)], posts) == Unfolded(44, 44, False, of)


def body(post: Post, number: int, text: str) -> Post:
    """The post after a correction."""
    comments = [replace(c, body=text) if c.number == number else c for c in post.comments]
    return replace(post, comments=tuple(comments))


def test_a_correction_shows_everything_once_still(post: Post) -> None:
    messages = missing(post, None, framed(DISCORD_LIKE), (), None)
    shorter = body(post, 43, "とても短い話。")
    assert texts_of(views_of(messages, shorter, DISCORD_LIKE)) == expected(shorter)
    longer = body(post, 44, "終わりが近い。" * 20)
    assert texts_of(views_of(messages, longer, DISCORD_LIKE)) == expected(longer)
    more = Comment(45, 2, "zoe", None, None, "あとから来た")
    added = replace(post, comments=(*post.comments, more))
    assert texts_of(views_of(messages, added, DISCORD_LIKE)) == expected(added)


def test_what_became_longer_than_a_message_leads_on(post: Post) -> None:
    first = missing(post, 0, framed(DISCORD_LIKE), (), None)[0]
    text = "長くなった話。" * 1000
    (view,) = views_of([first], body(post, 1, text), DISCORD_LIKE)
    (row_of_buttons,) = [block for block in view.blocks if isinstance(block, Buttons)]
    action = row_of_buttons.buttons[0].action
    assert action is not None
    assert isinstance(action.intent, ReadComments)
    here = texts_of([view])[1]
    assert (action.intent.comment, action.intent.offset) == (1, len(here))
    assert text.startswith(here)


def test_a_message_without_any_comment_left_says_so(post: Post) -> None:
    messages = missing(post, None, framed(DISCORD_LIKE), (), None)
    without = replace(post, comments=tuple(c for c in post.comments if c.section != 2))
    for shown_post in (without, None):
        last = views_of(messages, shown_post, DISCORD_LIKE)[-1]
        assert "表示できなくなりました" in last.summary
        assert not texts_of([last])


def test_hidden_comments_are_left_out_and_the_others_stay(post: Post) -> None:
    messages = missing(post, None, framed(DISCORD_LIKE), (), None)
    kept = replace(post, comments=tuple(c for c in post.comments if c.number not in (1, 20, 43)))
    assert texts_of(views_of(messages, kept, DISCORD_LIKE)) == expected(kept)


@pytest.fixture
async def long_posts(tmp_path: Path) -> AsyncIterator[IndexReader]:
    """Posts of which each section takes several messages."""
    blog = Blog(tmp_path / "blog")
    for number in range(POSTS):
        comments = [f"{number}番の記事の{at}人目の意見。" * 40 for at in range(18)]
        first, *folds = comments[:6], Fold(comments[6:12]), Fold(comments[12:])
        blog.post(f"post_{number}", raw_post(f"記事{number}", [*first, *folds], item=number + 1))
    settings = settings_of(blog.root, tmp_path / "data")
    await synchronise(settings)
    async with open_reader(index_path(settings)) as opened:
        yield opened


POSTS = 8


async def test_a_crowd_that_presses_at_once_with_restarts(
    long_posts: IndexReader, tmp_path: Path
) -> None:
    posts = [post async for post in long_posts.export()]
    seen = await crowded(long_posts, tmp_path / "crowd.sqlite3", posts, Crowd(20, 300, 3))
    assert seen.faults == []
    assert seen.comments == POSTS * 18
    assert seen.messages == 2 * 3 * POSTS
