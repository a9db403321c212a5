"""The index of a bot that is there at once: it answers as soon as the archive has been read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from structlog.stdlib import get_logger

from bot.errors import IndexFileError, NotYet
from bot.meter import NO_METER, Meter
from bot.running.syncing import Synced, index_path, try_to_sync
from bot.settings import Settings
from storage.index.damage import Damage, damage_of
from storage.index.reader import IndexReader

# Between two tries to read an archive of which there is no index yet, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0

# What the next sync puts right by itself.
_NOT_YET = ("index.missing", "index.outdated", "index.unfinished", "index.damaged")

_log = get_logger(__name__)


@dataclass(slots=True)
class HowFar:
    """How far the archive has been read, None where that is not known, or that it cannot be."""

    percent: int | None = None
    has_failed: bool = False

    def progress(self, done: int, total: int) -> None:
        """Take in how many files of how many are done; what is read in a second round counts too.

        Before it has ended it is never said that all is done, nor less than before.
        """
        if total:
            self.has_failed = False
            self.percent = max(self.percent or 0, min(99, 100 * done // total))

    def failed(self) -> None:
        """Say so until something is read again."""
        self.has_failed, self.percent = True, None

    def begin(self) -> None:
        """Begin anew: nothing is known of it."""
        self.has_failed, self.percent = False, None

    def told(self) -> NotYet:
        """What people are told who ask meanwhile."""
        if self.has_failed:
            return NotYet("index.unreadable")
        if self.percent is None:
            return NotYet("index.fetching")
        return NotYet("index.reading", percent=self.percent)


class FirstReading:
    """An index, and the sync with which a bot begins.

    An index that is there serves at once. One that is missing, incomplete, of another archive or
    version serves as soon as the sync has made it; until then whatever is asked of it raises a
    NotYet that says how far that is. One that is damaged, from the first or while it serves, is put
    aside and made anew in the same way.
    """

    def __init__(
        self,
        settings: Settings,
        sleep: Callable[[float], Awaitable[None]],
        meter: Meter = NO_METER,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._meter = meter
        self._far = HowFar()
        self._opened, self._tried = asyncio.Event(), asyncio.Event()
        self._damage: Damage | None = None
        self._is_damaged = asyncio.Event()
        path = index_path(settings)
        self.index = IndexReader(path, absent=self._far.told, on_damage=self._note_damage)

    async def lacking(self) -> NotYet | None:
        """Why the index does not serve, with how far it is, None where it does."""
        return None if self.index.is_open else self._far.told()

    async def opened(self) -> None:
        """Wait until the index serves."""
        await self._opened.wait()

    async def tried(self) -> None:
        """Wait until the archive has been read once, or could not be."""
        await self._tried.wait()

    async def open(self) -> None:
        """Let the index serve if it can. Raises IndexFileError where no sync would mend it."""
        try:
            await self.index.open(self._settings.archive.name)
        except IndexFileError as error:
            if error.key not in _NOT_YET:
                raise
            if error.key == "index.damaged":
                self._damage = damage_of(index_path(self._settings), error)
        else:
            self._opened.set()

    async def run(self, synced: Callable[[Synced], None]) -> None:
        """Sync once; without an index again and again, with growing pauses, until there is one.

        `synced` is told what came of it. What goes wrong is logged each time.
        """
        pause = FIRST_PAUSE
        while not await self._read(synced):
            await self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def keep_whole(self, synced: Callable[[Synced], None]) -> None:
        """Make the index anew whenever it turns out to be damaged, for as long as it is used."""
        while True:
            await self._is_damaged.wait()
            await self.index.close()
            await self.run(synced)
            self._is_damaged.clear()

    def _note_damage(self, damage: Damage) -> None:
        if not self._is_damaged.is_set():
            self._damage = damage
            self._far.begin()
            self._is_damaged.set()

    async def _read(self, synced: Callable[[Synced], None]) -> bool:
        """Try it; whether there is an index now."""
        done = await try_to_sync(
            self._settings, self._far.progress, self._meter, damage=self._damage
        )
        if done is None:
            self._far.failed()
        else:
            self._damage = None
        if not self.index.is_open:
            await self._open_if_possible()
        if done is not None:
            synced(done)
        self._tried.set()
        return self.index.is_open

    async def _open_if_possible(self) -> None:
        """Also where the sync failed: another process may have made an index meanwhile."""
        try:
            await self.open()
        except IndexFileError as error:
            self._far.failed()
            _log.warning("the index could not be opened", cause=error)


@asynccontextmanager
async def index_at_once(
    settings: Settings, sleep: Callable[[float], Awaitable[None]], meter: Meter = NO_METER
) -> AsyncIterator[FirstReading]:
    """The index as it is there or not. Raises IndexFileError where no sync would mend it."""
    reading = FirstReading(settings, sleep, meter)
    try:
        await reading.open()
        yield reading
    finally:
        await reading.index.close()
