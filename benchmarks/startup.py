"""How soon the command line answers, beside the import of a library for command lines."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.figures import Figure, Row, Skipped, at_most, median
from benchmarks.processes import run

NAME = "matome --help"
REPEATS, QUICK_REPEATS = 15, 5


def measure(bench: Bench) -> Iterator[Row]:
    """Both in turns, so that whatever else the machine does meets both."""
    if find_spec("typer") is None:
        yield Skipped(NAME, "typer is not installed")
        return
    environment = bench.environment(bench.temporary)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(QUICK_REPEATS if bench.quick else REPEATS):
        ours.append(run((*MATOME, "--help"), environment, PROJECT).seconds)
        theirs.append(run((sys.executable, "-c", "import typer"), environment, PROJECT).seconds)
    yield Figure(
        NAME, median(ours) * 1000, "ms", median(theirs) * 1000, "import typer", at_most(2, "ratio")
    )
