"""What was taken down is nowhere shown: the answers are those of an archive without it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.chat.compose import compose
from bot.chat.context import Frame
from bot.chat.library import Library
from bot.errors import UserError
from bot.hiding import ShownIndex
from bot.intent import OpenPost, ReadComments, Search
from bot.locales import Texts
from bot.model import post_key
from bot.ports import Index
from bot.running.syncing import index_path, synchronise
from bot.search.plan import mention_expression
from bot.search.query import parse
from bot.search.search import PAGE, find
from bot.search.term import make_term
from bot.stores import Hidden
from bot.taken_down import TakenDown
from bot.view import Quote as Shown
from bot.view import Run
from storage.index.reader import IndexReader, open_reader
from tests.blog import Blog, Fold, Quote, raw_post
from tests.chat.conftest import of_kind
from tests.conftest import settings_of
from tests.limits import ROOMY

GONE = {"gone_1": ["GPU", "秘密"], "gone_2": ["GPU", "AI"], "gone_old": ["歴史"]}
FRAME = Frame(Texts("ja"), ROOMY)


def write(blog: Blog, *, with_gone: bool) -> None:
    """Posts of two months; some of them are the ones to be taken down."""
    for number in range(1, 7):
        blog.post(
            f"kept_{number}",
            raw_post(
                f"残る記事{number}",
                [f"メモリの話{number}", "GPUは速い" if number % 2 else "遅い"],
                tags=["GPU" if number < 4 else "AI", "共通"],
                date=f"2025-06-{number * 3:02}T00:00:00",
                item=number,
            ),
        )
    for number, (slug, tags) in enumerate(GONE.items() if with_gone else ()):
        blog.post(
            slug,
            raw_post(
                f"消える記事{number}",
                ["メモリとGPUの値段", "ヒミツプロジェクトの話"],
                tags=[*tags, "共通"],
                date="2019-01-01" if slug == "gone_old" else f"2025-06-{number * 12 + 5:02}",
                item=1 if number else 77,
            ),
        )


async def opened(stack: AsyncExitStack, directory: Path, blog: Blog) -> IndexReader:
    settings = settings_of(blog.root, directory / "data")
    await synchronise(settings)
    return await stack.enter_async_context(open_reader(index_path(settings)))


def hiding(index: Index, hidden: Hidden) -> ShownIndex:
    async def read() -> Hidden:
        return hidden

    return ShownIndex(index, TakenDown(read))


@dataclass(frozen=True, slots=True)
class Two:
    """An index with what is hidden, and one of an archive that never had it."""

    shown: ShownIndex
    without: IndexReader
    full: IndexReader


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The data of both archives."""
    found = []
    for name in ("full", "without"):
        directory = tmp_path_factory.mktemp(name)
        blog = Blog(directory / "blog")
        write(blog, with_gone=name == "full")
        asyncio.run(synchronise(settings_of(blog.root, directory / "data")))
        found.append(directory / "data" / "index.sqlite3")
    return found[0], found[1]


@pytest.fixture
async def two(directories: tuple[Path, Path]) -> AsyncIterator[Two]:
    """Three posts are hidden."""
    async with open_reader(directories[0]) as full, open_reader(directories[1]) as without:
        hidden = {post_key(slug): frozenset([0]) for slug in GONE}
        yield Two(hiding(full, hidden), without, full)


