"""Three replicas of which one is killed every few seconds, on a PostgreSQL that goes and comes."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most, quantile
from benchmarks.replicas.ground import (
    Digest,
    Replicas,
    leads_to_discord,
    leads_to_slack,
    opened_replicas,
    until_all_is_sent,
    write,
)
from bot.digest.pacing import Timing
from tests.delivery.on_discord import DiscordWorld, running_discord
from tests.delivery.on_slack import SlackWorld, running_slack

REPLICAS = 3
# Deliveries, and for how many seconds some of them fall due.
DELIVERIES, SECONDS = 1_000, 180.0
QUICK_DELIVERIES, QUICK_SECONDS = 200, 40.0
# Between two kills, in seconds.
APART = 3.0, 5.0
# How long PostgreSQL is away, and at which shares of the time it goes: in good order, then not.
AWAY = 3.0
STOPS, CRASHES = 0.3, 0.65
# From the first row on, so that all are written before.
AHEAD = timedelta(seconds=5)
# A killed replica's rows are free after a lease; the rest is for what was due meanwhile.
LEASE = Timing().lease.total_seconds()
MOST_LATE = LEASE + 30
# Nothing is waited for longer in the end.
PATIENCE = 300.0


@dataclass(slots=True)
class Came:
    """What the platforms have had of the digests."""

    posted: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def doubled(self) -> list[str]:
        """The keys of messages that came more than once, whoever they were for."""
        return [key for key, times in self.posted.items() if times > 1]


def measure(bench: Bench) -> Iterator[Row]:
    """What is lost, doubled and late."""
    count = QUICK_DELIVERIES if bench.quick else DELIVERIES
    seconds = QUICK_SECONDS if bench.quick else SECONDS
    with (
        running_discord() as discord,
        running_slack("--without-tiers", teams=1, channels=100) as slack,
    ):

        def environment(number: int) -> Mapping[str, str]:
            return {**leads_to_discord(discord, number, REPLICAS), **leads_to_slack(slack)}

        bench.say(f"{REPLICAS} replicas on PostgreSQL")
        with opened_replicas(bench, "replicas-kills", REPLICAS, environment) as replicas:
            until_all_is_sent(replicas.url, PATIENCE)
            digests = list(_digests(discord, slack, count, seconds))
            asyncio.run(_put(replicas, bench, digests))
            bench.say(f"{count} deliveries in {seconds:.0f} s, and kills")
            _disturb(replicas, digests[-1].due)
            until_all_is_sent(replicas.url, PATIENCE)
            came = _came(discord, slack, digests)
            kills = [replica.kills for replica in replicas.all]
            incidents = replicas.incidents()
    name = f"{REPLICAS} replicas, {sum(kills)} kills in {count} deliveries"
    yield Figure(
        f"{name}: lost", len(came.lost), goal=at_most(0),
        note=f"kills of each {kills}; PostgreSQL restarted once in good order, once by a crash, "
        f"away for {AWAY:g} s each time; {len(incidents)} incidents logged",
        details={"lost": came.lost, "incidents": incidents},
    )  # fmt: skip
    yield Figure(
        f"{name}: doubled", len(came.doubled), goal=at_most(0), details={"doubled": came.doubled}
    )
    yield Figure(
        f"{name}: latest", max(came.late), "s", goal=at_most(MOST_LATE),
        note=f"a lease is {LEASE:g} s; half within {quantile(came.late, 0.5):.2f} s, 95 of 100 "
        f"within {quantile(came.late, 0.95):.1f} s",
    )  # fmt: skip


def _digests(
    discord: DiscordWorld, slack: SlackWorld, count: int, seconds: float
) -> Iterator[Digest]:
    """Half of them for each platform, one after the other."""
    first = datetime.now(UTC) + AHEAD
    worlds = (discord.places, slack.places)
    for number in range(count):
        places = worlds[number % 2]
        target = places.channels[number // 2 % len(places.channels)]
        due = first + timedelta(seconds=seconds * number / count)
        yield Digest(number, places.platform, target, due)


async def _put(replicas: Replicas, bench: Bench, digests: Sequence[Digest]) -> None:
    async with replicas.state() as state:
        await write(state, bench.index, digests)


def _disturb(replicas: Replicas, until: datetime) -> None:
    """Kill one after the other, and what they stand on, until a time."""
    random = Random(1)  # noqa: S311 (no secret)
    seconds = (until - datetime.now(UTC)).total_seconds()
    begins = time.monotonic()
    kill_at = begins
    victims = cycle(replicas.all)
    outages = [(begins + STOPS * seconds, replicas.cluster.stop),
               (begins + CRASHES * seconds, replicas.cluster.crash)]  # fmt: skip
    while (now := time.monotonic()) < begins + seconds:
        if outages and now >= outages[0][0]:
            outages.pop(0)[1]()
            time.sleep(AWAY)
            replicas.cluster.start()
        if now >= kill_at:
            victim = next(victims)
            if not victim.has_ended():
                victim.kill()
            kill_at = now + random.uniform(*APART)
        for replica in replicas.all:
            if replica.has_ended():
                replica.start()
        time.sleep(0.05)


def _came(discord: DiscordWorld, slack: SlackWorld, digests: Sequence[Digest]) -> Came:
    """What the platforms have noted, beside what was to be sent."""
    came = Came()
    at: dict[str, datetime] = {}
    for key, when in [*_in_discord(discord), *_in_slack(slack)]:
        came.posted[key] += 1
        at.setdefault(key, when)
    for digest in digests:
        if digest.key in at:
            came.late.append((at[digest.key] - digest.due).total_seconds())
        else:
            came.lost.append(digest.key)
    return came


def _in_discord(world: DiscordWorld) -> Iterator[tuple[str, datetime]]:
    for entry in world.asked("journal")["entries"]:
        if entry["what"] == "post" and not entry["repeated"]:
            yield entry["nonce"], datetime.fromisoformat(entry["at"])


def _in_slack(world: SlackWorld) -> Iterator[tuple[str, datetime]]:
    for entry in world.asked("journal")["entries"]:
        if entry["what"] == "post":
            key = entry["body"]["metadata"]["event_payload"]["key"]
            yield key, datetime.fromisoformat(entry["at"])
