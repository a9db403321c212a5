"""Run by the figures of delivery: many digests are due at once; prints what came of it as JSON."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from aiohttp import ClientSession, TCPConnector

from benchmarks.virtual_time import StandingPlatform, StandingState, VirtualClock
from bot.cli.logs import open_log
from bot.digest.dispatcher import Dispatcher
from bot.intent import ShowDigest
from bot.outbox import NewRow, Op, PostVersion
from bot.ports import Pace
from bot.stores import Stores
from storage.state.database import open_state
from tests.delivery.remote import World, running_fakes
from tests.delivery.stations import CONTENT, running, stores_of
from tests.delivery.worker import open_rows

LIMIT = 50
START = datetime(2026, 11, 21, tzinfo=UTC)
# Rows that one transaction writes.
BATCH = 500


async def storm(directory: Path, world: World, count: int) -> dict[str, float]:
    """Send digests that are all due at once; see `benchmarks.delivery`."""
    clock = VirtualClock(START)
    connector = TCPConnector(limit=50)
    async with (
        open_state(directory / "state.sqlite3") as opened,
        ClientSession(connector=connector) as session,
    ):
        state = StandingState(opened, clock)
        stores = stores_of(state)

        async def get_stores() -> Stores:
            return stores

        platform = StandingPlatform(world, session, pace=Pace(LIMIT), clock=clock)
        dispatcher = Dispatcher(
            get_stores,
            [platform],
            CONTENT,
            now=clock,
            sleep=clock.sleep,
            random=Random(1),  # noqa: S311 (no secret)
            worker="storm",
        )
        for first in range(0, count, BATCH):
            rows = [digest(number) for number in range(first, min(count, first + BATCH))]
            await stores.outbox.put(rows, START)
        before = memory("VmRSS")
        time = asyncio.create_task(clock.run())
        async with running(dispatcher):
            while await open_rows(opened):  # noqa: ASYNC110 (nothing tells of the last one)
                await asyncio.sleep(0.2)
        time.cancel()
        return {"before": before, "after": memory("VmHWM")}


def digest(number: int) -> NewRow:
    """The digest of a channel of its own."""
    return NewRow(
        key=f"digest-{number}",
        platform="fake",
        op=Op.POST,
        said=ShowDigest("2026-11-21", 2),
        language="ja",
        ready_at=START,
        deadline=START + timedelta(hours=12),
        target=f"C{number}",
        posts=(PostVersion("a", "1:new"), PostVersion("b", "1:new")),
        due_at=START,
    )


def memory(name: str) -> float:
    """This process's resident memory in MB, "VmRSS" now or "VmHWM" at most; 0 without /proc."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def main(directory: Path, count: int) -> None:
    """Measure one storm."""
    open_log(sys.stderr)
    with running_fakes(directory) as fakes:
        world = fakes.world("searchable")
        used = asyncio.run(storm(directory, world, count))
        stats = world.stats()
        times = [record["at"] for record in world.did("post")]
        keys = set(world.posted())
    seconds = max(times) - min(times)
    print(
        json.dumps(
            {
                "share": (len(times) - 1) / (LIMIT * seconds),
                "most_in_a_second": stats["most_in_a_second"],
                "requests": stats["requests"],
                "lost": count - len(keys),
                "doubled": len(times) - len(keys),
                "growth": used["after"] - used["before"],
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
