"""A Discord with people, and a bot in it, each a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.processes import CommandFailedError, resident

OURS = (*MATOME, "run")
BARE = (sys.executable, "-m", "benchmarks.discord_bare")
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """A bot that is in Discord, and the people who use it."""

    people: "subprocess.Popen[str]"
    bot: "subprocess.Popen[str]"

    def order(self, do: str, **details: Any) -> dict[str, Any]:
        """Have people do something; what became of it."""
        return _ask(self.people, {"do": do, **details})

    def memory(self) -> float:
        """The bot's resident memory, in MB."""
        return resident(self.bot.pid)


@contextmanager
def opened(
    bench: Bench, bot: Sequence[str], *, guilds: int = 1, channels: int = 1, roles: int = 0
) -> Iterator[Ground]:
    """The bot of a command line, connected, in a Discord of its own."""
    size = {"guilds": guilds, "channels": channels, "roles": roles}
    arguments = [part for name, value in size.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks.discord_people", *arguments]
    log = bench.temporary / "discord.log"
    with log.open("a") as said, _process(command, os.environ, said) as people:
        where = _line(people, log)
        environment = {
            **bench.environment(bench.data),
            "DISCORD_TOKEN": where["token"],
            "DISCORD_API_URL": where["api_url"],
            "DISCORD_GATEWAY_URL": where["gateway_url"],
        }
        with _process(bot, environment, said) as process:
            if not _ask(people, {"do": "ready"})["known"]:
                raise CommandFailedError(f"no commands: {_said(log)}")
            yield Ground(people, process)


@contextmanager
def _process(
    command: Sequence[str], environment: Any, said: Any
) -> Iterator["subprocess.Popen[str]"]:
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
        raise CommandFailedError(f"Discord ended: {_said(log)}" if log else "Discord ended")
    return dict(json.loads(line))


def _said(log: Path) -> str:
    return log.read_text("utf-8", "replace").strip()[-500:]
