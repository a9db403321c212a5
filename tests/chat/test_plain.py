"""Answers as lines of plain text."""

from random import Random
from zoneinfo import ZoneInfo

import pytest

from adapters.console.plain import PlainText
from bot.chat.answers import Answer, Choice, Found, Help, Month, Newest, Tagged, Tags, answer
from bot.locales import LANGUAGES, Texts
from bot.model import TagCount
from bot.search.query import parse
from bot.search.search import Results, find
from storage.index.reader import IndexReader

SITE = "https://blog.example/"
JAPANESE = PlainText(Texts("ja"), ZoneInfo("Asia/Tokyo"), SITE)


async def shown(index: IndexReader, line: str, plain: PlainText = JAPANESE) -> str:
    return plain.render(await answer(index, line, Random(1), SITE))


async def test_the_newest_posts(index: IndexReader) -> None:
    assert await shown(index, "/matome") == (
        "新着\n"
        " 1. GPUのメモリは遅い？\n"
        "    💬 3　2025-06-10  #GPU #ハードウェア #Hacker News\n"
        "    https://blog.example/posts/2025_06/2025_06_10_gpu_memory/\n"
        " 2. 家のWi-Fiを直す\n"
        "    💬 2　2025-06-02  #ネットワーク\n"
        "    https://blog.example/posts/2025_06/2025_06_02_wifi/\n"
        " 3. Rustで書き直した結果\n"
        "    💬 2　2025-05-20  #Rust #プログラミング\n"
        "    https://blog.example/posts/2025_05/2025_05_20_rust/\n"
        "最近30日のタグ：GPU · Hacker News · Rust · ネットワーク · ハードウェア · プログラミング"
    )


async def test_a_tag(index: IndexReader) -> None:
    assert await shown(index, "/matome gpu") == (
        "タグ GPU：1件\n"
        " 1. GPUのメモリは遅い？\n"
        "    💬 3　2025-06-10  #GPU #ハードウェア #Hacker News\n"
        "    https://blog.example/posts/2025_06/2025_06_10_gpu_memory/\n"
        "ほか本文に登場: 1件（GPU -tag:GPU で表示）"
    )


async def test_a_post_with_its_comments_in_the_zone_that_is_set(index: IndexReader) -> None:
    text = await shown(index, "https://news.ycombinator.com/item?id=101")
    assert text == (
        "GPUのメモリは遅い？\n"
        "💬 3　2025-06-10  #GPU #ハードウェア #Hacker News\n"
        "https://blog.example/posts/2025_06/2025_06_10_gpu_memory/\n"
        "引用元：https://news.ycombinator.com/item?id=101\n"
        "\n"
        "#1 alice　2025-06-01 19:00\n"
        "   メモリ帯域が足りない。\n"
        "   二行目\n"
        "\n"
        "#2 bob　2025-06-11 03:59\n"
        "   NVIDIAのGPUを買った\n"
        "\n"
        "#3 carol　2025-06-01 19:00\n"
        "   畳まれたコメント"
    )
    berlin = PlainText(Texts("en"), ZoneInfo("Europe/Berlin"), SITE)
    assert "#2 bob  2025-06-10 20:59" in await shown(
        index, "https://news.ycombinator.com/item?id=101", berlin
    )


async def test_without_a_site_posts_link_to_their_source(index: IndexReader) -> None:
    plain = PlainText(Texts("ja"), ZoneInfo("UTC"), None)
    text = await shown(index, "gpu", plain)
    assert "https://news.ycombinator.com/item?id=101" in text
    assert "blog.example" not in text


async def test_more_posts_of_a_tag_are_offered_by_a_query_that_works(index: IndexReader) -> None:
    (post,) = await index.tagged("gpu", 1)
    for name, tag in (("Hacker News", 'tag:"Hacker News"'), ("GPU", "tag:GPU")):
        text = JAPANESE.render(Tagged(TagCount(name, 3), [post], 0))
        query = f"{tag} before:2025-06-11"
        assert f"…ほか2件（続きは {query}）" in text
        assert (await find(index, parse(query))).hits[0].slug == post.slug


async def test_what_was_searched_for_is_bold_on_a_terminal_that_wants_it(
    index: IndexReader,
) -> None:
    bold = PlainText(Texts("ja"), ZoneInfo("Asia/Tokyo"), SITE, bold=True)
    assert "\x1b[1mメモリ帯域\x1b[22mが足りない" in await shown(index, "メモリ帯域", bold)
    assert "\x1b" not in await shown(index, "メモリ帯域")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_kind_of_answer_can_be_shown(index: IndexReader, language: str) -> None:
    plain = PlainText(Texts(language), ZoneInfo("Asia/Tokyo"), None)
    posts = await index.newest(2)
    nothing = Results(parse("gpu"), (), ("AI", "Rust"))
    expected = {
        "ja": ["新着", "アーカイブには", "「gpu」は見つ", "タグ（上位1件）", "2025-06 の記事：2件",
               "このリンクの記事は2件", "使い方"],
        "en": ["Newest", "The archive has", "Nothing was found", "Tags (the first 1)",
               "Posts of 2025-06: 2", "There are 2 posts", "How to use it"],
    }  # fmt: skip
    answers: list[Answer] = [
        Newest(posts, ()),
        Newest((), ()),
        Found(nothing),
        Tags([TagCount("AI", 2)]),
        Month("2025-06", posts),
        Choice(posts),
        Help(),
    ]
    for given, start in zip(answers, expected[language], strict=True):
        assert plain.render(given).startswith(start)
    assert "AI · Rust" in plain.render(Found(nothing))
