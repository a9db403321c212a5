"""Whether everybody is answered once while Slack's connection is cut, and all is told twice."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most
from benchmarks.slack_ground import OURS, opened
from benchmarks.waiting import mixed

CUTS, QUICK_CUTS = 100, 10
AT_A_TIME = 8
QUERIES = 200


def measure(bench: Bench) -> Iterator[Row]:
    """Commands and presses that were not answered, and those that were answered twice."""
    cuts = QUICK_CUTS if bench.quick else CUTS
    queries = mixed(bench, QUERIES)
    bench.say(f"slack: the connection is cut {cuts} times")
    with opened(bench, OURS) as ground:
        came = ground.order("cut", queries=queries, at_a_time=AT_A_TIME, presses=2, times=cuts)
    name = f"slack: connection cut {cuts} times, all told twice"
    note = (
        f"{came['asked']} asked, {came['presses']} of them presses; {came['resent']} told again; "
        f"the slowest acknowledgement {came['slowest']:.2f} s"
    )
    unanswered = max(came["unanswered"], len(came["missed"]))
    yield Figure(f"{name}: not answered", unanswered, goal=at_most(0), note=note)
    yield Figure(
        f"{name}: answered twice, or refused",
        came["twice"] + len(came["complaints"]),
        goal=at_most(0),
        details=came,
    )
