"""Many digests due at once in Discord, by the real client, while all goes wrong that can.

Run as a script it sends them, in real time, and prints what came of it as JSON.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_least, at_most
from benchmarks.processes import run
from bot.digest.dispatcher import Dispatcher
from bot.digest.pacing import LATE
from bot.digest.sending import Content
from bot.intent import OpenPost, ShowDigest
from bot.outbox import NewRow, Op, PostVersion
from bot.outbox import Row as Delivery
from bot.ports import Platform
from bot.stores import Stores
from bot.view import Action, Button, Heading, Item, Posting, View
from bot.view import Run as Words
from storage.state.database import open_state
from tests.delivery.on_discord import DiscordWorld, running_discord
from tests.delivery.stations import is_held, nothing_follows, running, stores_of, versions_of
from tests.delivery.worker import open_rows

DIGESTS, QUICK_DIGESTS = 2_000, 400
LIMIT = 50
GUILDS = 20
# How often the sender looks whether it is kept waiting, in seconds.
WATCH = 0.005
# So many digests come to each channel, one after the other: its own limit is used up by them.
IN_A_CHANNEL = 5
# The share of messages with which each thing goes wrong.
TROUBLES = {
    "limited": 0.01,
    "global": 0.002,
    "page": 0.001,
    "status": 0.015,
    "reset": 0.01,
    "lost": 0.01,
    "slow": 0.03,
}


def measure(bench: Bench) -> Iterator[Row]:
    """How much of the limit is used, and whether it is kept; what is lost and doubled."""
    count = QUICK_DIGESTS if bench.quick else DIGESTS
    directory = bench.temporary / "discord-storm"
    directory.mkdir()
    bench.say(f"{count} digests due at once in Discord")
    command = [sys.executable, "-m", "benchmarks.discord_storm", str(directory), str(count)]
    used = run(command, os.environ, PROJECT)
    came = json.loads(used.output)
    name = f"Discord, {count} digests due at once with 429s, 5xx, resets and slowness"
    wrong = sum(came["met"].values())
    yield Figure(
        f"{name}: share of the limit used",
        100 * came["share"],
        "%",
        goal=at_least(95),
        note=f"{wrong} of {came['requests']} requests went wrong; all was there after "
        f"{came['seconds']:.0f} s, {came['idle']:.1f} s of them ordered idle; the machine kept "
        f"the sender waiting {came['held_up']} times for longer than a slot may be late",
        details={**came, "real_seconds": used.seconds},
    )
    yield Figure(f"{name}: most requests in any second", came["most_in_a_second"], goal=at_most(50))
    yield Figure(f"{name}: lost and doubled", came["lost"] + came["doubled"], goal=at_most(0))


@dataclass(slots=True)
class Steps:
    """When messages were tried: all tries, by a clock; and how often the process was kept waiting.

    On a busy machine slots pass by unused, which says nothing about the sender.
    """

    posts: list[float] = field(default_factory=list)
    held_up: int = 0

    async def watch(self) -> None:
        """Count, until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(WATCH)
            self.held_up += time.monotonic() - before > WATCH + LATE.total_seconds()

    def reach(self, step: str) -> str | None:
        """Note a step."""
        if step == "post":
            self.posts.append(time.monotonic())
        return None


async def storm(directory: Path, world: DiscordWorld, count: int) -> dict[str, float]:
    """Send digests that are all due at once; between which times there was always one to send."""
    steps = Steps()
    async with (
        open_state(directory / "state.sqlite3") as state,
        world.platform(steps.reach) as platform,
    ):
        stores = stores_of(state)

        async def get_stores() -> Stores:
            return stores

        dispatcher = Dispatcher(
            get_stores,
            [platform],
            Content(_compose, is_held, versions_of, nothing_follows),
            now=_now,
            sleep=asyncio.sleep,
            random=Random(1),  # noqa: S311 (no secret)
            worker="storm",
        )
        due = _now()
        channels = world.places.channels
        rows = [_digest(number, channels[number // IN_A_CHANNEL], due) for number in range(count)]
        await stores.outbox.put(rows, due)
        watching = asyncio.create_task(steps.watch())
        async with running(dispatcher):
            while await open_rows(state):  # noqa: ASYNC110 (nothing tells of the last one)
                await asyncio.sleep(0.1)
        watching.cancel()
    # Whatever fails comes again later, after all others had their first try.
    return {
        "begins": steps.posts[0],
        "ends": steps.posts[count - 1],
        "held_up": steps.held_up,
    }


def came_of(world: DiscordWorld, count: int, period: dict[str, float]) -> dict[str, Any]:
    """What came, as Discord itself has noted it.

    The share is that of what may be asked between the two times, but while nothing was to be asked.
    """
    noted = world.asked("requests")
    begins, ends = period["begins"], period["ends"]
    idle = _joined(noted["pauses"])
    times = [at for at, _ in noted["requests"] if at >= begins]
    asked = [at for at in times if at < ends and not any(a <= at < b for a, b in idle)]
    seconds = (ends - begins) - sum(
        max(0.0, min(last, ends) - max(first, begins)) for first, last in idle
    )
    posted = world.posted()
    return {
        "share": len(asked) / (LIMIT * seconds),
        "most_in_a_second": most_in_a_second(times),
        "requests": len(times),
        "while_idle": sum(a <= at < b for at in times for a, b in idle),
        "met": noted["met"],
        "idle": sum(last - first for first, last in idle),
        "seconds": max(times) - begins,
        "held_up": period["held_up"],
        "lost": count - len(set(posted)),
        "doubled": len(posted) - len(set(posted)),
    }


def most_in_a_second(times: Sequence[float]) -> int:
    """The most of some times, in their order, that any second has."""
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _joined(periods: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Periods without what is in several of them."""
    joined: list[tuple[float, float]] = []
    for begins, ends in sorted((begins, ends) for begins, ends in periods):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return joined


def _digest(number: int, channel: str, due: datetime) -> NewRow:
    return NewRow(
        key=f"digest-{number}",
        platform="discord",
        op=Op.POST,
        said=ShowDigest(due.date().isoformat(), 2),
        language="ja",
        ready_at=due,
        deadline=due + timedelta(hours=12),
        target=channel,
        posts=(PostVersion("a", "1:new"), PostVersion("b", "1:new")),
        due_at=due,
    )


async def _compose(row: Delivery, platform: Platform) -> Posting:
    """A digest of five posts, each with a button."""
    codes = {Action(OpenPost(f"{row.key}-{place}")): f"1p{place}~AAAAAA" for place in range(5)}
    items = [
        Item((Words("題名" * 10),), ((Words("引用の一行" * 20),),), Button("読む", action))
        for action in codes
    ]
    return Posting(View(row.key, (Heading((Words(row.key),)), *items)), row.language, codes)


def _now() -> datetime:
    return datetime.now(UTC)


def main(directory: Path, count: int) -> None:
    """Measure one storm."""
    shares = [word for way, share in TROUBLES.items() for word in (f"--{way}", str(share))]
    channels = count // IN_A_CHANNEL // GUILDS
    with running_discord("--seed", "1", *shares, guilds=GUILDS, channels=channels) as world:
        period = asyncio.run(storm(directory, world, count))
        print(json.dumps(came_of(world, count, period)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
