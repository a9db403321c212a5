"""How soon the command line answers, beside the import of the libraries that it stands on."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.figures import Figure, Row, Skipped, at_most, median
from benchmarks.processes import CommandFailedError, run

NAME = "matome --help"
PROMPT = "first prompt of matome chat"
LIBRARIES = "import rich, prompt_toolkit, aiosqlite"
# A prompt begins so; it is drawn when the cursor is shown again.
PROMPT_BEGINS, CURSOR_SHOWN = b"\x1b[?2004h", b"\x1b[?25h"
SECONDS = 30
REPEATS, QUICK_REPEATS = 15, 5


def measure(bench: Bench) -> Iterator[Row]:
    """Each and its yardstick in turns, so that whatever else the machine does meets both."""
    yield from _help(bench)
    yield from _first_prompt(bench)


def _first_prompt(bench: Bench) -> Iterator[Row]:
    """Of a chat in a terminal, on an index that is there."""
    environment = bench.environment(bench.temporary / "prompt") | {"TERM": "xterm-256color"}
    run((*MATOME, "sync"), environment, PROJECT)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(QUICK_REPEATS if bench.quick else REPEATS):
        ours.append(_until_prompt(environment))
        theirs.append(run((sys.executable, "-c", LIBRARIES), environment, PROJECT).seconds)
    yield Figure(
        PROMPT, median(ours) * 1000, "ms", median(theirs) * 1000, LIBRARIES, at_most(3, "ratio")
    )


def _until_prompt(environment: Mapping[str, str]) -> float:
    """The seconds until somebody can type."""
    terminal, programs_end = pty.openpty()
    started = time.perf_counter()
    process = subprocess.Popen(
        (*MATOME, "chat"),
        stdin=programs_end,
        stdout=programs_end,
        stderr=programs_end,
        env=environment,
        cwd=PROJECT,
        start_new_session=True,
    )
    os.close(programs_end)
    shown = b""
    try:
        while CURSOR_SHOWN not in shown.partition(PROMPT_BEGINS)[2]:
            if not select.select([terminal], [], [], SECONDS)[0]:
                raise CommandFailedError(f"no prompt within {SECONDS} s: {shown[-200:]!r}")
            shown += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _help(bench: Bench) -> Iterator[Row]:
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
