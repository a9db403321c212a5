"""An archive, its index and a state, as a digest finds them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.address import Server
from bot.model import post_key
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from bot.stores import Stores
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from storage.index.reader import IndexReader, open_reader
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.blog import Blog, raw_post

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Noon in Tokyo, where the digest comes at 9:00.
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
DUE = Due(datetime(2026, 11, 21, 0, tzinfo=UTC), date(2026, 11, 21))
MORNING = Times(time(9), EVERY_DAY, "Asia/Tokyo")
GENERAL = Place("discord", "C1", "G1")


def subscription(name: str = "s1", place: Place = GENERAL, **changes: Any) -> Subscription:
    """A digest of every morning, the next one of tomorrow."""
    return replace(Subscription(name, place, MORNING, Wishes(), "alice", NOW, DUE), **changes)


def key(slug: str) -> str:
    """The key of a post."""
    return post_key(slug)


def keys(*slugs: str) -> list[str]:
    """The keys of posts."""
    return [key(slug) for slug in slugs]


@dataclass(slots=True)
class World:
    """An archive with its index, and the state. Posts are written with days of June 2025."""

    blog: Blog
    settings: Settings
    index: IndexReader
    stores: Stores
    state: Path | Server
    now: datetime = NOW

    def clock(self) -> datetime:
        """The time as the test has set it."""
        return self.now

    async def get_stores(self) -> Stores:
        """The state, which is open already."""
        return self.stores

    def write(self, slug: str, day: int = 1, tags: Sequence[str] = ("GPU",)) -> None:
        """Write a post, or another version of it."""
        text = raw_post(f"題名 {slug}", [f"{slug} {self.now}"], tags=tags, item=None)
        self.blog.post(slug, text.replace("2025-06-01T", f"2025-06-{day:02}T"))

    async def sync(self) -> None:
        """Bring the index up to date."""
        await synchronise(self.settings)

    async def observe(self) -> None:
        """Sync, and note in the state what is there."""
        await self.sync()
        versions, revision = await self.index.versions(), await self.index.revision()
        await self.stores.seen.observe(versions, revision, self.now)

    async def add(self, made: Subscription) -> Subscription:
        """Keep a subscription."""
        return await self.stores.subscriptions.add(made, made.creator, 10_000)


@asynccontextmanager
async def open_stores(address: Path | Server) -> AsyncIterator[Stores]:
    """The stores of a state."""
    async with open_state(address) as state:
        yield stores_of(state)


@asynccontextmanager
async def open_world(blog: Blog, settings: Settings, state: Path | Server) -> AsyncIterator[World]:
    """A world whose archive has one post, old, which everybody knows."""
    blog.post("2025_06_01_first", raw_post("最初", item=None))
    await synchronise(settings)
    async with AsyncExitStack() as until:
        index = await until.enter_async_context(open_reader(index_path(settings)))
        stores = await until.enter_async_context(open_stores(state))
        world = World(blog, settings, index, stores, state)
        await world.observe()
        yield world
