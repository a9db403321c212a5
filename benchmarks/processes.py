"""Whole processes: how long one takes, and how much memory it and its children use."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.02
PROC = Path("/proc")


class CommandFailedError(Exception):
    """A command that had to succeed did not."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The wall time in seconds and resident memory in MB; memory is 0 where /proc is missing.

    `largest` is the peak of the process that had the highest, `together` the highest sum over the
    whole tree; a page that several processes share counts for each of them.
    """

    seconds: float
    largest: float
    together: float
    output: str


def run(command: Sequence[str], environment: Mapping[str, str], directory: Path) -> Usage:
    """Run a command to its end. Raises CommandFailedError with the end of what it said."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        status = process.wait()
        seconds = time.perf_counter() - started
        sampler.stop()
        stdout.seek(0)
        output = stdout.read().decode("utf-8", "replace")
        if status != 0:
            stderr.seek(0)
            last = (stderr.read().decode("utf-8", "replace") + output).strip()[-500:]
            raise CommandFailedError(f"{' '.join(command[:3])}: status {status}: {last}")
    return Usage(seconds, sampler.largest, sampler.together, output)


def resident(pid: int) -> float:
    """The present resident memory of a process in MB, 0 where /proc is missing."""
    return _memory(pid)[1]


def proportional(pid: int) -> float:
    """The present memory of a process in MB, with its share of pages that others have as well.

    0 where /proc does not tell.
    """
    for line in _read(PROC / str(pid) / "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


class _Sampler(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._stopped = threading.Event()
        self.largest = self.together = 0.0

    def run(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            sizes = [_memory(pid) for pid in _tree(self._pid)]
            self.largest = max(self.largest, *(peak for peak, _ in sizes), 0.0)
            self.together = max(self.together, sum(now for _, now in sizes))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        for task in _listed(PROC / str(parent) / "task"):
            children = _read(PROC / str(parent) / "task" / task / "children")
            found += map(int, children.split())
    return found


def _memory(pid: int) -> tuple[float, float]:
    """The highest and the present resident memory of a process, in MB."""
    values = dict.fromkeys(("VmHWM", "VmRSS"), 0.0)
    for line in _read(PROC / str(pid) / "status").splitlines():
        name, _, value = line.partition(":")
        if name in values:
            values[name] = int(value.split()[0]) / 1024
    return values["VmHWM"], values["VmRSS"]


def _listed(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 (called many times a second)
    except OSError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
