"""How soon the bot is ready on a synced index, beside a bare bot of each library."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from benchmarks import discord_ground, slack_ground
from benchmarks.bench import Bench
from benchmarks.both import opened_both
from benchmarks.figures import Figure, Row, at_most, median

REPEATS, QUICK_REPEATS = 9, 3
MOST_TIMES = 1.5

Start = Callable[[], AbstractContextManager[int]]


def measure(bench: Bench) -> Iterator[Row]:
    """Each in turns. A bare bot is ready two seconds after its last server came, ours with it."""
    with opened_both(bench) as both:
        starts: dict[str, Start] = {
            "bare discord.py": lambda: both.says_ready(discord_ground.BARE, both.discord),
            "bare slack-bolt": lambda: both.says_ready(slack_ground.BARE, both.slack),
            "on both": lambda: both.ready(both.discord, both.slack),
            "on Discord": lambda: both.ready(both.discord),
            "on Slack": lambda: both.ready(both.slack),
        }
        times: dict[str, list[float]] = {name: [] for name in starts}
        for number in range(QUICK_REPEATS if bench.quick else REPEATS):
            bench.say(f"starts, round {number + 1}")
            for name, start in starts.items():
                times[name].append(_seconds(start))
    bare = {name: median(times[name]) for name in ("bare discord.py", "bare slack-bolt")}
    slower = max(bare, key=lambda name: bare[name])
    for name, beside in (
        ("on both", slower),
        ("on Discord", "bare discord.py"),
        ("on Slack", "bare slack-bolt"),
    ):
        # Slack's library is there before a database can be opened by any means.
        goal = at_most(MOST_TIMES, "ratio") if name != "on Slack" else None
        yield Figure(
            f"matome run {name}: until it is ready", median(times[name]) * 1000, "ms",
            bare[beside] * 1000, beside, goal, details={"times": times[name]},
        )  # fmt: skip


def _seconds(start: Start) -> float:
    began = time.perf_counter()
    with start():
        return time.perf_counter() - began