ANSWERS: Mapping[str, Any] = {
    "count": lambda i: i.count_posts(),
    "newest": lambda i: i.newest(3),
    "newest behind": lambda i: i.newest(3, 2),
    "tagged": lambda i: i.on_snapshot(lambda snapshot: snapshot.tagged("gpu", 2, 1)),
    "tag": lambda i: i.on_snapshot(lambda snapshot: snapshot.tag("gpu")),
    "tag of none": lambda i: i.on_snapshot(lambda snapshot: snapshot.tag("秘密")),
    "tags": lambda i: i.tags(None, 2),
    "all tags": lambda i: i.tags(None, 50),
    "tags since": lambda i: i.tags(date(2025, 6, 8), 50),
    "months": lambda i: i.months(),
    "month": lambda i: i.in_month("2025-06"),
    "no month": lambda i: i.in_month("2019-01"),
    "item": lambda i: i.by_item(1),
    "no item": lambda i: i.by_item(77),
    "slug": lambda i: i.by_slug("gone_1"),
    "key": lambda i: i.by_key(post_key("gone_1")),
    "keys": lambda i: i.by_keys([post_key(s) for s in ("gone_1", "kept_1", "kept_2")]),
    "post": lambda i: i.post(post_key("gone_1")),
    "choice": lambda i: i.post_with_choice(post_key("gone_1")),
    "related to it": lambda i: i.related(post_key("gone_1"), 5),
    "mentions": lambda i: mentioning(i, mentions("gpu", "gpu")),
    "tags in a search": lambda i: i.on_snapshot(lambda snapshot: dict(snapshot.tags())),
    **{
        f"search {text}": lambda i, text=text: hits(i, text)
        for text in ("メモリ", "gpu", "記事", "ヒミツプロジェクト", "tag:GPU", "sort:new メモリ")
    },
    "near words": lambda i: suggested(i, "ヒミシプロジェクト"),
    "near tags": lambda i: suggested(i, "秘蜜"),
}  # fmt: skip


def mentions(word: str, tag: str) -> str:
    term = make_term(word)
    assert term is not None
    return mention_expression(term, tag)


async def hits(index: Index, text: str) -> list[tuple[str, int | None]]:
    return [(hit.slug, hit.number) for hit in (await find(index, parse(text), limit=50)).hits]


async def mentioning(index: Index, expression: str) -> int:
    return await index.on_snapshot(lambda snapshot: snapshot.count_mentioning(expression))


async def suggested(index: Index, text: str) -> tuple[str, ...]:
    return (await find(index, parse(text))).suggestions


@pytest.mark.parametrize("name", ANSWERS)
async def test_every_answer_is_that_of_an_archive_without_it(two: Two, name: str) -> None:
    assert await ANSWERS[name](two.shown) == await ANSWERS[name](two.without)


def test_the_answers_would_be_others_were_nothing_hidden(directories: tuple[Path, Path]) -> None:
    async def differing() -> set[str]:
        async with open_reader(directories[0]) as full, open_reader(directories[1]) as without:
            return {
                name
                for name, answer in ANSWERS.items()
                if await answer(full) != await answer(without)
            }

    assert asyncio.run(differing()) == set(ANSWERS)


async def test_what_is_related_is_never_hidden(two: Two) -> None:
    related = await two.shown.related(post_key("kept_1"), 5)
    assert len(related) == 5
    assert not {post.slug for post in related} & set(GONE)


async def test_chance_never_finds_what_is_hidden_and_finds_all_else(two: Two) -> None:
    count = await two.shown.count_posts()
    found = [await two.shown.nth(number) for number in range(count)]
    assert {post.slug for post in found if post is not None} <= {f"kept_{n}" for n in range(1, 7)}
    assert None not in found


async def test_versions_and_the_export_are_those_of_the_archive(two: Two) -> None:
    assert await two.shown.versions() == await two.full.versions()
    assert await two.shown.versions_of([post_key("gone_1")])
    assert await two.shown.revision() == await two.full.revision()
    exported = [post.slug async for post in two.shown.export()]
    assert set(GONE) <= set(exported)


BODY = "隠すべき言葉ヤバイナイヨウ"
MANY = 3 * PAGE


@pytest.fixture
async def with_comments(tmp_path: Path) -> AsyncIterator[IndexReader]:
    """A post with a fold, and one with more comments than a search looks at in one go."""
    blog = Blog(tmp_path / "blog")
    folded = Fold([Quote(BODY, "mallory"), "畳まれた意見"])
    comments: list[str | Quote | Fold] = ["最初の意見", BODY, "次の意見 GPU", folded]
    blog.post("post", raw_post("隠れた一言のある記事", comments, date="2025-06-02", item=1))
    many = [f"同じ単語モジュールの{number}番" for number in range(MANY)]
    blog.post("many", raw_post("多い", many, date="2025-06-03", item=2))
    async with AsyncExitStack() as stack:
        yield await opened(stack, tmp_path, blog)


