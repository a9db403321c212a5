"""How soon the bot acknowledges in Slack with 50 people at a time while an archive is read.

Once it is the bot's own first reading, once another process beside it that reads the same archive.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most, quantile
from benchmarks.slack_ground import OURS, Ground, opened
from benchmarks.slack_latency import Times
from benchmarks.waiting import AT_A_TIME, PRESSES, WARM, asked, mixed
from bot.errors import IndexFileError
from storage.index.database import FILE_NAME
from storage.index.reader import open_reader

QUERIES, QUICK_QUERIES = 200, 100
GOAL_MS = 1000
# Between two looks whether the index is there, in seconds.
PAUSE = 0.2


def measure(bench: Bench) -> Iterator[Row]:
    """The slowest acknowledgement of both."""
    queries = mixed(bench, QUICK_QUERIES if bench.quick else QUERIES)
    first = bench.temporary / "slack-first"
    bench.say("slack: the bot begins without an index")
    with opened(bench, OURS, first) as ground, ThreadPoolExecutor(1) as beside:
        reading = beside.submit(asyncio.run, _served(first, str(bench.archive)))
        came = _until(ground, queries, reading.done)
    yield _figure("while it reads the archive for the first time", came)
    bench.say("slack: a sync beside")
    with opened(bench, OURS) as ground, ThreadPoolExecutor(1) as beside:
        asked(ground, queries[:WARM], PRESSES)
        syncing = beside.submit(bench.sync, bench.temporary / "slack-beside")
        came = _until(ground, queries, syncing.done)
        syncing.result()
    yield _figure("with a cold sync beside", came)


def _until(ground: Ground, queries: Sequence[str], is_over: Callable[[], bool]) -> Times:
    """What people meet who ask until something is over."""
    came = Times()
    while True:
        came.add(asked(ground, queries, PRESSES))
        if is_over():
            return came


async def _served(data: Path, archive: str) -> None:
    """Wait until there is an index of all of an archive."""
    while True:
        try:
            async with open_reader(data / FILE_NAME, archive=archive):
                return
        except IndexFileError:
            await asyncio.sleep(PAUSE)


def _figure(when: str, came: Times) -> Figure:
    acks = [time for times in came.acks for time in times]
    return Figure(
        f"slack: slowest acknowledgement, {AT_A_TIME} at a time, {when}",
        came.slowest_ack(),
        "ms",
        goal=at_most(GOAL_MS),
        note=f"{came.asked} asked in {len(came.acks)} rounds, half acknowledged within "
        f"{quantile(acks, 0.5):.0f} ms, 99 of 100 within {quantile(acks, 0.99):.0f} ms; "
        f"{came.wrong + len(came.complaints)} not answered, answered twice or refused",
        details={"complaints": came.complaints},
    )
