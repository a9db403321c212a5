"""How the full text lies in the index: what a rebuild wrote stays where it is."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from operator import methodcaller
from pathlib import Path
from random import Random

from bot.model import Comment, Post, Section
from storage.index.documents import prepare
from storage.index.reader import open_reader
from storage.index.writer import open_writer


def long_post(slug: str, random: Random) -> Post:
    """A post whose comments have words of their own, so that they take room."""
    comments = tuple(
        Comment(number, 0, "ann", None, None, " ".join(f"{random.random():.9f}" for _ in range(40)))
        for number in range(1, 101)
    )
    return Post(
        slug=slug,
        path=f"content/posts/{slug}/index.md",
        title=slug,
        date=datetime(2025, 5, 1),  # noqa: DTZ001 (posts have days, not moments)
        date_exact=True,
        month=None,
        tags=(),
        draft=False,
        thumbnail=None,
        source_url=None,
        item_id=None,
        sections=(Section(0, None, len(comments)),),
        comments=comments,
    )


def largest_segment(path: Path) -> tuple[int, int]:
    """The number of FTS5's largest segment, and of its pages."""
    sql = "SELECT id >> 37, count(*) FROM full_text_data GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    with closing(sqlite3.connect(path)) as database:
        number, pages = database.execute(sql).fetchone()
    return number, pages


async def test_small_changes_do_not_write_the_whole_full_text_anew(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    random = Random(1)
    posts = [long_post(f"post-{number}", random) for number in range(5)]
    async with open_writer(path) as writer:
        await writer.prepare_tables(rebuild=False)
        await writer.apply([prepare(post, False) for post in posts], [])
        await writer.finish()
    built = largest_segment(path)
    assert built[1] > 50
    async with open_writer(path) as writer:
        await writer.prepare_tables(rebuild=False)
        for number in range(100):
            first, *others = posts[0].comments
            first = replace(first, body=f"change number{number}")
            changed = replace(posts[0], comments=(first, *others))
            await writer.apply([prepare(changed, False)], [])
        await writer.finish()
    assert largest_segment(path) == built
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO full_text (full_text) VALUES ('integrity-check')")
    async with open_reader(path) as reader:
        assert await reader.on_snapshot(methodcaller("has", '"number99"'))
        assert not await reader.on_snapshot(methodcaller("has", '"number98"'))
