"""A dispatcher on a real state, with a fake platform to send to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.digest.dispatcher import Dispatcher
from bot.digest.observing import Whereabouts
from bot.digest.pacing import Timing
from bot.digest.sending import Content
from bot.errors import UserError
from bot.outbox import NewRow, Row
from bot.ports import Platform
from bot.stores import Outbox, Stores
from bot.view import Posting, View
from storage.state.database import State
from storage.state.stores import stores_of as all_stores_of
from tests.delivery.rows import row

# As short as a busy machine allows.
HURRIED = Timing(
    request=0.5,
    margin=0.2,
    look=0.1,
    gather=0.005,
    first_pause=0.02,
    longest_pause=0.2,
    stale=0.05,
    not_noted=0.02,
    leave=2.0,
    longest_outage_pause=0.1,
)


def stores_of(state: State, outbox: Outbox | None = None) -> Stores:
    """All stores over a state; the outbox may be one that something happens to."""
    stores = all_stores_of(state)
    return stores if outbox is None else replace(stores, outbox=outbox)


async def compose(row: Row, platform: Platform) -> Posting:
    """A message that says what it is; nothing is to be shown for keys that begin so."""
    if row.key.startswith("nothing"):
        raise UserError("announcement.gone")
    return Posting(View(f"{row.key} {row.tries}", ()), "ja", {})


async def is_held(row: Row) -> Whereabouts:
    """The index has everything."""
    return Whereabouts.HERE


async def versions_of(posts: Collection[str]) -> Mapping[str, str]:
    """The newest versions."""
    return dict.fromkeys(posts, "1:new")


async def nothing_follows(row: Row) -> None:
    """Nothing follows."""


CONTENT = Content(compose, is_held, versions_of, nothing_follows)


@dataclass(slots=True)
class Clock:
    """The time in UTC, which can be put forward and back."""

    off: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """The time."""
        return datetime.now(UTC) + self.off


@dataclass(frozen=True, slots=True)
class Station:
    """A dispatcher, and what it works on."""

    stores: Stores
    dispatcher: Dispatcher
    now: Clock

    @property
    def outbox(self) -> Outbox:
        """Its outbox."""
        return self.stores.outbox

    def row(self, key: str, **changes: Any) -> NewRow:
        """A message that may be sent from now on."""
        now = self.now()
        values = {"platform": "fake", "ready_at": now, "deadline": now + timedelta(hours=12)}
        return row(key, **{**values, **changes})

    async def put(self, *rows: NewRow) -> None:
        """Write rows and say so."""
        await self.outbox.put(rows, self.now())
        self.dispatcher.kick()

    async def ended(self, *keys: str, seconds: float = 20) -> Sequence[str]:
        """The outcomes of rows, once they all have one."""
        rows: list[Row | None] = []
        for key in keys:
            row = None
            for _ in range(round(seconds / 0.2)):
                row = await self.dispatcher.settled(key, 0.2)
                if row is not None:
                    break
            rows.append(row)
        return [row.outcome.value if row and row.outcome else "open" for row in rows]


def station(
    state: State,
    *platforms: Platform,
    content: Content = CONTENT,
    outbox: Outbox | None = None,
    timing: Timing = HURRIED,
    seed: int = 1,
) -> Station:
    """A dispatcher that is there, and does not run."""
    stores = stores_of(state, outbox)
    clock = Clock()

    async def get_stores() -> Stores:
        return stores

    dispatcher = Dispatcher(
        get_stores,
        platforms,
        content,
        now=clock,
        sleep=asyncio.sleep,
        random=Random(seed),
        worker=f"worker {seed}",
        timing=timing,
    )
    return Station(stores, dispatcher, clock)


@asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Let a dispatcher run, and stop it as the program does."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def until(happened: Callable[[], object]) -> None:
    """Wait until something is so that other processes bring about. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.005)
