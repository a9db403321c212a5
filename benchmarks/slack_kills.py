"""Workers that send to Slack by the real client, and are killed in mid-delivery."""

import json
import os
import sys
from collections.abc import Iterator

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_most
from benchmarks.processes import run
from tests.delivery.soak import BLIND, SLACKS

KILLS, DELIVERIES = 300, 1_000
QUICK_KILLS, QUICK_DELIVERIES = 24, 80
WRONG = ("lost", "disordered", "stuck")


def measure(bench: Bench) -> Iterator[Row]:
    """What kills lose and double, where the history can be read and where it may not."""
    kills, deliveries = (QUICK_KILLS, QUICK_DELIVERIES) if bench.quick else (KILLS, DELIVERIES)
    for kind in SLACKS:
        name = f"{kills} kills in {deliveries} deliveries, {kind}"
        bench.say(name)
        command = [sys.executable, "-m", "tests.delivery.soak", "--kind", kind]
        size = ["--kills", str(kills), "--deliveries", str(deliveries)]
        came = json.loads(run([*command, *size], os.environ, PROJECT).output)
        wrong = {word: len(came[word]) for word in (*WRONG, "doubled")}
        yield Figure(
            f"{name}: lost, stuck",
            sum(wrong[word] for word in WRONG),
            goal=at_most(0),
            note=f"{came['messages']} messages in {came['seconds']:.0f} s; fewest kills at a "
            f"step: {min(came['kills'].values())}",
            details={**came, **wrong},
        )
        # Without a history nothing says whether a message is there: docs/delivery.md.
        goal = at_most(0) if kind != BLIND else None
        yield Figure(f"{name}: doubled", wrong["doubled"], goal=goal)
