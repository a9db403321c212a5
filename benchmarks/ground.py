"""A platform with people in it, and a bot there, each a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.processes import CommandFailedError, resident
from bot.setting_values import STATE_NAME

OURS = (*MATOME, "run")
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """A bot that is on a platform, and the people who use it."""

    people: "subprocess.Popen[str]"
    bot: "subprocess.Popen[str]"

    def order(self, do: str, **details: Any) -> dict[str, Any]:
        """Have people do something; what became of it."""
        return _ask(self.people, {"do": do, **details})

    def memory(self) -> float:
        """The bot's resident memory, in MB."""
        return resident(self.bot.pid)


@contextmanager
def opened_ground(
    bench: Bench,
    bot: Sequence[str],
    people: Sequence[str],
    environment: Callable[[Mapping[str, str]], Mapping[str, str]],
    data: Path | None = None,
) -> Iterator[Ground]:
    """The bot of a command line, once `people` have it among them.

    These are a module with its options; `environment` makes the bot's of where they are. Its `data`
    directory is the one with an index of the archive, unless another is given.
    """
    log = log_of(bench)
    with opened_people(bench, people) as (started, where), log.open("a") as said:
        given = {**bench.environment(data or bench.data), **environment(where)}
        with running(bot, given, said) as process:
            if not _ask(started, {"do": "ready"})["ready"]:
                raise CommandFailedError(f"the bot does not come: {_said(log)}")
            yield Ground(started, process)


@contextmanager
def opened_people(
    bench: Bench, people: Sequence[str]
) -> Iterator[tuple["subprocess.Popen[str]", Mapping[str, str]]]:
    """A platform with people, and where it is; these are a module with its options."""
    log = log_of(bench)
    command = [sys.executable, "-m", *people]
    with log.open("a") as said, running(command, None, said) as started:
        yield started, _line(started, log)


def log_of(bench: Bench) -> Path:
    """Where platforms and bots say what is wrong."""
    return bench.temporary / "platform.log"


def forget(bench: Bench) -> None:
    """Let the next bot know nothing of the platforms before: what was open is not for its own."""
    for file in bench.data.glob(f"{STATE_NAME}*"):
        file.unlink()


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str] | None, said: Any
) -> Iterator["subprocess.Popen[str]"]:
    """A process that is told to end when the block is left."""
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _ask(people: "subprocess.Popen[str]", order: dict[str, Any]) -> dict[str, Any]:
    assert people.stdin is not None
    people.stdin.write(json.dumps(order) + "\n")
    people.stdin.flush()
    return _line(people)


def _line(people: "subprocess.Popen[str]", log: Path | None = None) -> dict[str, Any]:
    assert people.stdout is not None
    line = people.stdout.readline()
    if not line:
        raise CommandFailedError(f"the platform ended: {_said(log)}" if log else "it ended")
    return dict(json.loads(line))


def _said(log: Path) -> str:
    return log.read_text("utf-8", "replace").strip()[-500:]
