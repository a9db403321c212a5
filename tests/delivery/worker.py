"""A worker that writes deliveries and sends them, until its fate overtakes it at some step."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.address import Server
from bot.intent import OpenThread, Stopped
from bot.outbox import NewRow, Op, Result
from bot.ports import Pace
from bot.stores import Claims
from storage.state.database import State, open_state
from storage.state.outbox import StoredOutbox
from tests.delivery.remote import AnyWorld, Places
from tests.delivery.stations import HURRIED, Station, running, station

# What a delivery goes through. At "sent" and "accepted" it is the platform that kills.
STEPS = ("written", "claimed", "sent", "accepted", "answered", "confirmed")
# Killed workers leave what they had claimed to others, after this time.
STUCK_AFTER = 30.0
EVERYWHERE = Places()
TIMING = replace(HURRIED, leave=0.5)


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens at the n-th time that a step is reached: by default the process is killed."""

    step: str
    nth: int
    signal: int = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: which deliveries it writes, and how it ends.

    `intents` is the file in which it notes what it is going to write, so that another can go on.
    """

    number: int
    address: Path | Server
    world: AnyWorld
    intents: Path
    deliveries: int
    fate: Fate | None = None
    can_find: bool = True


class Steps:
    """Counts the steps of a process up to its fate."""

    def __init__(self, fate: Fate | None) -> None:
        self._fate = fate
        self._left = fate.nth if fate else 0

    def reach(self, step: str) -> None:
        """Reach a step; it may be the last."""
        if self._is_fated(step):
            assert self._fate is not None
            os.kill(os.getpid(), self._fate.signal)

    def before_post(self, step: str) -> str | None:
        """When the platform is to kill because of a message, if it is its part."""
        if step != "post":
            self.reach(step)
            return None
        # Between the last look at the lease and the request.
        self.reach("leaving")
        for fatal in ("sent", "accepted"):
            if self._is_fated(fatal):
                return fatal
        return None

    def _is_fated(self, step: str) -> bool:
        if self._fate is None or step != self._fate.step:
            return False
        self._left -= 1
        return self._left == 0


class SteppingOutbox(StoredOutbox):
    """The outbox itself, that tells which steps are done."""

    def __init__(self, state: State, steps: Steps) -> None:
        super().__init__(state)
        self._steps = steps

    async def put(self, rows: Sequence[NewRow], now: datetime) -> frozenset[str]:
        """Write rows."""
        new = await super().put(rows, now)
        if new:
            self._steps.reach("written")
        return new

    async def claim(
        self,
        platform: str,
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        count: int,
        lease: timedelta,
        worker: str,
    ) -> Claims:
        """Claim rows."""
        claims = await super().claim(platform, pace, channel_of, now, count, lease, worker)
        if claims.claims:
            self._steps.reach("claimed")
        return claims

    async def settle(self, results: Sequence[Result], now: datetime) -> None:
        """Settle claims."""
        await super().settle(results, now)
        if results:
            self._steps.reach("confirmed")


def rows_of(worker: int, number: int, here: Station, places: Places = EVERYWHERE) -> list[NewRow]:
    """The rows of one delivery: a message, a message with a thread, or a notice to a person."""
    name = f"{worker}-{number}"
    target = places.channels[number % len(places.channels)]
    row = partial(here.row, platform=places.platform)
    if number % 7 == 3:
        said = Stopped("s1", "gone", "", places.people[number % len(places.people)])
        return [row(name, op=Op.TELL, said=said, target=target)]
    message = row(name, target=target, asked=number % 5 == 0)
    if number % 7:
        return [message]
    thread = row(
        f"t{name}", op=Op.THREAD, said=OpenThread("題"), target=None, on_key=name, after_key=name
    )
    comments = [
        row(
            f"{name}-{n}",
            target=None,
            on_key=thread.key,
            after_key=f"{name}-{n - 1}" if n else thread.key,
        )
        for n in range(2)
    ]
    return [message, thread, *comments]


def messages_of(worker: int, number: int) -> list[str]:
    """The keys of the messages of one delivery, in their order."""
    name = f"{worker}-{number}"
    return [name] if number % 7 or number % 7 == 3 else [name, f"{name}-0", f"{name}-1"]


def intended(intents: Path) -> int:
    """How many deliveries a worker has begun to write."""
    return len(intents.read_bytes().splitlines())


async def work(job: Job) -> bool:
    """Write the deliveries, send everything that is there; whether it was all done in time."""
    steps = Steps(job.fate)
    async with (
        open_state(job.address) as state,
        job.world.platform(steps.before_post, can_find=job.can_find) as platform,
    ):
        outbox = SteppingOutbox(state, steps)
        here = station(state, platform, outbox=outbox, timing=TIMING, seed=os.getpid())
        async with running(here.dispatcher):
            await _write(job, here)
            return await _is_all_done(state, here)


async def _write(job: Job, here: Station) -> None:
    """Go on where the one before was killed: its last delivery may not have been written."""
    begun = intended(job.intents)
    if begun:
        await here.put(*rows_of(job.number, begun - 1, here, job.world.places))
    with job.intents.open("a") as intents:
        for number in range(begun, job.deliveries):
            intents.write(f"{number}\n")
            intents.flush()
            rows = rows_of(job.number, number, here, job.world.places)
            await here.put(*rows)
            if number % 2:
                # So few at a time that a kill hits few.
                await here.dispatcher.settled(rows[-1].key, 0.2)


async def _is_all_done(state: State, here: Station) -> bool:
    until = here.now() + timedelta(seconds=STUCK_AFTER)
    while here.now() < until:
        if not await open_rows(state):
            return True
        await asyncio.sleep(0.02)
    return False


async def open_rows(state: State) -> list[str]:
    """The keys of rows that have not ended."""
    async with state.reading() as connection:
        found = await connection.exec_driver_sql("SELECT key FROM outbox WHERE outcome IS NULL")
        return [key for (key,) in found]
