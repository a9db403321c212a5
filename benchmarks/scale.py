"""Search latency with ten times the comments, beside that with the archive once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, Skipped, at_most, quantile
from benchmarks.latency import QUICK_REPEATS, REPEATS, SHARES, slowest, time_search
from benchmarks.queries import draw
from bot.archive.files import Archive
from bot.archive.sync import BATCH
from bot.archive.worker import Job, Reading, read_all
from bot.model import Post
from storage.index.database import FILE_NAME
from storage.index.documents import PreparedPost, prepare
from storage.index.reader import open_reader
from storage.index.writer import open_writer

COPIES = 10


def measure(bench: Bench) -> Iterator[Row]:
    """The quantiles with ten copies of the posts, each copy in a time of its own."""
    name = f"latency with {COPIES} times the comments"
    if bench.quick:
        yield Skipped(name, "takes minutes: not with --quick", intended=True)
        return
    asked = draw(bench.entries)
    index = bench.temporary / "scaled" / FILE_NAME
    index.parent.mkdir()
    bench.say("ten times: writing")
    asyncio.run(_write_copies(bench, index))
    bench.say("ten times: asking")
    repeats = QUICK_REPEATS if bench.quick else REPEATS
    once = time_search(bench.index, asked, repeats)
    many = time_search(index, asked, repeats)
    for quantile_name, share in SHARES.items():
        yield Figure(
            f"{name}: {quantile_name}",
            quantile(many, share),
            "ms",
            quantile(once, share),
            "once",
            at_most(5, "ratio") if quantile_name == "p99" else None,
            details={"slowest": slowest(asked, many)} if quantile_name == "max" else {},
        )


def copied(post: Post, rendered: bool, number: int, days: int) -> PreparedPost:
    """Prepare a copy of a post that is some days older (run in worker processes)."""
    when = post.date - timedelta(days=days)
    return prepare(replace(post, slug=f"{post.slug}-{number}", date=when), rendered)


async def _write_copies(bench: Bench, index: Path) -> None:
    """The oldest copy first, so that a higher document number is newer, as after a sync."""
    archive = Archive(bench.archive)
    days = await _span(bench.index)
    jobs = [Job(file, None) for file in archive.files()]
    async with open_writer(index) as writer:
        await writer.prepare_tables(rebuild=False)
        for number in reversed(range(COPIES)):
            prepare_copy = partial(copied, number=number, days=number * days)
            batch: list[PreparedPost] = []
            async for readings in read_all(archive.root, jobs, frozenset(), prepare_copy):
                batch += _taken(readings)
                if len(batch) >= BATCH:
                    await writer.apply(batch, ())
                    batch = []
            await writer.apply(batch, ())
        await writer.finish()


def _taken(readings: list[Reading]) -> list[PreparedPost]:
    return [reading.prepared for reading in readings if reading.prepared is not None]


async def _span(index: Path) -> int:
    """The days from the oldest post to the newest, both included."""
    async with open_reader(index) as reader:
        dates = [post.date.date() for post in await reader.newest(1 << 30)]
    return (max(dates) - min(dates)).days + 1
