"""Replicas of the whole program on one PostgreSQL, and what there is for them to send."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks.bench import PROJECT, Bench
from benchmarks.ground import OURS
from benchmarks.logs import incidents
from benchmarks.processes import CommandFailedError
from benchmarks.readiness import free_port, listens, until_ready
from bot.address import Server
from bot.intent import ShowDigest
from bot.outbox import NewRow, Op, PostVersion, delivery_key
from storage.index.database import FILE_NAME
from storage.index.reader import open_reader
from storage.state.database import State, open_state
from storage.state.stores import stores_of
from tests.delivery.on_discord import DiscordWorld
from tests.delivery.on_slack import SlackWorld
from tests.postgres import OWNER, Cluster, find_programs, running_cluster

# What a crash takes from a server that lies when it says that something is kept is nobody's fault.
KEEPS = {"synchronous_commit": "on"}
# Rows that one transaction writes, and posts that a digest shows.
BATCH, POSTS = 500, 5
# For a replica that is told to stop; and between two looks whether all is sent.
LEAVE, PAUSE = 30.0, 0.2


@dataclass(slots=True)
class Replica:
    """One process with an index of its own; `kills` counts how often it was killed."""

    environment: Mapping[str, str]
    port: int
    log: Path
    kills: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, as whoever looks after it would."""
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                OURS,
                env=self.environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )

    def until_ready(self) -> None:
        """Wait until it says that it is ready."""
        assert self.process is not None
        until_ready(self.process, self.port)

    def has_ended(self) -> bool:
        """Whether it is not there, by its own will or by another's."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def stop(self) -> None:
        """End it in good order."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LEAVE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Replicas:
    """All of them, and the PostgreSQL on which they stand."""

    cluster: Cluster
    url: str
    all: list[Replica] = field(default_factory=list)

    @asynccontextmanager
    async def state(self) -> AsyncIterator[State]:
        """Their state."""
        async with open_state(Server(self.url)) as state:
            yield state

    def incidents(self) -> list[str]:
        """The lines of their logs that name an incident."""
        return [line for replica in self.all for line in incidents(replica.log)]


@contextmanager
def opened_replicas(
    bench: Bench, name: str, count: int, environment: Callable[[int], Mapping[str, str]]
) -> Iterator[Replicas]:
    """So many replicas, each with a copy of the index; `environment` is that of one's number.

    Raises CommandFailedError where there is no PostgreSQL.
    """
    if (programs := find_programs()) is None:
        raise CommandFailedError("PostgreSQL's programs are not installed")
    directory = bench.temporary / name
    with running_cluster(programs, **KEEPS) as cluster:
        replicas = Replicas(cluster, cluster.url("matome"))
        subprocess.run(
            [cluster.programs / "createdb", "-h", cluster.directory, "-U", OWNER, "matome"],
            check=True,
            env=os.environ,
        )
        for number in range(count):
            data = directory / f"data-{number}"
            data.mkdir(parents=True)
            shutil.copyfile(bench.index, data / FILE_NAME)
            port = free_port()
            own = {"MATOME_STATE_URL": replicas.url, **listens(port)}
            given = {**bench.environment(data), **own, **environment(number)}
            replicas.all.append(Replica(given, port, directory / f"log-{number}"))
        try:
            for replica in replicas.all:
                replica.start()
            for replica in replicas.all:
                replica.until_ready()
            yield replicas
        finally:
            for replica in replicas.all:
                replica.stop()


def leads_to_discord(world: DiscordWorld, number: int, count: int) -> Mapping[str, str]:
    """The environment of one of some replicas in a Discord, which share its shards."""
    connection = world.connection
    return {
        "DISCORD_TOKEN": connection.token,
        "DISCORD_SHARDS": f"{number}/{count}",
        "DISCORD_API_URL": connection.api_url or "",
        "DISCORD_GATEWAY_URL": connection.gateway_url or "",
    }


def leads_to_slack(world: SlackWorld) -> Mapping[str, str]:
    """The environment of a replica in a Slack of one workspace."""
    (token,) = world.tokens.values()
    return {
        "SLACK_BOT_TOKEN": token,
        "SLACK_APP_TOKEN": world.app_token,
        "SLACK_API_URL": f"{world.origin}/api/",
    }


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest for a channel that is due at a time (UTC); `key` is that of its message."""

    number: int
    platform: str
    target: str
    due: datetime

    @property
    def key(self) -> str:
        """As keys of the bot are."""
        return delivery_key("benchmark", self.platform, self.number)

    def row(self, posts: Sequence[PostVersion]) -> NewRow:
        """As it stands in the outbox."""
        return NewRow(
            key=self.key,
            platform=self.platform,
            op=Op.POST,
            said=ShowDigest(self.due.date().isoformat(), POSTS),
            language="ja",
            ready_at=self.due,
            deadline=self.due + timedelta(hours=12),
            target=self.target,
            posts=posts,
            due_at=self.due,
        )


async def write(state: State, index: Path, digests: Sequence[Digest]) -> None:
    """Write digests of the archive's posts, each of other ones."""
    async with open_reader(index) as reader:
        keys = [post.key async for post in reader.export() if not post.draft]
        versions = await reader.versions_of(keys)
    outbox = stores_of(state).outbox
    for first in range(0, len(digests), BATCH):
        rows = []
        for digest in digests[first : first + BATCH]:
            begins = digest.number * POSTS % (len(keys) - POSTS)
            shown = keys[begins : begins + POSTS]
            rows.append(digest.row([PostVersion(key, versions[key]) for key in shown]))
        await outbox.put(rows, datetime.now(UTC))


async def _look(url: str) -> tuple[int, Counter[str]] | None:
    """How many rows have not ended, and who has how many of them; None while there is no server."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError):
        return None
    try:
        rows = await connection.fetch(
            "SELECT worker, count(*) FROM outbox WHERE outcome IS NULL GROUP BY worker"
        )
    finally:
        await connection.close()
    held = Counter({row["worker"]: row["count"] for row in rows})
    return held.total(), Counter({name: count for name, count in held.items() if name})


def until_all_is_sent(url: str, seconds: float) -> Counter[str]:
    """Wait until no row is left; how many rows each worker had when it was looked.

    Raises CommandFailedError after too long.
    """
    ends = time.monotonic() + seconds
    workers: Counter[str] = Counter()
    while True:
        found = asyncio.run(_look(url))
        if found is not None:
            left, held = found
            workers += held
            if not left:
                return workers
        if time.monotonic() > ends:
            raise CommandFailedError(f"not everything was sent within {seconds:.0f} s")
        time.sleep(PAUSE)
