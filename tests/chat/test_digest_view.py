"""The message of a digest: what is in it, and that it is one message whatever the limits are."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.archive.worker import read_post
from bot.chat.context import Frame
from bot.chat.views.digest import Digest, Featured, digest_view, posts_of, read_digest, topics_of
from bot.chat.views.post import worth_reading
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import DigestSettings, OpenPost, ReadDigest
from bot.locales import Texts
from bot.model import Post, PostSummary, post_key
from bot.settings import SAMPLE_ARCHIVE
from bot.view import Action, Effect, Heading, Item, Limits, Paragraph, Quote, Run, View
from tests.chat.conftest import FRAME, SITE, Conversation, buttons_of, labels, of_kind
from tests.chat.test_answers import heading, titles, words
from tests.chat.test_reading import quotes
from tests.digest.posts import post as made_post
from tests.fitted import over
from tests.limits import ALL_LIMITS, NARROW

DAY = date(2026, 11, 21)
REAL = Path(__file__).resolve().parents[3] / "shared" / "archive"
LONG_ONE = "とても長い文が続きます。" * 60


def featured(post: Post) -> Featured:
    (best, *_) = [*worth_reading(post, [1]), None]
    return Featured(post, None if best is None else quote_of(post.key, best))


def summary(post: Post) -> PostSummary:
    return PostSummary(
        post.slug, post.path, post.title, post.date, post.date_exact, post.tags,
        len(post.comments), post.item_id, post.source_url,
    )  # fmt: skip


def some(count: int, body: str = "短い意見です。", title: str = "題名") -> list[Post]:
    return [
        replace(made_post([body, "二番目"]), slug=f"2025_06_{n:02}", title=f"{title}その{n}")
        for n in range(count)
    ]


def digest_of(posts: Sequence[Post], shown: int = 5, **more: object) -> Digest:
    others = [summary(post) for post in posts[shown:]]
    digest = Digest(DAY, [featured(post) for post in posts[:shown]], others, "new", 12, "k3v9x2ab")
    return replace(digest, **more)  # type: ignore[arg-type]


def view_of(digest: Digest, limits: Limits | None = None, language: str = "ja") -> View:
    frame = Frame(Texts(language), limits or FRAME.limits)
    view = digest_view(digest, SITE, frame)
    assert over(view, frame.limits) == []
    return view


def paragraphs(view: View) -> str:
    return "\n".join(words(b.text) for b in view.blocks if isinstance(b, Paragraph))


def test_what_most_posts_are_about_is_told_first() -> None:
    given = [("Rust", "Rust", "AI"), ("GPU",), ("AI", "GPU"), ("GPU",)]
    posts = [replace(post, tags=tags) for post, tags in zip(some(4), given, strict=True)]
    assert topics_of(digest_of(posts, shown=2))[-3:] == ("GPU", "AI", "Rust")


def test_a_digest_has_each_post_with_its_quote_and_a_button() -> None:
    view = view_of(digest_of(some(2)))
    assert heading(view) == "11月21日（土）のまとめ"
    assert view.summary == "11月21日（土）のまとめ · 題名その0"
    first = of_kind(view, Item)[0]
    assert isinstance(first, Item)
    assert titles(view) == ["題名その0", "題名その1"]
    assert words(first.lines[0]) == "💬 2　#GPU"
    assert first.title[0].link is not None  # type: ignore[union-attr]
    assert [words(quote.text) for quote in quotes(view)] == ["短い意見です。"] * 2
    assert [quote.cut for quote in quotes(view)] == [False] * 2
    # Each quote stands behind its post.
    assert view.blocks.index(first) + 1 == view.blocks.index(quotes(view)[0])
    opening = Action(OpenPost(post_key("2025_06_00"), 12), Effect.OPEN)
    assert first.button is not None
    assert (first.button.label, first.button.action) == ("開く", opening)
    assert set(view.actions()) >= {
        Action(ReadDigest(12), Effect.OPEN),
        Action(DigestSettings("k3v9x2ab"), Effect.OPEN),
    }
    assert labels(view) == ["まとめて読む", "設定"]


def test_a_long_quote_is_cut_at_a_sentence() -> None:
    (quote,) = quotes(view_of(digest_of(some(1, LONG_ONE))))
    assert quote.cut
    assert words(quote.text).endswith("。…")
    assert 75 < len(words(quote.text)) <= 150


def test_the_others_are_named_below() -> None:
    view = view_of(digest_of(some(8)))
    assert len(titles(view)) == 5
    assert [words(h.text) for h in view.blocks if isinstance(h, Heading)][1] == "ほかの新着"
    assert paragraphs(view) == "題名その5　💬 2\n題名その6　💬 2\n題名その7　💬 2"


def test_a_digest_says_whether_it_is_late_in_the_language_of_its_place() -> None:
    assert heading(view_of(digest_of(some(1), late=True))) == "11月21日（土）のまとめ（遅延）"
    assert heading(view_of(digest_of(some(1)), language="en")) == "Digest of Sat, 21 November"


def test_a_day_without_anything_new_is_told() -> None:
    picked = view_of(digest_of(some(2), source="archive"))
    assert "アーカイブから選びました" in paragraphs(picked)
    nothing = view_of(digest_of([], source="none"))
    assert paragraphs(nothing) == "新しい記事はありません。"
    assert labels(nothing) == ["設定"]


def test_a_digest_of_which_all_is_gone_says_so() -> None:
    view = view_of(digest_of([]))
    assert paragraphs(view) == "このまとめの記事は、いまは表示できません。"
    assert labels(view) == ["設定"]


def test_what_stands_below_the_posts_has_room() -> None:
    note = Paragraph((Run("展開中 40/80"),), quiet=True)
    view = view_of(digest_of(some(9, LONG_ONE), notes=(note,)), NARROW)
    assert note in view.blocks


def test_a_preview_opens_posts_and_cannot_be_read_as_a_whole() -> None:
    view = view_of(digest_of(some(2), number=None, subscription=None))
    assert labels(view) == []
    assert {action.intent for action in view.actions()} == {
        OpenPost(post_key("2025_06_00")),
        OpenPost(post_key("2025_06_01")),
    }


@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
@pytest.mark.parametrize("count", [0, 1, 5, 10, 20])
def test_a_digest_is_one_message_and_every_post_is_shown_named_or_counted(
    limits: Limits, count: int
) -> None:
    posts = some(count, LONG_ONE, "とても長い題名の記事がここにあります")
    view = view_of(digest_of(posts, shown=10), limits)
    shown = len(titles(view))
    named = paragraphs(view).count("💬")
    counted = [int("".join(filter(str.isdecimal, line.split("：")[-1])))
               for line in paragraphs(view).splitlines()
               if line.startswith(("ほか", "ほかの新着"))]  # fmt: skip
    assert shown + named + sum(counted) == count
    assert shown >= min(count, 1)
    assert ("まとめて読む" in labels(view)) is (count > 0)


def test_quotes_become_shorter_before_any_is_left_out() -> None:
    posts = some(5, LONG_ONE)
    roomy, less, least = (
        quotes(view_of(digest_of(posts), replace(FRAME.limits, characters=characters)))
        for characters in (3000, 1100, 650)
    )
    assert len(roomy) == len(less) == 5
    assert max(len(words(q.text)) for q in less) < min(len(words(q.text)) for q in roomy)
    assert 0 < len(least) < 5
    # Those of the first posts stay.
    assert [quote.post for quote in least] == [post.key for post in posts[: len(least)]]


def _real_posts() -> Iterator[Post]:
    root = REAL if REAL.is_dir() else SAMPLE_ARCHIVE
    paths = sorted((root / "content" / "posts").rglob("*.md"))
    for path in random.Random(4).sample(paths, min(60, len(paths))):
        yield read_post(path.read_bytes(), str(path.relative_to(root))).post


@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
def test_digests_of_posts_as_they_are_keep_the_limits(limits: Limits) -> None:
    posts = list(_real_posts())
    for start in range(0, len(posts), 6):
        for shown in (3, 5, 10):
            view = view_of(digest_of(posts[start : start + 15], shown), limits)
            if limits is not NARROW:
                assert len(titles(view)) == min(shown, len(posts) - start)


async def test_the_posts_of_a_row_are_read_in_its_order(talk: Conversation) -> None:
    keys = [post_key(slug) for slug in ("again_1", "gpu_03", "gone", "gpu_01", "draft", "long")]
    shown, others = await posts_of(talk.chat._library, keys, 3)
    assert [each.post.slug for each in shown] == ["again_1", "gpu_03"]
    assert [post.slug for post in others] == ["gpu_01", "long"]
    assert all(isinstance(each.quote, Quote) for each in shown)


async def read(talk: Conversation, keys: Sequence[str], start: int) -> View:
    intent = ReadDigest(12, start)
    view = await read_digest(talk.chat._library, intent, keys, talk.context.frame)
    assert over(view, talk.context.frame.limits) == []
    return view


@pytest.mark.parametrize("limits", [FRAME.limits, *ALL_LIMITS.values()])
async def test_the_posts_of_a_digest_are_read_one_after_the_other(
    talk: Conversation, limits: Limits
) -> None:
    talk.framed(limits=limits, can_share=True, can_thread=True)
    keys = [post_key(slug) for slug in ("gpu_03", "gone", "long", "again_1")]
    pages = [await read(talk, keys, start) for start in range(3)]
    assert [page.summary for page in pages] == ["GPUの話 その3", "長い議論の記事", "同じ議論"]
    assert [page.more for page in pages[:2]] == [
        Action(ReadDigest(12, 1)),
        Action(ReadDigest(12, 2)),
    ]
    turning = [[b.label for b in buttons_of(page) if b.label[0] in "◀次123"] for page in pages]
    assert turning == [["1/3", "次へ ▶"], ["◀ 前へ", "2/3", "次へ ▶"], ["◀ 前へ", "3/3"]]
    # What was there when the button was made may have gone since.
    assert (await read(talk, keys, 900)).summary == "同じ議論"


async def test_a_digest_without_any_post_left_cannot_be_read(talk: Conversation) -> None:
    with pytest.raises(UserError, match=r"digest\.all_gone"):
        await read(talk, [post_key("gone")], 0)
