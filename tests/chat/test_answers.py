"""What a person gets for a line: lists, posts, searches, links, help."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from bot.app import index_path, opened_index, synchronise
from bot.chat.answers import (
    Answer,
    Choice,
    Found,
    Help,
    Month,
    Months,
    Newest,
    Opened,
    Tagged,
    Tags,
    answer,
)
from bot.errors import UserError
from bot.model import MonthCount, TagCount
from storage.index.reader import IndexReader, open_reader
from tests.blog import Blog, Fold, raw_post
from tests.conftest import settings_of

SITE = "https://blog.example/"


@pytest.fixture(scope="package")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a year with two posts about one discussion, and a tag in two spellings."""
    directory: Path = tmp_path_factory.mktemp("chat")
    blog = Blog(directory / "blog")
    for number in range(14):
        blog.post(
            f"gpu_{number:02}",
            raw_post(
                f"GPUの話 その{number}",
                [f"{number}番目の意見", Fold(["畳まれた"])],
                tags=["GPU", "Hacker News" if number % 2 else "HackerNews"],
                date=f"2025-06-{number + 1:02}T00:00:00",
                item=100 + number,
            ),
        )
    blog.post(
        "mention",
        raw_post("別の話", ["GPUも速い", "ＧＰＵの値段"], tags=["経済"], date="2025-05-02", item=7),
    )
    blog.post("again_1", raw_post("同じ議論", ["one"], tags=["AI"], date="2024-01-05", item=55))
    blog.post("again_2", raw_post("同じ議論2", ["two"], tags=["AI"], date="2024-01-06", item=55))
    blog.post("draft", raw_post("下書き", ["GPU"], date="2025-07-01", item=56, draft=True))
    settings = settings_of(blog.root, directory / "data")
    asyncio.run(synchronise(settings))
    return index_path(settings)


@pytest.fixture
async def reader(archive: Path) -> AsyncIterator[IndexReader]:
    async with open_reader(archive) as opened:
        yield opened


async def ask(reader: IndexReader, line: str, seed: int = 1) -> Answer:
    return await answer(reader, line, Random(seed), SITE)


@pytest.mark.parametrize("line", ["/matome", "/matome ", "", "  ", "new", "最新", "新着", "NEW"])
async def test_nothing_in_particular_gives_the_newest_posts(reader: IndexReader, line: str) -> None:
    newest = await ask(reader, line)
    assert isinstance(newest, Newest)
    assert [post.slug for post in newest.posts] == [f"gpu_{n:02}" for n in range(13, 3, -1)]
    # Of the last 30 days of the archive: nothing of May nor of the year before.
    assert newest.tags == [TagCount("GPU", 14), TagCount("Hacker News", 14)]


@pytest.mark.parametrize("line", ["/matome gpu", "gpu", "ＧＰＵ", "#GPU", "  /matome   G-P-U "])
async def test_a_tag_gives_its_posts_and_how_many_others_mention_it(
    reader: IndexReader, line: str
) -> None:
    tagged = await ask(reader, line)
    assert isinstance(tagged, Tagged)
    assert tagged.tag == TagCount("GPU", 14)
    assert [post.slug for post in tagged.posts] == [f"gpu_{n:02}" for n in range(13, 3, -1)]
    # Two comments of one further post; the draft does not count.
    assert tagged.mentions == 1


async def test_a_tag_is_found_in_each_of_its_spellings(reader: IndexReader) -> None:
    for line in ("hacker news", "HackerNews", "hacker-news"):
        tagged = await ask(reader, line)
        assert isinstance(tagged, Tagged)
        assert tagged.tag.posts == 14


async def test_a_word_to_leave_out_is_no_part_of_a_tag(reader: IndexReader) -> None:
    # Without spaces and hyphens this would be the tag HackerNews.
    assert isinstance(await ask(reader, "hacker -news"), Found)


async def test_what_is_no_tag_is_searched_for(reader: IndexReader) -> None:
    found = await ask(reader, "番目の意見")
    assert isinstance(found, Found)
    assert len(found.results.hits) == 10
    assert isinstance(await ask(reader, "tag:gpu sort:new"), Found)
    assert isinstance(await ask(reader, '"gpu"'), Found)


async def test_a_near_miss_offers_what_may_have_been_meant(reader: IndexReader) -> None:
    found = await ask(reader, "hackrnews")
    assert isinstance(found, Found)
    assert found.results.hits == ()
    assert any(name in ("Hacker News", "HackerNews") for name in found.results.suggestions)


