"""`python -m benchmarks.soak`: so many seconds of mixed use; prints what came of it as a table."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.__main__ import default_archive
from benchmarks.bench import Bench
from benchmarks.figures import Figure, table
from benchmarks.soak.measuring import SECONDS, soaked


def main(arguments: Sequence[str] | None = None) -> int:
    """Use the bot; exit status 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--archive", type=Path, metavar="DIR", help="else MATOME_ARCHIVE")
    options = parser.parse_args(arguments)

    def say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="matome-soak-") as temporary:
        bench = Bench(options.archive or default_archive(), Path(temporary), False, say)
        rows = list(soaked(bench, options.seconds))
    print(table(rows))
    missed = [row for row in rows if isinstance(row, Figure) and row.reached is False]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
