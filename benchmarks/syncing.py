"""The first sync of an archive and one with nothing to do, as whole processes."""

from collections.abc import Iterator

from benchmarks import hugo_site
from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most, median
from benchmarks.processes import Usage

REPEATS, QUICK_REPEATS = 3, 1
UNCHANGED_REPEATS = 3
GOAL_MB = 300


def measure(bench: Bench) -> Iterator[Figure]:
    """Cold syncs and builds by Hugo in turns; every sync has a fresh data directory."""
    cold: list[Usage] = []
    unchanged: list[Usage] = []
    built: list[Usage] = []
    for number in range(QUICK_REPEATS if bench.quick else REPEATS):
        data = bench.temporary / f"cold-{number}"
        bench.say(f"cold sync {number + 1}")
        cold.append(bench.sync(data))
        built.append(hugo_site.build(bench))
        unchanged += [bench.sync(data) for _ in range(UNCHANGED_REPEATS)]
    seconds = median([usage.seconds for usage in cold])
    yield Figure(
        "cold sync",
        seconds,
        "s",
        median([usage.seconds for usage in built]),
        "Hugo to JSON",
        at_most(4, "ratio"),
        f"aim at 2.5; took {', '.join(f'{usage.seconds:.1f}' for usage in cold)} s, "
        f"Hugo {', '.join(f'{usage.seconds:.1f}' for usage in built)} s",
    )
    yield Figure(
        "cold sync: peak memory of the largest process",
        max(usage.largest for usage in cold),
        "MB",
        max(usage.largest for usage in built),
        "Hugo",
        at_most(GOAL_MB),
    )
    yield Figure(
        "cold sync: peak memory of all processes",
        max(usage.together for usage in cold),
        "MB",
        max(usage.together for usage in built),
        "Hugo",
        at_most(GOAL_MB),
        "resident; pages that processes share count for each of them",
    )
    yield Figure(
        "sync with nothing changed",
        median([usage.seconds for usage in unchanged]),
        "s",
        seconds,
        "cold sync",
        at_most(0.05, "ratio"),
    )
