"""Whether everybody is answered once while Discord's gateway is cut again and again."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.discord_ground import OURS, opened
from benchmarks.figures import Figure, Row, at_most
from benchmarks.waiting import mixed

CUTS, QUICK_CUTS = 100, 10
AT_A_TIME = 8
QUERIES = 200


def measure(bench: Bench) -> Iterator[Row]:
    """Commands and presses that were not answered, and those that were answered twice."""
    cuts = QUICK_CUTS if bench.quick else CUTS
    queries = mixed(bench, QUERIES)
    bench.say(f"discord: the gateway is cut {cuts} times")
    with opened(bench, OURS) as ground:
        came = ground.order("cut", queries=queries, at_a_time=AT_A_TIME, presses=2, times=cuts)
    name = f"discord: gateway cut {cuts} times"
    note = (
        f"{came['asked']} asked, {came['presses']} of them presses; {came['resumed']} sessions "
        f"resumed; the longest wait {max(came['shown'], default=0) / 1000:.1f} s"
    )
    unanswered = max(came["unanswered"], len(came["missed"]))
    yield Figure(f"{name}: not answered", unanswered, goal=at_most(0), note=note)
    yield Figure(
        f"{name}: answered twice, or refused",
        came["twice"] + len(came["refused"]) + len(came["unknown"]),
        goal=at_most(0),
        details=came,
    )
