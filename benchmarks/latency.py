"""How long a search takes, beside the same terms in other engines."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.engines import bigrams, like_scan, trigrams
from benchmarks.figures import Figure, Row, at_most, median, quantile
from benchmarks.queries import Asked, draw
from bot.search.search import find
from storage.index.reader import open_reader

REPEATS, QUICK_REPEATS = 7, 3
SLOW_REPEATS = 3
SLOWEST = 10
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
AIMS = {"p50": 0.6, "p95": 1.5, "p99": 2.0}


def measure(bench: Bench) -> Iterator[Row]:
    """Our quantiles beside those of a LIKE scan, and then those of two more engines."""
    asked = draw(bench.entries)
    repeats = QUICK_REPEATS if bench.quick else REPEATS
    bench.say("latency: ours")
    ours = time_search(bench.index, asked, repeats)
    bench.say("latency: LIKE scan")
    slow = 1 if bench.quick else SLOW_REPEATS
    scan = time_engine(like_scan(bench.index), asked, slow)
    for name, share in SHARES.items():
        yield Figure(
            f"search latency: {name}",
            quantile(ours, share),
            "ms",
            quantile(scan, share),
            "LIKE scan",
            at_most(1 / 20, "ratio") if name == "p99" else None,
            f"aim {AIMS[name]:g} ms" if name in AIMS else "",
            {"slowest": slowest(asked, ours)} if name == "max" else {},
        )
    bench.say("latency: FTS5 trigram")
    others = {"FTS5 trigram": trigrams(bench.entries, bench.temporary / "trigram.sqlite3")}
    bench.say("latency: tantivy")
    others["tantivy bigrams"] = bigrams(bench.entries, bench.temporary / "tantivy-latency")
    for engine, search in others.items():
        times = time_engine(search, asked, slow)
        for name in ("p50", "p99"):
            yield Figure(
                f"search latency: {name}, beside {engine}",
                quantile(ours, SHARES[name]),
                "ms",
                quantile(times, SHARES[name]),
                engine,
            )


def time_search(index: Path, asked: Sequence[Asked], repeats: int) -> list[float]:
    """The median time of each query in ms, asked in process, one after the other."""
    with steady():
        return asyncio.run(_time_search(index, asked, repeats))


async def _time_search(index: Path, asked: Sequence[Asked], repeats: int) -> list[float]:
    times: list[list[float]] = [[] for _ in asked]
    async with open_reader(index) as reader:
        for one in asked:
            # The first time the pages of the file are read.
            await find(reader, one.query)
        for _ in range(repeats):
            for known, one in zip(times, asked, strict=True):
                started = time.perf_counter()
                await find(reader, one.query)
                known.append((time.perf_counter() - started) * 1000)
    return list(map(median, times))


def time_engine(
    search: Callable[[Sequence[str]], object], asked: Sequence[Asked], repeats: int
) -> list[float]:
    """The median time of each query in another engine, in ms."""
    times: list[list[float]] = [[] for _ in asked]
    with steady():
        search(asked[0].terms)
        for _ in range(repeats):
            for known, one in zip(times, asked, strict=True):
                started = time.perf_counter()
                search(one.terms)
                known.append((time.perf_counter() - started) * 1000)
    return list(map(median, times))


def slowest(asked: Sequence[Asked], times: Sequence[float]) -> list[str]:
    """The queries that take longest, with their time."""
    ordered = sorted(zip(times, asked, strict=True), key=lambda pair: -pair[0])
    return [f"{took:.2f} ms, {one.kind}: {one.text}" for took, one in ordered[:SLOWEST]]


@contextmanager
def steady() -> Iterator[None]:
    """Keep the garbage collector from walking through what the benchmarks hold in memory."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