@pytest.mark.parametrize("line", ["tags", "タグ", "/matome tags", "TAGS"])
async def test_all_tags_come_with_their_counts(reader: IndexReader, line: str) -> None:
    tags = await ask(reader, line)
    assert isinstance(tags, Tags)
    assert tags.tags == [
        TagCount("GPU", 14),
        TagCount("Hacker News", 14),
        TagCount("AI", 2),
        TagCount("経済", 1),
    ]


@pytest.mark.parametrize("line", ["months", "月", "/matome months"])
async def test_the_months_come_with_their_counts(reader: IndexReader, line: str) -> None:
    months = await ask(reader, line)
    assert isinstance(months, Months)
    assert months.months == [
        MonthCount("2025-06", 14),
        MonthCount("2025-05", 1),
        MonthCount("2024-01", 2),
    ]


@pytest.mark.parametrize("line", ["2024-01", "2024年1月", "/matome 2024-1", "２０２４-０１"])
async def test_a_month_gives_its_posts(reader: IndexReader, line: str) -> None:
    month = await ask(reader, line)
    assert isinstance(month, Month)
    assert month.month == "2024-01"
    assert [post.slug for post in month.posts] == ["again_2", "again_1"]


@pytest.mark.parametrize("line", ["2025-13", "2025-00", "2025年99月"])
async def test_a_month_that_cannot_be_is_explained(reader: IndexReader, line: str) -> None:
    with pytest.raises(UserError) as raised:
        await ask(reader, line)
    assert raised.value.key == "query.bad_month"


async def test_a_lucky_dip_is_the_same_for_the_same_seed_and_reaches_every_post(
    reader: IndexReader,
) -> None:
    slugs: list[str] = []
    for seed in [1, 1, *range(2, 200)]:
        opened = await ask(reader, "/matome random", seed)
        assert isinstance(opened, Opened)
        slugs.append(opened.post.slug)
    assert slugs[0] == slugs[1]
    assert len(set(slugs)) == 17
    assert "draft" not in slugs


@pytest.mark.parametrize("line", ["help", "ヘルプ", "使い方", "?", "/matome help", "ＨＥＬＰ"])
async def test_help_is_there_under_every_name(reader: IndexReader, line: str) -> None:
    assert isinstance(await ask(reader, line), Help)


@pytest.mark.parametrize(
    "link",
    [
        "https://news.ycombinator.com/item?id=103",
        "<https://news.ycombinator.com/item?id=103#456>",
        "https://blog.example/posts/2025_06/gpu_03/",
        "https://blog.example/posts/2025_06/gpu_03",
    ],
)
async def test_a_link_opens_its_post(reader: IndexReader, link: str) -> None:
    opened = await ask(reader, f"/matome {link}")
    assert isinstance(opened, Opened)
    assert opened.post.slug == "gpu_03"
    assert len(opened.post.comments) == 2
    assert len(opened.related) == 3
    assert "gpu_03" not in {post.slug for post in opened.related}


async def test_a_link_with_two_posts_offers_both(reader: IndexReader) -> None:
    choice = await ask(reader, "https://news.ycombinator.com/item?id=55")
    assert isinstance(choice, Choice)
    assert [post.slug for post in choice.posts] == ["again_2", "again_1"]


@pytest.mark.parametrize(
    "link",
    [
        "https://news.ycombinator.com/item?id=999",
        "https://news.ycombinator.com/item?id=56",
        "https://blog.example/posts/2025_06/nothing/",
        "https://blog.example/posts/2025_07/draft/",
    ],
)
async def test_a_link_without_a_post_is_explained(reader: IndexReader, link: str) -> None:
    with pytest.raises(UserError) as raised:
        await ask(reader, link)
    assert raised.value.key == "query.unknown_link"


@pytest.mark.parametrize("line", ["/matomegpu", "/matome2", "matome gpu"])
async def test_only_the_whole_command_is_left_out(reader: IndexReader, line: str) -> None:
    found = await ask(reader, line)
    assert isinstance(found, Found)
    assert found.results.query.text == line


async def test_an_archive_of_drafts_only_has_nothing_to_show(tmp_path: Path) -> None:
    blog = Blog(tmp_path / "blog")
    blog.post("draft", raw_post(draft=True))
    settings = settings_of(blog.root, tmp_path / "data")
    async with opened_index(settings) as index:
        for line in ("/matome", "random"):
            assert await answer(index, line, Random(1)) == Newest((), ())
        assert await answer(index, "tags", Random(1)) == Tags([])
        assert await answer(index, "months", Random(1)) == Months([])
