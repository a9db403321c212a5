"""How long people in Slack wait with 50 of them at a time, beside an app that answers a constant.

Both are processes of their own, as is the Slack that they are in, and answer in turns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.bench import Bench
from benchmarks.discord_latency import mixed
from benchmarks.figures import Figure, Row, at_most, median, quantile
from benchmarks.slack_ground import BARE, OURS, Ground, opened

AT_A_TIME = 50
ROUNDS, QUICK_ROUNDS = 5, 2
# What people ask in a round, and how often they press something after each.
QUERIES, PRESSES = 400, 2
WARM = 100
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(slots=True)
class Times:
    """The times of each round in ms: until anything was seen, the answer; and acknowledgements."""

    first: list[Sequence[float]] = field(default_factory=list)
    shown: list[Sequence[float]] = field(default_factory=list)
    acks: list[Sequence[float]] = field(default_factory=list)
    asked: int = 0
    wrong: int = 0
    complaints: Sequence[str] = ()

    def add(self, came: Mapping[str, Any]) -> None:
        """Add what a round gave."""
        self.first.append(came["first"])
        self.shown.append(came["shown"])
        self.acks.append(came["acks"])
        self.asked += came["asked"]
        self.wrong += max(came["unanswered"], len(came["missed"])) + came["twice"]
        # These are all that there ever were.
        self.complaints = came["complaints"]

    def slowest_ack(self) -> float:
        """The longest that any acknowledgement took, in ms."""
        return max(max(times, default=0.0) for times in self.acks)


def middle(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The middle of the rounds' quantiles."""
    return median([quantile(times, share) for times in rounds])


def measure(bench: Bench) -> Iterator[Row]:
    """The quantiles of both."""
    queries = mixed(bench, QUERIES)
    ours, bare = Times(), Times()
    with opened(bench, OURS) as our_ground, opened(bench, BARE) as bare_ground:
        asked(our_ground, queries[:WARM], PRESSES)
        asked(bare_ground, queries[:WARM], 0)
        for number in range(QUICK_ROUNDS if bench.quick else ROUNDS):
            bench.say(f"slack: {AT_A_TIME} at a time, round {number + 1}")
            ours.add(asked(our_ground, queries, PRESSES))
            # Its answers have nothing to press; so many commands are asked instead.
            bare.add(asked(bare_ground, queries * (1 + PRESSES), 0))
    for name, share in SHARES.items():
        yield Figure(
            f"slack: command to reply, {AT_A_TIME} at a time: {name}",
            middle(ours.shown, share), "ms", middle(bare.shown, share), "bare slack-bolt",
            at_most(1.5, "ratio") if name == "p99" else None,
            f"the first that is seen {middle(ours.first, share):.1f} ms; acknowledged after "
            f"{middle(ours.acks, share):.1f} ms, the bare app {middle(bare.acks, share):.1f} ms; "
            f"{ours.asked} and {bare.asked} asked",
            {"rounds": [quantile(times, share) for times in ours.shown],
             "bare_rounds": [quantile(times, share) for times in bare.shown]},
        )  # fmt: skip
    complaints = [*ours.complaints, *bare.complaints]
    yield Figure(
        "slack: not answered, answered twice, or refused",
        ours.wrong + bare.wrong + len(complaints),
        goal=at_most(0),
        details={"complaints": complaints},
    )


def asked(ground: Ground, queries: Sequence[str], presses: int) -> dict[str, Any]:
    """What a round gives in which all queries are asked, so many at a time."""
    return ground.order("play", queries=queries, at_a_time=AT_A_TIME, presses=presses)
