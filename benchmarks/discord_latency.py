"""How long people in Discord wait with 50 of them at a time, beside a bot that answers a constant.

Both are processes of their own, as is the Discord that they are in, and answer in turns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.bench import Bench
from benchmarks.discord_ground import BARE, OURS, Ground, opened
from benchmarks.figures import Figure, Row, at_most, median, quantile
from benchmarks.platform_pages import drawn_queries

AT_A_TIME = 50
ROUNDS, QUICK_ROUNDS = 5, 2
# What people ask in a round, and how often they press something after each.
QUERIES, PRESSES = 400, 2
WARM = 100
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(slots=True)
class Times:
    """The times of each round in ms: until the bot said anything, until its answer was there."""

    first: list[Sequence[float]] = field(default_factory=list)
    shown: list[Sequence[float]] = field(default_factory=list)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, came: Mapping[str, Any]) -> None:
        """Add what a round gave."""
        self.first.append(came["first"])
        self.shown.append(came["shown"])
        self.asked += came["asked"]
        self.wrong += [*came["missed"], *came["unknown"], *came["refused"]]

    def of(self, share: float) -> tuple[float, float]:
        """The middle of the rounds' quantiles."""
        first, shown = (
            median([quantile(times, share) for times in rounds])
            for rounds in (self.first, self.shown)
        )
        return first, shown


def measure(bench: Bench) -> Iterator[Row]:
    """The quantiles of both."""
    queries = mixed(bench, QUERIES)
    ours, bare = Times(), Times()
    with opened(bench, OURS) as our_ground, opened(bench, BARE) as bare_ground:
        _round(our_ground, queries[:WARM], PRESSES)
        _round(bare_ground, queries[:WARM], 0)
        for number in range(QUICK_ROUNDS if bench.quick else ROUNDS):
            bench.say(f"discord: {AT_A_TIME} at a time, round {number + 1}")
            ours.add(_round(our_ground, queries, PRESSES))
            # Its answers have nothing to press; so many commands are asked instead.
            bare.add(_round(bare_ground, queries * (1 + PRESSES), 0))
    for name, share in SHARES.items():
        (first, shown), (reference, _) = ours.of(share), bare.of(share)
        yield Figure(
            f"discord: command to reply, {AT_A_TIME} at a time: {name}",
            first, "ms", reference, "bare discord.py",
            at_most(1.5, "ratio") if name == "p99" else None,
            f"the answer itself {shown:.1f} ms; {ours.asked} and {bare.asked} asked",
            {"rounds": [quantile(times, share) for times in ours.first],
             "bare_rounds": [quantile(times, share) for times in bare.first]},
        )  # fmt: skip
    wrong = ours.wrong + bare.wrong
    yield Figure(
        "discord: not answered, or refused", len(wrong), goal=at_most(0), details={"wrong": wrong}
    )


def mixed(bench: Bench, count: int) -> list[str]:
    """What people ask: words and operators, tags, and posts by their addresses."""
    words = drawn_queries(bench, count // 2)
    by_post = {entry.slug: entry for entry in bench.entries}
    random = Random(5)  # noqa: S311
    posts = random.sample(sorted(by_post), min(len(by_post), count // 4))
    titles = [f'in:title "{by_post[slug].title_text[:20]}"' for slug in posts]
    tags = [f"#{by_post[slug].tags[0]}" for slug in posts if by_post[slug].tags]
    asked = [*words, *titles, *tags]
    random.shuffle(asked)
    return asked[:count]


def _round(ground: Ground, queries: Sequence[str], presses: int) -> dict[str, Any]:
    return ground.order("play", queries=queries, at_a_time=AT_A_TIME, presses=presses)
