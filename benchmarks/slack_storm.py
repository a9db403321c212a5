"""Many digests due at once in Slack, by the real client, while all goes wrong that can.

Run as a script it sends them, in real time, and prints what came of it as JSON.
"""

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from adapters.slack.platform import PACE
from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_least, at_most
from benchmarks.processes import run
from benchmarks.storming import most_in_a_second, storm
from bot.cli.logs import open_log
from tests.delivery.on_slack import SlackWorld, running_slack

DIGESTS, QUICK_DIGESTS = 500, 150
TEAMS, CHANNELS = 5, 40
# The share of messages with which each thing goes wrong.
TROUBLES = {"limited": 0.02, "status": 0.02, "reset": 0.02, "lost": 0.02, "slow": 0.03}


def measure(bench: Bench) -> Iterator[Row]:
    """Whether limits are kept before they are met, and what is lost and doubled."""
    count = QUICK_DIGESTS if bench.quick else DIGESTS
    directory = bench.temporary / "slack-storm"
    directory.mkdir()
    bench.say(f"{count} digests due at once in Slack")
    command = [sys.executable, "-m", "benchmarks.slack_storm", str(directory), str(count)]
    used = run(command, os.environ, PROJECT)
    came = json.loads(used.output)
    places = f"{TEAMS * CHANNELS} channels of {TEAMS} workspaces"
    name = f"Slack, {count} digests due at once in {places} with 429s, 5xx, resets and slowness"
    yield Figure(f"{name}: lost and doubled", came["lost"] + came["doubled"], goal=at_most(0))
    yield Figure(
        f"{name}: requests that met a limit",
        sum(came["limited"].values()),
        goal=at_most(0),
        note=f"{sum(came['met'].values())} requests went wrong otherwise",
        details={**came, "real_seconds": used.seconds},
    )
    yield Figure(
        f"{name}: least time between two messages of a channel",
        came["apart"],
        "s",
        goal=at_least(0.9),
    )
    yield Figure(
        f"{name}: most messages tried in any second",
        came["most_in_a_second"],
        reference=PACE.per_second,
        reference_name="what is meant to be",
        note=f"all was there after {came['seconds']:.0f} s",
    )


def came_of(world: SlackWorld, count: int) -> dict[str, Any]:
    """What came, as Slack itself has noted it."""
    noted, posted = world.asked("requests"), world.posted()
    tried = [at for at, method in noted["requests"] if method == "chat.postMessage"]
    entries = [entry for entry in world.asked("journal")["entries"] if entry["what"] == "post"]
    return {
        "lost": count - len(set(posted)),
        "doubled": len(posted) - len(set(posted)),
        "limited": noted["limited"],
        "met": noted["met"],
        "apart": least_apart(entries),
        "most_in_a_second": most_in_a_second(tried),
        "seconds": max(tried) - min(tried),
    }


def least_apart(entries: Sequence[dict[str, Any]]) -> float:
    """The least time between two messages of a channel, in seconds."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for entry in entries:
        times[entry["channel"]].append(datetime.fromisoformat(entry["at"]).timestamp())
    gaps = (later - at for each in times.values() for at, later in pairwise(each))
    return min(gaps)


def main(directory: Path, count: int) -> None:
    """Measure one storm."""
    open_log(sys.stderr)
    shares = [word for way, share in TROUBLES.items() for word in (f"--{way}", str(share))]
    with running_slack("--seed", "1", *shares, teams=TEAMS, channels=CHANNELS) as world:
        rooms = world.places.channels
        asyncio.run(storm(directory, world, count, lambda number: rooms[number % len(rooms)]))
        print(json.dumps(came_of(world, count)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
