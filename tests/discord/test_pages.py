"""What is sent of a small archive, read as it is seen: all comments, and nothing else."""

from pathlib import Path

import pytest

from benchmarks.discord_pages import DISCORD
from benchmarks.platform_pages import Wire, differences, digest, posts_by_day
from bot.chat.compose import compose
from bot.intent import (
    Help,
    Intent,
    Month,
    Months,
    Newest,
    OpenPost,
    Random,
    Related,
    Search,
    Tags,
)
from bot.model import Post
from bot.running.syncing import index_path, synchronise
from storage.index.reader import open_reader
from tests.blog import Blog, Fold, Quote, raw_post
from tests.conftest import settings_of
from tests.discord.test_markdown import EVIL

# A backslash before a quotation mark would be part of the post's own form.
WRITTEN = [f"{text}。" for text in EVIL if text.isprintable()]


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """Posts with evil titles, names, tags and comments, one of them too long for a message."""
    blog = Blog(tmp_path / "blog")
    comments: list[Quote | Fold | str] = [Quote(text, text) for text in WRITTEN]
    blog.post("evil", raw_post("# **@everyone** [x](y) _z_", [*comments, Fold(WRITTEN)],
                               tags=["@here", "*a*", "#1"], item=1))  # fmt: skip
    long = ["_" * 10_000, "x = <code>`a`</code> " * 700, "https://a.example/b_c です。" * 300]
    blog.post("long", raw_post("長い" * 60, long, tags=["GPU"], item=2))
    code = ["前<br>```<br>a<br>  - b<br>```<br>後`x = 1`", "＞引用<br>答え"]
    blog.post("code", raw_post("コード", code, item=3))
    return blog


async def test_all_that_was_written_is_read_again(blog: Blog, tmp_path: Path) -> None:
    settings = settings_of(blog.root, tmp_path / "data")
    await synchronise(settings)
    async with open_reader(index_path(settings)) as reader:
        wire = Wire(reader, DISCORD)
        posts: list[Post] = [post async for post in reader.export()]
        assert len(posts) == 3
        for post in posts:
            await wire.comments(post, [(c.number, c.body) for c in post.comments])
        asked: list[Intent] = [
            Newest(), Tags(), Months(), Month("2025-06"), Random(), Help(), Search("everyone"),
            Search("GPU"), Search("答え"), *(OpenPost(post.key) for post in posts),
            *(Related(post.key) for post in posts),
        ]  # fmt: skip
        for intent in asked:
            await wire.same(await compose(wire.library, intent, wire.frame), str(intent))
        await wire.same(await digest(wire, posts[0].date.date(), posts_by_day(posts)), "a digest")
    seen = wire.seen
    assert (seen.over, seen.differing, seen.mentions) == ([], [], [])
    assert seen.comments == 2 * sum(len(post.comments) for post in posts)


@pytest.mark.parametrize(
    ("bodies", "found"),
    [
        ([(1, "あい")], [(1, "あ")]),
        ([(1, "あい")], [(1, "あ…"), (1, "う")]),
        ([(1, "あ"), (2, "い")], [(1, "あ")]),
        ([(1, "あ"), (2, "い")], [(2, "い"), (1, "あ")]),
        ([(1, "あ")], [(1, "あ…")]),
        ([(1, "あ")], [(1, "\\あ")]),
    ],
)
def test_a_difference_is_seen(bodies: list[tuple[int, str]], found: list[tuple[int, str]]) -> None:
    assert list(differences(bodies, found)) != []


@pytest.mark.parametrize(
    "found",
    [
        [(1, "あ。い…")],
        [(1, "あ。…"), (1, "い…")],
        [(1, "あ。い…"), (1, "")],
    ],
)
def test_what_is_cut_goes_on(found: list[tuple[int, str]]) -> None:
    assert list(differences([(1, "あ。い…")], found)) == []
