"""Many digests due at once against a platform's limit, and workers killed in mid-delivery."""

import json
import os
import sys
from collections.abc import Iterator

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, Skipped, at_least, at_most
from benchmarks.processes import run
from tests.delivery.soak import FAKES

DIGESTS, QUICK_DIGESTS = 10_000, 1_000
KILLS, DELIVERIES = 300, 1_000


def measure(bench: Bench) -> Iterator[Row]:
    """How much of the limit is used, and whether it is kept; what kills lose and double."""
    yield from _storm(bench)
    name = f"{KILLS} kills in {DELIVERIES} deliveries"
    if bench.quick:
        yield Skipped(name, "takes minutes: not with --quick", intended=True)
        return
    yield from _kills(bench, name)


def _storm(bench: Bench) -> Iterator[Row]:
    count = QUICK_DIGESTS if bench.quick else DIGESTS
    directory = bench.temporary / "storm"
    directory.mkdir()
    bench.say(f"{count} digests due at once")
    command = [sys.executable, "-m", "benchmarks.delivery_storm", str(directory), str(count)]
    used = run(command, os.environ, PROJECT)
    came = json.loads(used.output)
    name = f"{count} digests due at once, 50 requests/s allowed"
    yield Figure(
        f"{name}: share of the limit used",
        100 * came["share"],
        "%",
        goal=at_least(95),
        details={**came, "real_seconds": used.seconds},
    )
    yield Figure(f"{name}: most requests in any second", came["most_in_a_second"], goal=at_most(50))
    yield Figure(f"{name}: lost and doubled", came["lost"] + came["doubled"], goal=at_most(0))
    yield Figure(f"{name}: memory beyond that at rest", came["growth"], "MB", goal=at_most(100))


def _kills(bench: Bench, name: str) -> Iterator[Row]:
    bench.say(name)
    kinds = [word for kind in FAKES for word in ("--kind", kind)]
    command = [sys.executable, "-m", "tests.delivery.soak", *kinds, "--kills", str(KILLS)]
    used = run([*command, "--deliveries", str(DELIVERIES)], os.environ, PROJECT)
    for line in used.output.splitlines():
        came = json.loads(line)
        wrong = {word: len(came[word]) for word in ("lost", "doubled", "disordered", "stuck")}
        yield Figure(
            f"{name}, {came['kind']}: lost, doubled, stuck",
            sum(wrong.values()),
            goal=at_most(0),
            note=f"{came['messages']} messages; fewest kills at a step: "
            f"{min(came['kills'].values())}",
            details={**came, **wrong},
        )
