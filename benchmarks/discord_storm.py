"""Many digests due at once in Discord, by the real client, while all goes wrong that can.

Run as a script it sends them, in real time, and prints what came of it as JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_least, at_most
from benchmarks.processes import run
from benchmarks.storming import most_in_a_second, storm
from bot.cli.logs import open_log
from tests.delivery.on_discord import DiscordWorld, running_discord

DIGESTS, QUICK_DIGESTS = 2_000, 400
LIMIT = 50
GUILDS = 20
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


def came_of(world: DiscordWorld, count: int, period: dict[str, float]) -> dict[str, Any]:
    """What came, as Discord itself has noted it."""
    posted = world.posted()
    return {
        **used(world.asked("requests"), period["begins"], period["ends"]),
        "held_up": period["held_up"],
        "lost": count - len(set(posted)),
        "doubled": len(posted) - len(set(posted)),
    }


def used(noted: Mapping[str, Any], begins: float, ends: float) -> dict[str, Any]:
    """How the limit was used, of what Discord has noted of its requests since a time.

    The share is that of what may be asked between the two times, but while nothing was to be asked.
    `over` are those that it refused though it had not asked to wait.
    """
    idle = _joined(noted["pauses"])
    times = [at for at, _ in noted["requests"] if at >= begins]
    asked = [at for at in times if at < ends and not any(a <= at < b for a, b in idle)]
    seconds = (ends - begins) - sum(
        max(0.0, min(last, ends) - max(first, begins)) for first, last in idle
    )
    while_idle = sum(a <= at < b for at in times for a, b in idle)
    return {
        "share": len(asked) / (LIMIT * seconds),
        "most_in_a_second": most_in_a_second(times),
        "requests": len(times),
        "while_idle": while_idle,
        "over": max(0, noted["refused"] - while_idle),
        "met": noted["met"],
        "idle": sum(last - first for first, last in idle),
        "seconds": max(times) - begins,
    }


def _joined(periods: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Periods without what is in several of them."""
    joined: list[tuple[float, float]] = []
    for begins, ends in sorted((begins, ends) for begins, ends in periods):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return joined


def main(directory: Path, count: int) -> None:
    """Measure one storm."""
    open_log(sys.stderr)
    shares = [word for way, share in TROUBLES.items() for word in (f"--{way}", str(share))]
    channels = count // IN_A_CHANNEL // GUILDS
    with running_discord("--seed", "1", *shares, guilds=GUILDS, channels=channels) as world:
        rooms = world.places.channels
        period = asyncio.run(storm(directory, world, count, lambda n: rooms[n // IN_A_CHANNEL]))
        print(json.dumps(came_of(world, count, period)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
