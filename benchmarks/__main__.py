"""`python -m benchmarks`: measures, prints a table and writes JSON."""

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, Skipped, table, write_json
from benchmarks.processes import CommandFailedError
from bot.cli.logs import open_log

Measure = Callable[[Bench], Iterator[Row]]

# The name on the command line, and the module that measures it: those that take time on both
# processors first, those that fill this process's memory last.
FIGURES: Mapping[str, str] = {
    "startup": "startup",
    "export": "export",
    "reading": "reading",
    "sync": "syncing",
    "ready": "ready",
    "idle-memory": "idle_memory",
    "changes": "changes",
    "sizes": "sizes",
    "pages": "pages",
    "discord-pages": "discord_pages",
    "discord-adversarial": "discord_adversarial",
    "discord-latency": "discord_latency",
    "discord-memory": "discord_memory",
    "discord-cut": "discord_cut",
    "slack-pages": "slack_pages",
    "slack-latency": "slack_latency",
    "slack-acks": "slack_acks",
    "slack-cut": "slack_cut",
    "latency": "latency",
    "recall": "recall",
    "variants": "variants",
    "answers": "answers",
    "choosing": "choosing",
    "unfolding": "unfolding",
    "schedule": "schedule",
    "delivery": "delivery",
    "discord-storm": "discord_storm",
    "discord-kills": "discord_kills",
    "slack-storm": "slack_storm",
    "slack-kills": "slack_kills",
    "replicas-pace": "replicas.pace",
    "replicas-kills": "replicas.kills",
    "subscriptions": "subscriptions",
    "soak": "soak.measuring",
    "scale": "scale",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; exit status 1 where a figure could not be measured."""
    parser = _parser()
    options = parser.parse_args(arguments)
    open_log(sys.stderr)
    if unknown := set(options.figures) - FIGURES.keys():
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    archive = options.archive or default_archive()
    started = time.monotonic()

    def say(what: str) -> None:
        if sys.stderr.isatty() or options.verbose:
            print(f"[{time.monotonic() - started:5.0f} s] {what}", file=sys.stderr, flush=True)

    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="matome-bench-") as temporary:
        bench = Bench(archive, Path(temporary), options.quick, say)
        for name in options.figures or FIGURES:
            rows += _measured(name, bench)
    about = {
        "archive": str(archive),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count(),
        "quick": options.quick,
        "seconds": round(time.monotonic() - started),
    }
    print(table(rows))
    write_json(rows, about, options.json)
    print(f"\n{json.dumps(about, ensure_ascii=False)}\nwritten to {options.json}", file=sys.stderr)
    return 1 if any(isinstance(row, Skipped) and not row.intended for row in rows) else 0


def _measured(name: str, bench: Bench) -> list[Row]:
    rows: list[Row] = []
    try:
        measure: Measure = import_module(f"benchmarks.{FIGURES[name]}").measure
        for row in measure(bench):
            rows.append(row)
            if isinstance(row, Figure):
                bench.say(f"{row.name}: {row.measured:.4g} {row.unit}")
    except (CommandFailedError, ImportError) as error:
        # A missing tool takes its own figures away, and no others.
        rows.append(Skipped(name, str(error)))
    return rows


def default_archive() -> Path:
    set_archive = os.environ.get("MATOME_ARCHIVE")
    if set_archive:
        return Path(set_archive).expanduser()
    real = PROJECT.parent / "shared" / "archive"
    return real if real.is_dir() else PROJECT / "examples" / "archive"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "figures",
        nargs="*",
        metavar="FIGURE",
        help=f"what to measure, all of it by default: {', '.join(FIGURES)}",
    )
    parser.add_argument("--archive", type=Path, metavar="DIR", help="else MATOME_ARCHIVE")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=PROJECT / "data" / "bench.json"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and queries")
    parser.add_argument("--verbose", action="store_true", help="say what is going on")
    return parser


if __name__ == "__main__":
    sys.exit(main())
