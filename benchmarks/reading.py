"""From files to posts, in the worker processes that sync uses, and nothing else.

Run as a program it reads the archive that it is given, so that starting counts as it does for Hugo.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import hugo_site
from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, at_most, median
from benchmarks.processes import run
from bot.archive.files import Archive
from bot.archive.worker import Job, read_all
from bot.model import Post

REPEATS, QUICK_REPEATS = 5, 2


def measure(bench: Bench) -> Iterator[Figure]:
    """Both in turns as whole processes."""
    command = (sys.executable, "-m", "benchmarks.reading", str(bench.archive))
    environment = bench.environment(bench.temporary)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(QUICK_REPEATS if bench.quick else REPEATS):
        ours.append(run(command, environment, PROJECT).seconds)
        theirs.append(hugo_site.build(bench).seconds)
    yield Figure(
        "reading: files to posts",
        median(ours),
        "s",
        median(theirs),
        "Hugo to JSON",
        at_most(1, "ratio"),
    )


def as_read(post: Post, rendered: bool) -> Post:
    """What is made of a post: nothing (run in worker processes)."""
    return post


async def read(root: Path) -> int:
    """Read a whole archive; how many posts are in it."""
    archive = Archive(root)
    jobs = [Job(file, None) for file in archive.files()]
    count = 0
    async for readings in read_all(archive.root, jobs, frozenset(), as_read):
        count += sum(reading.prepared is not None for reading in readings)
    return count


if __name__ == "__main__":
    print(asyncio.run(read(Path(sys.argv[1]))))
