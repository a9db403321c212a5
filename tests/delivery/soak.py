"""`python -m tests.delivery.soak`: kills workers at every step of deliveries, and counts what came.

Workers are forked by this process, which has imported everything and has no threads. What the
platform took is compared with what the workers had set out to send.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random

from bot.address import Server
from bot.cli.logs import open_log
from storage.state.database import open_state
from tests.delivery.on_discord import running_discord
from tests.delivery.on_slack import running_slack
from tests.delivery.remote import AnyWorld, running_fakes
from tests.delivery.worker import STEPS, Fate, Job, intended, messages_of, open_rows, work

# The two fakes; then Discord by the real client, with a nonce that is known for some minutes, and
# with one that is forgotten at once, so that messages have to be looked for.
FAKES = ("deduplicating", "searchable")
NONCES = {"discord": 180.0, "discord without nonces": 0.0}
# Slack by the real client; in the second one nothing may be read, so what was sent is not found.
# Nobody is killed so often that fifty looks a minute would not do.
SLACK, BLIND = "slack", "slack without history"
SLACKS = {SLACK: ("--without-tiers",), BLIND: ("--without-tiers", "--without-history")}
KINDS = (*FAKES, *NONCES, SLACK)
WORKERS = 2


@dataclass(slots=True)
class Round:
    """What came of a round, with the keys of messages that went wrong."""

    kind: str
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))
    deliveries: int = 0
    messages: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_flawless(self) -> bool:
        """Whether everything came once, and nothing is left; twice is right where nothing helps."""
        doubled = self.doubled if self.kind != BLIND else []
        return not (self.lost or doubled or self.disordered or self.stuck)


def fork(job: Job) -> int:
    """Let a process of its own do a job; returns its number."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = 0 if asyncio.run(work(job)) else 3
    finally:
        os._exit(status)


def kill_round(
    kind: str,
    address: Path | Server,
    world: AnyWorld,
    directory: Path,
    *,
    kills: int,
    deliveries: int,
    seed: int,
    can_find: bool = True,
) -> Round:
    """Let workers write and send deliveries, kill them at steps by turns, and start them anew."""
    began = time.monotonic()
    random = Random(seed)
    result = Round(kind)
    fates = [Fate(STEPS[n % len(STEPS)], random.randint(1, 3)) for n in range(kills)]
    random.shuffle(fates)
    jobs = []
    for number in range(WORKERS):
        intents = directory / f"intents-{number}"
        intents.touch()
        jobs.append(Job(number, address, world, intents, deliveries // WORKERS, can_find=can_find))
    asyncio.run(_make(address))
    running: dict[int, Job] = {}
    for job in jobs:
        _start(running, job, fates)
    while running:
        pid, status = os.wait()
        if pid not in running:
            continue
        job = running.pop(pid)
        if os.WIFSIGNALED(status) and job.fate is not None:
            result.kills[job.fate.step] += 1
        elif os.waitstatus_to_exitcode(status) not in (0, 3):
            raise RuntimeError(f"a worker failed: {status}")
        elif job.fate is None:
            continue
        else:
            # It ran out of work before its fate.
            fates.append(job.fate)
            job = replace(job, deliveries=job.deliveries + 5)
        _start(running, job, fates)
    _compare(result, jobs, world)
    result.stuck = asyncio.run(_open(address))
    result.seconds = round(time.monotonic() - began, 1)
    return result


@contextmanager
def running_world(kind: str, directory: Path) -> Iterator[AnyWorld]:
    """The process of a platform of some kind."""
    if kind in NONCES:
        with running_discord(nonce_seconds=NONCES[kind]) as world:
            yield world
    elif kind in SLACKS:
        with running_slack(*SLACKS[kind]) as slack:
            yield slack
    else:
        with running_fakes(directory) as fakes:
            yield fakes.world(kind)


def _start(running: dict[int, Job], job: Job, fates: list[Fate]) -> None:
    job = replace(job, fate=fates.pop() if fates else None)
    running[fork(job)] = job


async def _make(address: Path | Server) -> None:
    async with open_state(address):
        pass


async def _open(address: Path | Server) -> list[str]:
    async with open_state(address) as state:
        return await open_rows(state)


def _compare(result: Round, jobs: Sequence[Job], world: AnyWorld) -> None:
    """What the workers had set out to send, and what came."""
    posted = Counter(world.posted())
    places = {key: place for place, key in enumerate(world.posted())}
    for job in jobs:
        for number in range(intended(job.intents)):
            keys = messages_of(job.number, number)
            result.deliveries += 1
            result.messages += len(keys)
            result.lost += [key for key in keys if not posted[key]]
            order = [places[key] for key in keys if key in places]
            result.disordered += keys if order != sorted(order) else []
    result.doubled = [key for key, times in posted.items() if times > 1]


def stop_round(
    kind: str, address: Path | Server, world: AnyWorld, directory: Path, *, step: str, nth: int
) -> Round:
    """Stop one worker at a step for longer than its lease, while another sends everything."""
    began = time.monotonic()
    asyncio.run(_make(address))
    jobs = []
    for number in range(WORKERS):
        (directory / f"intents-{number}").touch()
        jobs.append(Job(number, address, world, directory / f"intents-{number}", 20))
    stopped = fork(replace(jobs[0], fate=Fate(step, nth, signal.SIGSTOP)))
    _, status = os.waitpid(stopped, os.WUNTRACED)
    assert os.WIFSTOPPED(status), status
    # Ends when nothing is left that is to be done: it has waited for the lease of the other.
    other = fork(jobs[1])
    os.waitpid(other, 0)
    os.kill(stopped, signal.SIGCONT)
    os.waitpid(stopped, 0)
    result = Round(kind)
    _compare(result, jobs, world)
    result.stuck = asyncio.run(_open(address))
    result.seconds = round(time.monotonic() - began, 1)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Rounds for as long as one likes; exit status 1 where one was not flawless."""
    open_log(sys.stderr)
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.soak", description=__doc__)
    parser.add_argument(
        "--kind", choices=(*KINDS, BLIND), action="append", help="all by default but the last"
    )
    parser.add_argument("--kills", type=int, default=300, help="kills of a round")
    parser.add_argument("--deliveries", type=int, default=1000, help="deliveries of a round")
    parser.add_argument("--seconds", type=float, default=0, help="begin new rounds for so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", help="the URL of an empty PostgreSQL database; else SQLite")
    parser.add_argument("--stop", choices=("claimed", "leaving"), help="stop one worker instead")
    parser.add_argument("--without-find", action="store_true", help="never look for a message")
    options = parser.parse_args(arguments)
    began, seed, flawless = time.monotonic(), options.seed, True
    while True:
        for kind in options.kind or KINDS:
            with tempfile.TemporaryDirectory(prefix="matome-soak-") as name:
                directory = Path(name)
                address = Server(options.state) if options.state else directory / "state.sqlite3"
                with running_world(kind, directory) as world:
                    if options.stop:
                        result = stop_round(
                            kind, address, world, directory, step=options.stop, nth=seed % 3 + 1
                        )
                    else:
                        result = kill_round(
                            kind,
                            address,
                            world,
                            directory,
                            kills=options.kills,
                            deliveries=options.deliveries,
                            seed=seed,
                            can_find=not options.without_find,
                        )
            print(json.dumps({"seed": seed, **asdict(result)}), flush=True)
            flawless = flawless and result.is_flawless
        seed += 1
        if time.monotonic() - began >= options.seconds:
            return 0 if flawless else 1


if __name__ == "__main__":
    sys.exit(main())