POST, LONG = post_key("post"), post_key("many")


async def test_a_hidden_comment_is_left_out_and_the_others_keep_their_numbers(
    with_comments: IndexReader,
) -> None:
    # The last number is one that the post does not have.
    shown = hiding(with_comments, {POST: frozenset([2, 4, 9])})
    post = await shown.post(POST)
    assert post is not None
    assert [comment.number for comment in post.comments] == [1, 3, 5]
    assert [section.comments for section in post.sections] == [2, 1]
    summary = await shown.by_key(POST)
    assert summary is not None
    assert summary.comments == 3
    found = await shown.post_with_choice(POST)
    assert found is not None
    assert not {2, 4} & set(found[1])


async def test_a_hidden_comment_is_not_found_and_its_words_are_not_offered(
    with_comments: IndexReader,
) -> None:
    everything = hiding(with_comments, {})
    assert {number for _, number in await hits(everything, BODY)} == {2, 4}
    assert await suggested(everything, "ヤバイナイヨオ") == ("ヤバイナイヨウ",)
    half = hiding(with_comments, {POST: frozenset([2])})
    assert {number for _, number in await hits(half, BODY)} == {4}
    assert await suggested(half, "ヤバイナイヨオ") == ("ヤバイナイヨウ",)
    shown = hiding(with_comments, {POST: frozenset([2, 4])})
    assert await hits(shown, BODY) == []
    assert await hits(shown, "user:mallory") == []
    assert await suggested(shown, "ヤバイナイヨオ") == ()


async def test_a_post_whose_only_mention_is_hidden_does_not_mention_it(
    with_comments: IndexReader,
) -> None:
    asked = mentions("gpu", "ai")
    assert await mentioning(hiding(with_comments, {}), asked) == 1
    assert await mentioning(hiding(with_comments, {POST: frozenset([2])}), asked) == 1
    assert await mentioning(hiding(with_comments, {POST: frozenset([3])}), asked) == 0
    # A number that the post does not have is none of the next post's.
    assert await mentioning(hiding(with_comments, {LONG: frozenset([9999])}), asked) == 1


async def test_a_search_goes_on_behind_more_hidden_comments_than_it_looks_at(
    with_comments: IndexReader,
) -> None:
    shown = hiding(with_comments, {LONG: frozenset(range(3, MANY + 1))})
    assert {number for _, number in await hits(shown, "モジュール")} == {1, 2}


async def test_an_old_button_to_a_hidden_comment_leads_to_the_next(
    with_comments: IndexReader,
) -> None:
    library = Library(hiding(with_comments, {POST: frozenset([2, 4])}), None, Random(1))
    view = await compose(library, ReadComments(POST, 2, 3), FRAME)
    quotes = [block for block in of_kind(view, Shown) if isinstance(block, Shown)]
    assert [quote.number for quote in quotes] == [1, 3]
    opened = await compose(library, OpenPost(POST), FRAME)
    words = "".join(
        run.text
        for block in of_kind(opened, Shown)
        if isinstance(block, Shown)
        for run in block.text
        if isinstance(run, Run)
    )
    assert "意見" in words
    assert "ヤバイ" not in words


async def test_an_old_button_to_a_hidden_post_says_that_it_is_not_there(
    with_comments: IndexReader,
) -> None:
    library = Library(hiding(with_comments, {POST: frozenset([0])}), None, Random(1))
    for intent in (OpenPost(POST), ReadComments(POST, 1)):
        with pytest.raises(UserError, match=r"chat\.post_gone"):
            await compose(library, intent, FRAME)
    with pytest.raises(UserError, match=r"query\.unknown_link"):
        await compose(library, Search("https://news.ycombinator.com/item?id=1"), FRAME)
