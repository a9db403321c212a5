"""What an operator can ask of a running bot: whether it is ready, and its metrics."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.app import CLOCKS, Bot, has_state
from bot.errors import MatomeError
from bot.running.faces import Face, Route
from bot.running.first_reading import FirstReading
from bot.running.http import metrics, readiness
from bot.running.syncing import index_path
from bot.settings import Settings
from bot.watching.figures import Figures, IndexFigures, StateFigures
from bot.watching.glance import WITHIN, Glance
from bot.watching.health import Condition, Health, reachable
from bot.watching.metrics import IncidentCounter, Metrics
from storage.index.reader import IndexReader

Found = TypeVar("Found")

# Between two looks at how late the event loop is, and at how large the index is, in seconds.
LAG_EVERY, INDEX_EVERY = 1.0, 15.0


@dataclass(frozen=True, slots=True)
class Watching:
    """The health of the program with everything that its metrics tell."""

    health: Health
    metrics: Metrics
    faces: Sequence[Face]
    state: Glance[StateFigures]
    index: Glance[IndexFigures]
    sync_every: timedelta

    def routes(self) -> Sequence[Route]:
        """GET /readyz and GET /metrics."""
        return readiness(self.health), metrics(self.exposed)

    async def exposed(self, accept: str) -> tuple[str, bytes]:
        """The metrics as they are now, in a form that is accepted."""
        # Thousands of lines take a while to write, and people are answered meanwhile.
        return await asyncio.to_thread(self.metrics.exposed, await self.figures(), accept)

    async def figures(self) -> Figures:
        """How everything stands; what does not answer soon is left out."""
        lacking, state, index = await asyncio.gather(
            self.health.lacking(), _glimpse(self.state), _glimpse(self.index)
        )
        names = [face.platform.name for face in self.faces]
        return Figures(
            CLOCKS.now(),
            not lacking,
            {name: name not in lacking for name in names},
            {face.platform.name: face.links for face in self.faces},
            state is not None,
            state,
            index,
            self.metrics.synced_at,
            self.sync_every.total_seconds(),
        )

    async def keep_looking_at_lag(self) -> None:
        """Measure how late the event loop is, until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(LAG_EVERY)
            self.metrics.lagged(time.monotonic() - before - LAG_EVERY)


@asynccontextmanager
async def watched(
    settings: Settings,
    health: Health,
    metrics: Metrics,
    faces: Sequence[Face],
    reading: FirstReading,
    bot: Bot,
) -> AsyncIterator[Watching]:
    """Watches a bot, and counts the incidents that are logged meanwhile."""
    names = [face.platform.name for face in faces]
    state = Glance(lambda: _state(settings, bot, names), time.monotonic)
    index = Glance(lambda: _index(settings, reading.index), time.monotonic, every=INDEX_EVERY)
    health.needs("index", reading.lacking)
    health.needs("state", reachable(state, WITHIN))
    for face in faces:
        metrics.begin(face.platform.name)
        health.needs(face.platform.name, _answers(face))
    counter = IncidentCounter(metrics)
    logging.getLogger().addHandler(counter)
    try:
        yield Watching(health, metrics, faces, state, index, settings.sync_every)
    finally:
        logging.getLogger().removeHandler(counter)
        await state.close()
        await index.close()


def _answers(face: Face) -> Condition:
    async def condition() -> MatomeError | None:
        return face.lacking()

    return condition


async def _glimpse(glance: Glance[Found]) -> Found | None:
    """What is found, None where that takes too long or fails, which readiness tells."""
    with suppress(MatomeError, TimeoutError):
        return await glance.look()
    return None


async def _state(settings: Settings, bot: Bot, platforms: Sequence[str]) -> StateFigures:
    """What is to be sent; nothing where there is no state yet, which is not made for this."""
    if not has_state(settings):
        return StateFigures()
    stores, now = await bot.get_stores(), CLOCKS.now()
    backlog = await stores.outbox.backlog(platforms, now)
    return StateFigures(backlog, await stores.digests.overdue(now))


async def _index(settings: Settings, index: IndexReader) -> IndexFigures:
    newest = await index.newest(1)
    return IndexFigures(
        await index.count_posts(),
        await index.count_comments(),
        await asyncio.to_thread(_size, index_path(settings)),
        newest[0].date.replace(tzinfo=settings.timezone) if newest else None,
    )


def _size(path: Path) -> int:
    """The bytes of an index with what lies beside it while it is in use."""
    found = 0
    for name in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))):
        with suppress(FileNotFoundError):
            found += name.stat().st_size
    return found
