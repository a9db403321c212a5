"""What ten thousand subscriptions cost: at the start, and when all of them are due at once."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_most, median
from benchmarks.processes import run

MANY, QUICK_MANY = 10_000, 1_000
REPEATS = 5


def measure(bench: Bench) -> Iterator[Row]:
    """Each in a process of its own, with none and with many in turns."""
    many = QUICK_MANY if bench.quick else MANY
    bench.say(f"starting with {many} subscriptions")
    with_many, with_none = [], []
    for _ in range(REPEATS):
        with_many.append(_subscribed(bench, many, "start")["seconds"])
        with_none.append(_subscribed(bench, 0, "start")["seconds"])
    yield Figure(
        f"starting with {many} subscriptions beyond starting with none",
        median(with_many) - median(with_none),
        "s",
        goal=at_most(0.5),
        details={"many": with_many, "none": with_none},
    )
    bench.say(f"{many} subscriptions due at once")
    came = _subscribed(bench, many, "fire")
    name = f"{many} subscriptions due at once"
    yield Figure(f"{name}: choosing and writing down a digest", 1000 * came["seconds"] / many, "ms")
    yield Figure(f"{name}: composing a digest", came["composing_ms"], "ms")
    yield Figure(f"{name}: lost", many - came["rows"], goal=at_most(0))
    yield Figure(f"{name}: memory beyond that at rest", came["growth"], "MB", goal=at_most(100))


def _subscribed(bench: Bench, count: int, what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.subscribed", str(bench.data), str(count), what]
    environment = os.environ | bench.environment(bench.data)
    return dict(json.loads(run(command, environment, PROJECT).output))
