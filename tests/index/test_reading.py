"""Reading while a sync writes: each answer is the index of one moment."""

import asyncio
import gc
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.model import Comment, Post, PostSummary, Section, post_key
from bot.ports import Snapshot
from storage.index.documents import prepare
from storage.index.opening import close_all, opened
from storage.index.reader import IndexReader, open_reader
from storage.index.writer import IndexWriter, open_writer

ROUNDS = 60
TARGET, OTHERS = "target", ("left", "right")
SLUGS = (TARGET, *OTHERS)
SHARED = "shared"

Check = Callable[[IndexReader], Awaitable[int]]


def post_of(slug: str, version: int) -> Post:
    """A post that says in each of its parts which version it is.

    Each second version has more comments than any before, so that it moves now and then, the others
    have one. The tag that the target has too goes from one of the others to the other.
    """
    said = f"v{version}"
    count = version + 1 if version % 2 else 1
    sections = range(min(count, version % 3 + 1))
    comments = tuple(
        Comment(number, (number - 1) % len(sections), said, None, None, f"{said} {number}")
        for number in range(1, count + 1)
    )
    shares = slug in (TARGET, OTHERS[version % 2])
    return Post(
        slug=slug,
        path=f"content/posts/{slug}/index.md",
        title=said,
        date=datetime(2025, 5, 1),  # noqa: DTZ001 (posts have days, not moments)
        date_exact=True,
        month=None,
        tags=(said + slug, SHARED) if shares else (said + slug,),
        draft=False,
        thumbnail=said,
        source_url=said,
        item_id=None,
        sections=tuple(
            Section(number, said, sum(comment.section == number for comment in comments))
            for number in sections
        ),
        comments=comments,
    )


def choice_of(post: Post) -> tuple[int, ...]:
    """The last comment first: a number that an earlier version may not have."""
    return tuple(comment.number for comment in reversed(post.comments))


def version_of(post: Post | PostSummary) -> int:
    return int(post.title.removeprefix("v"))


async def write(writer: IndexWriter, version: int) -> None:
    """Write all posts in one transaction, as a sync does."""
    posts = [post_of(slug, version) for slug in SLUGS]
    prepared = [prepare(post, False, lambda post, _: choice_of(post)) for post in posts]
    await writer.apply(prepared, [])


async def opens(reader: IndexReader) -> int:
    found = await reader.post_with_choice(post_key(TARGET))
    assert found is not None
    post, chosen = found
    assert post == post_of(TARGET, version_of(post))
    assert chosen == choice_of(post)
    return version_of(post)


async def reads(reader: IndexReader) -> int:
    post = await reader.post(post_key(TARGET))
    assert post is not None
    assert post == post_of(TARGET, version_of(post))
    return version_of(post)


async def finds_related(reader: IndexReader) -> int:
    (other,) = await reader.related(post_key(TARGET), 5)
    expected = post_of(other.slug, version_of(other))
    assert SHARED in expected.tags
    assert other.tags == expected.tags
    return version_of(other)


async def exports(reader: IndexReader) -> int:
    posts = [post async for post in reader.export()]
    version = version_of(posts[0])
    assert posts == [post_of(slug, version) for slug in sorted(SLUGS)]
    return version


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[IndexWriter]:
    """The writer of an index that has the posts in their first version."""
    async with open_writer(tmp_path / "index.sqlite3") as opened:
        await opened.prepare_tables(rebuild=False)
        await write(opened, 0)
        await opened.finish()
        yield opened


@pytest.mark.parametrize("check", [opens, reads, finds_related, exports])
async def test_what_is_read_while_a_sync_writes_is_never_a_mixture(
    writer: IndexWriter, tmp_path: Path, check: Check
) -> None:
    seen: Counter[int] = Counter()
    done = False

    async def check_on(reader: IndexReader) -> None:
        while not done:
            seen[await check(reader)] += 1

    async with open_reader(tmp_path / "index.sqlite3") as reader:
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(check_on(reader))
            for version in range(1, ROUNDS + 1):
                await write(writer, version)
            done = True
        assert await check(reader) == ROUNDS
    # It was read while it was written, not only before and after.
    assert len(seen) > ROUNDS / 10


async def test_what_fails_in_a_reading_does_not_stay_in_the_way(
    writer: IndexWriter, tmp_path: Path
) -> None:
    def fail(_: Snapshot) -> None:
        raise LookupError("on purpose")

    async with open_reader(tmp_path / "index.sqlite3") as reader:
        for version in range(1, 5):
            with pytest.raises(LookupError, match="on purpose"):
                await reader.on_snapshot(fail)
            await write(writer, version)
            assert await opens(reader) == version
            assert await reads(reader) == version
            assert await finds_related(reader) == version


async def test_who_is_cancelled_while_closing_leaves_no_connection_open(
    writer: IndexWriter, tmp_path: Path
) -> None:
    connections = await opened(tmp_path / "index.sqlite3", 3)
    closing = asyncio.create_task(close_all(connections))
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    for connection in connections:
        with pytest.raises(ValueError, match="no active connection"):
            _ = connection.within


async def test_an_index_that_is_replaced_at_the_end_is_not_opened_any_more(
    writer: IndexWriter, tmp_path: Path
) -> None:
    path = tmp_path / "index.sqlite3"
    another = tmp_path / "another.sqlite3"
    for steps in range(12):
        async with open_reader(path) as reader:
            shutil.copy(path, another)
            another.replace(path)
            asking = asyncio.create_task(reader.count_posts())
            for _ in range(steps):
                await asyncio.sleep(0)
        await asyncio.wait([asking])
        assert not reader.is_open
        # One that was left open warns.
        del reader
        asking.exception()
        gc.collect()


async def test_of_two_who_open_it_at_once_one_does(writer: IndexWriter, tmp_path: Path) -> None:
    reader = IndexReader(tmp_path / "index.sqlite3")
    await asyncio.gather(reader.open(), reader.open())
    await reader.close()
    # One that was left open warns.
    del reader
    gc.collect()
