"""The memory of a bot on both platforms that nobody asks, beside the import of their libraries."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.bench import Bench
from benchmarks.both import opened_both
from benchmarks.figures import Figure, Row, at_most, median
from benchmarks.ground import log_of, running
from benchmarks.processes import proportional, resident

LIBRARIES = (
    "import discord, slack_bolt.async_app, slack_bolt.adapter.socket_mode.async_handler\n"
    "print('there', flush=True); input()"
)
# What is done at a start is over by then, in seconds.
IDLE = 10.0
REPEATS, QUICK_REPEATS = 5, 2
MOST_MORE = 60


def measure(bench: Bench) -> Iterator[Row]:
    """Both at the same time, so that they share pages with the same others."""
    ours: list[float] = []
    theirs: list[float] = []
    whole: list[float] = []
    with opened_both(bench) as both:
        for number in range(QUICK_REPEATS if bench.quick else REPEATS):
            bench.say(f"idle memory, round {number + 1}")
            with both.ready(both.discord, both.slack) as bot, _libraries(bench) as libraries:
                time.sleep(IDLE)
                ours.append(proportional(bot))
                theirs.append(proportional(libraries))
                whole.append(resident(bot))
    more = [mine - reference for mine, reference in zip(ours, theirs, strict=True)]
    yield Figure(
        "idle memory on both platforms: more than both libraries", median(more), "MB",
        goal=at_most(MOST_MORE),
        note=f"{median(ours):.1f} MB, the libraries {median(theirs):.1f} MB (PSS); "
        f"{median(whole):.1f} MB (RSS)",
        details={"ours": ours, "libraries": theirs},
    )  # fmt: skip


@contextmanager
def _libraries(bench: Bench) -> Iterator[int]:
    command = [sys.executable, "-c", LIBRARIES]
    with log_of(bench).open("a") as said, running(command, os.environ, said) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
