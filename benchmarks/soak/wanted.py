"""What people look for, and the times at which digests are wanted."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from benchmarks.bench import Bench
from benchmarks.waiting import mixed
from storage.index.reader import open_reader

ZONE = ZoneInfo("Asia/Tokyo")
# A digest is wanted so soon, and has to be there so long after its time.
SOON = timedelta(minutes=2)
WITHIN = timedelta(minutes=1)
QUERIES = 1_000
# Posts that are unfolded have no more comments than these: a thread of all takes minutes.
FEW = 25

Room = TypeVar("Room")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Queries, and links that lead to one short post each."""

    queries: list[str]
    links: list[str]
    random: Random

    def query(self) -> str:
        """Something to look for."""
        return self.random.choice(self.queries)

    def link(self) -> str:
        """A post to share."""
        return self.random.choice(self.links)


def wanted(bench: Bench, random: Random) -> Wanted:
    """What is in the index of the archive."""
    return Wanted(mixed(bench, QUERIES), asyncio.run(_links(bench)), random)


async def _links(bench: Bench) -> list[str]:
    items: dict[int, int] = {}
    async with open_reader(bench.index) as reader:
        posts = [post async for post in reader.export() if post.item_id and not post.draft]
    for post in posts:
        items[post.item_id or 0] = items.get(post.item_id or 0, 0) + 1
    return [
        f"https://news.ycombinator.com/item?id={post.item_id}"
        for post in posts
        if items[post.item_id or 0] == 1 and 0 < len(post.comments) <= FEW
    ]


def soon() -> tuple[str, datetime]:
    """A time to ask for, in `ZONE`, as people type it and in UTC."""
    due = (datetime.now(UTC) + SOON).replace(second=0, microsecond=0)
    return f"{due.astimezone(ZONE):%H:%M}", due


@dataclass(slots=True)
class Due(Generic[Room]):
    """Where a digest is expected, and when (UTC)."""

    expected: list[tuple[Room, datetime]] = field(default_factory=list)

    def expect(self, room: Room, due: datetime) -> None:
        """A digest has been promised."""
        self.expected.append((room, due))

    def rooms(self) -> list[Room]:
        """Where a digest has to be by now."""
        now = datetime.now(UTC)
        return [room for room, due in self.expected if due + WITHIN <= now]
