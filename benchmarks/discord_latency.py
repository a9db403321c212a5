"""How long people in Discord wait with 50 of them at a time, beside a bot that answers a constant.

Both are processes of their own, as is the Discord that they are in, and answer in turns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.bench import Bench
from benchmarks.discord_ground import BARE, opened
from benchmarks.figures import Figure, Row, at_most, quantile
from benchmarks.waiting import AT_A_TIME, MOST_TIMES, SHARES, Came, in_turns, middle


@dataclass(slots=True)
class Times:
    """The times of each round in ms: until the bot said anything, until its answer was there."""

    first: list[Sequence[float]] = field(default_factory=list)
    shown: list[Sequence[float]] = field(default_factory=list)
    asked: int = 0
    missed: list[str] = field(default_factory=list)
    refused: Sequence[str] = ()

    def add(self, came: Came) -> None:
        """Add what a round gave."""
        self.first.append(came["first"])
        self.shown.append(came["shown"])
        self.asked += came["asked"]
        self.missed += came["missed"]
        # These are all that there ever were.
        self.refused = [*came["unknown"], *came["refused"]]


def measure(bench: Bench) -> Iterator[Row]:
    """The quantiles of both."""
    ours, bare = Times(), Times()
    in_turns(bench, "discord", opened, BARE, ours.add, bare.add)
    for name, share in SHARES.items():
        yield Figure(
            f"discord: command to reply, {AT_A_TIME} at a time: {name}",
            middle(ours.first, share), "ms", middle(bare.first, share), "bare discord.py",
            at_most(MOST_TIMES, "ratio") if name == "p99" else None,
            f"the answer itself {middle(ours.shown, share):.1f} ms; {ours.asked} and "
            f"{bare.asked} asked",
            {"rounds": [quantile(times, share) for times in ours.first],
             "bare_rounds": [quantile(times, share) for times in bare.first]},
        )  # fmt: skip
    wrong = [*ours.missed, *ours.refused, *bare.missed, *bare.refused]
    yield Figure(
        "discord: not answered, or refused", len(wrong), goal=at_most(0), details={"wrong": wrong}
    )
