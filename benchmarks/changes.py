"""How long it takes to write one changed post."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most, median, quantile
from bot.model import Post
from storage.index.database import FILE_NAME
from storage.index.documents import prepare
from storage.index.reader import open_reader
from storage.index.writer import open_writer

SEED = 20_250_604
POSTS, QUICK_POSTS = 60, 20
GOAL_MS = 50


def measure(bench: Bench) -> Iterator[Figure]:
    """The writer's own time, in a copy of the index, for three ways in which a post changes."""
    posts = asyncio.run(_posts(bench.index, QUICK_POSTS if bench.quick else POSTS))
    for name, change in CHANGES.items():
        file = bench.temporary / name.replace(" ", "-") / FILE_NAME
        file.parent.mkdir()
        shutil.copyfile(bench.index, file)
        times = asyncio.run(_write(file, [change(post) for post in posts]))
        yield Figure(
            f"writing one changed post: {name}",
            median(times),
            "ms",
            goal=at_most(GOAL_MS),
            note=f"p95 {quantile(times, 0.95):.1f}, longest {max(times):.1f} ms "
            f"of {len(times)} posts, each in a transaction of its own",
        )
        yield Figure(
            f"writing one changed post: {name}, p99",
            quantile(times, 0.99),
            "ms",
        )


async def _posts(index: Path, count: int) -> list[Post]:
    random = Random(SEED)  # noqa: S311 (the same posts every time)
    async with open_reader(index) as reader:
        posts = [post async for post in reader.export() if post.comments and not post.draft]
    return random.sample(posts, min(count, len(posts)))


async def _write(index: Path, posts: list[Post]) -> list[float]:
    times: list[float] = []
    async with open_writer(index) as writer:
        await writer.prepare_tables(rebuild=False)
        for post in posts:
            prepared = prepare(post, rendered=False)
            started = time.perf_counter()
            await writer.apply([prepared], ())
            times.append((time.perf_counter() - started) * 1000)
        await writer.finish()
    return times


def _comment_edited(post: Post) -> Post:
    first, *others = post.comments
    return replace(post, comments=(replace(first, body=first.body + "（訂正あり）"), *others))


def _comment_inserted(post: Post) -> Post:
    """A new comment at the top moves all others by one."""
    comments = [post.comments[0], *post.comments]
    numbered = [replace(comment, number=number) for number, comment in enumerate(comments, 1)]
    return replace(post, comments=tuple(numbered))


def _title_edited(post: Post) -> Post:
    """The words of the title are in every comment's document."""
    return replace(post, title=post.title + "（訂正版）")


CHANGES: dict[str, Callable[[Post], Post]] = {
    "a comment edited": _comment_edited,
    "a comment inserted": _comment_inserted,
    "the title edited": _title_edited,
}
