"""How long people in Slack wait with 50 of them at a time, beside an app that answers a constant.

Both are processes of their own, as is the Slack that they are in, and answer in turns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most, quantile
from benchmarks.slack_ground import BARE, opened
from benchmarks.waiting import AT_A_TIME, MOST_TIMES, SHARES, Came, in_turns, middle


@dataclass(slots=True)
class Times:
    """The times of each round in ms: until anything was seen, the answer; and acknowledgements."""

    first: list[Sequence[float]] = field(default_factory=list)
    shown: list[Sequence[float]] = field(default_factory=list)
    acks: list[Sequence[float]] = field(default_factory=list)
    asked: int = 0
    wrong: int = 0
    complaints: Sequence[str] = ()

    def add(self, came: Came) -> None:
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


def measure(bench: Bench) -> Iterator[Row]:
    """The quantiles of both."""
    ours, bare = Times(), Times()
    in_turns(bench, "slack", opened, BARE, ours.add, bare.add)
    for name, share in SHARES.items():
        yield Figure(
            f"slack: command to reply, {AT_A_TIME} at a time: {name}",
            middle(ours.shown, share), "ms", middle(bare.shown, share), "bare slack-bolt",
            at_most(MOST_TIMES, "ratio") if name == "p99" else None,
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
