"""Two replicas together against Discord's limit, while all goes wrong that can."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from benchmarks.bench import Bench
from benchmarks.discord_storm import GUILDS, IN_A_CHANNEL, LIMIT, TROUBLES, used
from benchmarks.figures import Figure, Row, at_least, at_most
from benchmarks.replicas.ground import (
    Digest,
    leads_to_discord,
    opened_replicas,
    until_all_is_sent,
    write,
)
from tests.delivery.on_discord import running_discord

REPLICAS = 2
DIGESTS, QUICK_DIGESTS = 2_000, 400
# Of few digests fewer come to each channel: between two of them pass up to two and a half seconds,
# one until the next may be claimed and then its slot, and 80 channels would not use all slots.
QUICK_IN_A_CHANNEL = 2
# All are due so long after they are written.
AHEAD = timedelta(seconds=4)
PATIENCE = 300.0
# What asks for a message to be posted.
_POSTING = "POST /channels/{channel}/messages"


def measure(bench: Bench) -> Iterator[Row]:
    """How much of the limit is used by both, and whether it is kept."""
    count = QUICK_DIGESTS if bench.quick else DIGESTS
    shares = [word for way, share in TROUBLES.items() for word in (f"--{way}", str(share))]
    in_a_channel = QUICK_IN_A_CHANNEL if bench.quick else IN_A_CHANNEL
    channels = count // in_a_channel // GUILDS
    with running_discord("--seed", "1", *shares, guilds=GUILDS, channels=channels) as world:

        def environment(number: int) -> Mapping[str, str]:
            return leads_to_discord(world, number, REPLICAS)

        bench.say(f"{REPLICAS} replicas on PostgreSQL")
        with opened_replicas(bench, "replicas-pace", REPLICAS, environment) as replicas:
            until_all_is_sent(replicas.url, PATIENCE)
            rooms = world.places.channels
            due = datetime.now(UTC) + AHEAD
            # Discord's own clock; what comes before are greetings.
            begins = time.monotonic() + AHEAD.total_seconds()
            digests = [
                Digest(number, "discord", rooms[number // in_a_channel], due)
                for number in range(count)
            ]

            async def put() -> None:
                async with replicas.state() as state:
                    await write(state, bench.index, digests)

            bench.say(f"{count} digests due at once")
            asyncio.run(put())
            workers = until_all_is_sent(replicas.url, PATIENCE)
            noted = world.asked("requests")
            posted = Counter(world.posted())
    tries = [at for at, what in noted["requests"] if at >= begins and what == _POSTING]
    # Whatever fails comes again later, and lets what follows in its channel wait: until then there
    # was always another one to send.
    came = used(noted, tries[0], tries[count - 1 - sum(noted["met"].values())])
    wrong = [digest.key for digest in digests if posted[digest.key] != 1]
    name = f"{REPLICAS} replicas, {count} digests due at once in Discord"
    yield Figure(
        f"{name}: share of the limit used", 100 * came["share"], "%", goal=at_least(95),
        note=f"{sum(came['met'].values())} of {came['requests']} requests went wrong; "
        f"{came['idle']:.1f} s ordered idle; rows in hand of each: {sorted(workers.values())}",
        details={**came, "workers": dict(workers)},
    )  # fmt: skip
    yield Figure(
        f"{name}: most requests in any second", came["most_in_a_second"], goal=at_most(LIMIT)
    )
    yield Figure(f"{name}: refused as too many", came["over"], goal=at_most(0))
    yield Figure(f"{name}: lost and doubled", len(wrong), goal=at_most(0))
