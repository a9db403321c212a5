"""Search over a real index of a small archive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import methodcaller
from pathlib import Path

import pytest

from bot.model import Comment, Post, Section, post_key
from bot.ports import Snapshot
from bot.search.query import parse
from bot.search.search import Kind, Results, find
from bot.search.suggestion import corrected
from bot.search.text import normalise
from storage.index.documents import prepare
from storage.index.reader import IndexReader, open_reader
from storage.index.writer import open_writer

START = datetime(2025, 5, 1)  # noqa: DTZ001 (posts have days, not moments)

POSTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    # slug: title, tags, comments ("user: text"; a leading * is a highlight)
    "gpu_memory": (
        "GPUのメモリアクセスを速くする",
        ("GPU", "最適化"),
        (
            "alice: メモリ帯域がボトルネックになっている。",
            "*bob: ＧＰＵよりもメモリの帯域を見るべきだよ。",
            "carol: AMDのGPUでも同じ話。",
            "dave: キャッシュを避けるコードは遅い。",
        ),
    ),
    "wifi": (
        "家のWi-Fiが遅い",
        ("ネットワーク", "Hacker News"),
        (
            "alice: WiFiルーターを替えたら速くなった。",
            "erin: Wi-Fi 6でも壁には勝てない。",
            "frank: 有線でサーバにつなぐのが一番。電源もついた。",
            "bob: 自宅サーバーは静かな方がいい。",
        ),
    ),
    "kubernetes": (
        "Kubernetesをやめた理由",
        ("クラウド", "HackerNews"),
        (
            "gina: Kubernetesの運用は大変だった。",
            "*hana: コンピュータを増やすより減らす方が難しい。",
            "ivan: リスクを避けたかっただけなのに、OpenAIの障害に巻き込まれた。",
            "jun: 力が抜けた。𠮷野家に行こう。",
        ),
    ),
}


def make_post(slug: str, day: int) -> Post:
    return written_post(slug, day, *POSTS[slug])


def written_post(
    slug: str, day: int, title: str, tags: tuple[str, ...], lines: Sequence[str]
) -> Post:
    comments = []
    for number, line in enumerate(lines, 1):
        user, body = line.removeprefix("*").split(": ", 1)
        comments.append(
            Comment(
                number=number,
                section=0,
                user=user,
                created_at=datetime(2025, 5, 1, 9, tzinfo=UTC) + timedelta(days=day, hours=number),
                colour="#45d325" if line.startswith("*") else None,
                body=body,
            )
        )
    return Post(
        slug=slug,
        path=f"content/posts/{slug}/index.md",
        title=title,
        date=START + timedelta(days=day),
        date_exact=True,
        month=None,
        tags=tags,
        draft=False,
        thumbnail=None,
        source_url=None,
        item_id=None,
        sections=(Section(0, None, len(comments)),),
        comments=tuple(comments),
    )


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[IndexReader]:
    path = tmp_path / "index.sqlite3"
    async with open_writer(path) as writer:
        await writer.prepare_tables(rebuild=False)
        posts = [prepare(make_post(slug, day * 20), False) for day, slug in enumerate(POSTS)]
        await writer.apply(posts, [])
        await writer.finish()
    async with open_reader(path) as reader:
        yield reader


async def results(index: IndexReader, text: str, kind: Kind = "all") -> Results:
    return await find(index, parse(text), kind=kind)


async def found(index: IndexReader, text: str, kind: Kind = "all") -> list[tuple[str, int | None]]:
    return [(hit.slug, hit.number) for hit in (await results(index, text, kind)).hits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("メモリ帯域", {("gpu_memory", 1)}),
        ("メモリ 帯域", {("gpu_memory", 1), ("gpu_memory", 2)}),
        ('"メモリの帯域"', {("gpu_memory", 2)}),
        ("gpu", {("gpu_memory", 2), ("gpu_memory", 3)}),
        ("ｇｐｕ", {("gpu_memory", 2), ("gpu_memory", 3)}),
        ("GPU -AMD", {("gpu_memory", 2)}),
        ("wifi", {("wifi", 1), ("wifi", 2)}),
        ("wi-fi", {("wifi", 1), ("wifi", 2)}),
        ('"wi fi"', {("wifi", 1), ("wifi", 2)}),
        ("サーバー", {("wifi", 3), ("wifi", 4)}),
        ("ｻｰﾊﾞ", {("wifi", 3), ("wifi", 4)}),
        ("力", {("kubernetes", 4)}),
        ("𠮷", {("kubernetes", 4)}),
        ("抜け", {("kubernetes", 4)}),
        ("user:alice 速", {("wifi", 1)}),
        ("tag:hackernews 方", {("wifi", 4), ("kubernetes", 2)}),
        ("is:highlight", {("gpu_memory", 2), ("kubernetes", 2)}),
        ("-tag:GPU is:highlight", {("kubernetes", 2)}),
        ("user:bob", {("gpu_memory", 2), ("wifi", 4)}),
        ("month:2025-06 避け", {("kubernetes", 3)}),
        ("before:2025-05-10 メモリ", {("gpu_memory", 1), ("gpu_memory", 2)}),
        ("after:2025-06-10 サーバ", set()),
    ],
)
async def test_comments_that_match_and_no_others(
    index: IndexReader, text: str, expected: set[tuple[str, int]]
) -> None:
    hits = set(await found(index, text, "comment"))
    assert expected <= hits
    if expected and " " not in text:
        assert hits == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("kubern", ("kubernetes", 1)),
        ("kubernets", ("kubernetes", 1)),
        ("避ける リスク", ("kubernetes", 3)),
        ("open ai 障害", ("kubernetes", 3)),
        ("キャッシュ 最適化 メモリアクセス", ("gpu_memory", 4)),
        ("コンピューター", ("kubernetes", 2)),
        ("ボトルレック", ("gpu_memory", 1)),
        ("キャッシュ まったくない言葉", ("gpu_memory", 4)),
        ("キャッシュ GPU", ("gpu_memory", 4)),
        ("サーバ つく", ("wifi", 3)),
    ],
)
async def test_what_is_typed_a_little_differently_is_found_too(
    index: IndexReader, text: str, first: tuple[str, int]
) -> None:
    assert (await found(index, text, "comment"))[:1] == [first]


async def test_posts_and_comments_come_together_the_post_about_it_first(index: IndexReader) -> None:
    assert (await found(index, "kubernetes"))[:2] == [("kubernetes", None), ("kubernetes", 1)]
    assert await found(index, "in:title wifi") == [("wifi", None)]
    assert await found(index, "gpu 最適化", "post") == [("gpu_memory", None)]
    assert await found(index, "tag:GPU") == [("gpu_memory", None)]
    assert await found(index, "after:2025-05-15") == [("kubernetes", None), ("wifi", None)]
    assert await found(index, "after:2025-05-15 -tag:クラウド") == [("wifi", None)]


async def test_an_old_comment_as_typed_comes_before_many_new_inflections(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    inflected = [f"ann: 今日も{'とても' * n}メモリを使った。" for n in range(200)]
    async with open_writer(path) as writer:
        await writer.prepare_tables(rebuild=False)
        old = written_post("old", 0, "昔", (), ["bob: メモリを使うときの話なんだけどね。"])
        new = written_post("new", 1, "今", (), inflected)
        await writer.apply([prepare(post, False) for post in (old, new)], [])
        await writer.finish()
    async with open_reader(path) as reader:
        hits = await found(reader, "メモリ 使う")
        assert hits[0] == ("old", 1)
        assert len(set(hits)) == 10


async def test_a_search_sees_one_moment_of_the_index(index: IndexReader, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()

    async def remove_all() -> None:
        async with open_writer(tmp_path / "index.sqlite3") as writer:
            await writer.apply([], [], removed=list(POSTS))

    def work(snapshot: Snapshot) -> list[bool]:
        before = snapshot.has('"gpu"')
        asyncio.run_coroutine_threadsafe(remove_all(), loop).result()
        return [before, snapshot.has('"gpu"')]

    assert await index.on_snapshot(work) == [True, True]
    assert not await index.on_snapshot(methodcaller("has", '"gpu"'))


async def test_sort_new_puts_the_newest_first(index: IndexReader) -> None:
    assert await found(index, "避け sort:new", "comment") == [("kubernetes", 3), ("gpu_memory", 4)]


async def test_the_snippet_marks_what_was_found_in_the_original_text(index: IndexReader) -> None:
    (hit,) = (await results(index, "gpu 帯域", "comment")).hits[:1]
    marked = {hit.snippet.text[start:end] for start, end in hit.snippet.matches}
    assert marked == {"ＧＰＵ", "帯域"}
    assert hit.created_at is not None
    assert hit.created_at.tzinfo is UTC


async def test_a_typing_error_is_answered_with_what_was_meant(index: IndexReader) -> None:
    assert (await results(index, "kubernets")).suggestions == ("kubernetes",)
    assert (await results(index, "ボトルレック")).suggestions == ("ボトルネック",)
    assert (await results(index, "ネットワーグ")).suggestions == ("ネットワーク",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("メモリ ネットワーグ", "メモリ ネットワーク"),
        ("KUBERNETS tag:GPU", "kubernetes tag:GPU"),
        ("ﾎﾞﾄﾙﾚｯｸー", "ボトルネック"),
        ("gpu-kubernets", "kubernetes"),
    ],
)
def test_a_typing_error_is_mended_within_the_query(typed: str, meant: str) -> None:
    literals = {
        "ネットワーグ": "ネットワーク",
        "kubernets": "kubernetes",
        "ボトルレック": "ボトルネック",
    }
    (suggested,) = [
        corrected(typed, literal, word)
        for literal, word in literals.items()
        if literal in normalise(typed)
    ]
    assert suggested == meant


async def test_nothing_is_found_for_nonsense(index: IndexReader) -> None:
    for text in ("zzzzqqqq", "鬱蒼", "ゎ", "🔥 zz", '"NEAR(a b)"', "x* OR y"):
        answer = await results(index, text)
        assert answer.hits == ()


async def test_single_kana_are_found_though_they_have_no_token(index: IndexReader) -> None:
    assert ("kubernetes", 4) in await found(index, "う", "comment")


@pytest.mark.parametrize("text", ['"メモリ域帯"', '"kubernets"', '"避けます"', '"メモリの帯城"'])
async def test_a_phrase_is_meant_as_it_stands(index: IndexReader, text: str) -> None:
    assert (await results(index, text)).hits == ()
    assert all(hit.number != 1 for hit in (await results(index, f"{text} ボトルネック")).hits)


async def test_scores_fall_and_the_limit_holds(index: IndexReader) -> None:
    answer = await find(index, parse("の"), limit=3)
    assert len(answer.hits) == 3
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


async def test_related_posts_share_tags(index: IndexReader) -> None:
    related = await index.related(post_key("wifi"), 3)
    assert [post.slug for post in related] == ["kubernetes"]
    assert await index.related(post_key("missing"), 3) == []


async def test_tags_are_counted_over_their_spellings(index: IndexReader) -> None:
    tag = await index.on_snapshot(lambda snapshot: snapshot.tag("hackernews"))
    assert tag is not None
    assert tag.posts == 2
    assert [count.posts for count in await index.tags(None, 2)] == [2, 1]
    assert [month.month for month in await index.months()] == ["2025-06", "2025-05"]


@pytest.mark.parametrize("typed", ["宇飛宙行士", "宇宙飛行子", "宇宙行士", "宇宙飛飛行士"])
async def test_one_edit_in_a_word_of_kanji_is_mended(tmp_path: Path, typed: str) -> None:
    path = tmp_path / "index.sqlite3"
    text = "宇宙飛行士に聞けば済む話じゃない？"
    comment = Comment(1, 0, "alice", None, None, text)
    post = replace(make_post("wifi", 0), comments=(comment,), sections=(Section(0, None, 1),))
    async with open_writer(path) as writer:
        await writer.prepare_tables(rebuild=False)
        await writer.apply([prepare(post, False)], [])
        await writer.finish()
    async with open_reader(path) as reader:
        (hit,) = (await find(reader, parse(typed))).hits
    ((start, end),) = hit.snippet.matches
    assert hit.snippet.text[start:end] == "宇宙飛行士"


async def test_every_word_within_one_edit_is_among_the_similar_ones(index: IndexReader) -> None:
    for word in ("kubernetes", "openai", "wifi", "ボトルネック", "コンピュータ"):
        near = set()
        for at in range(len(word)):
            near |= {word[:at] + word[at + 1 :], word[:at] + "x" + word[at:]}
            near |= {word[:at] + "x" + word[at + 1 :]}
            near |= {word[:at] + word[at : at + 2][::-1] + word[at + 2 :]}
        for typed in near:
            similar = await index.on_snapshot(methodcaller("similar_words", typed))
            assert word in {known for known, _ in similar}, typed
