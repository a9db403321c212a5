"""Builds everything from the settings, and starts and stops it in order."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bot.archive.lock import exclusive
from bot.archive.sources import Archive, DirectorySource
from bot.chat.chat import Chat, Clocks
from bot.chat.codes import Codes
from bot.chat.floods import Floods
from bot.chat.library import Library
from bot.errors import IndexFileError, OperatorError
from bot.hiding import TakenDown
from bot.later import LaterCodes, later_stores
from bot.ports import Platform
from bot.settings import Settings
from bot.stores import Hidden, Stores
from storage.index.database import FILE_NAME, set_aside
from storage.index.reader import IndexReader, open_reader

if TYPE_CHECKING:
    from bot.archive.sync import Summary

LOCK_NAME = "sync.lock"

# Told how many files of how many are done.
Progress = Callable[[int, int], None]


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


CLOCKS = Clocks(utc_now, time.monotonic)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, from which archive, and where a damaged index was put."""

    summary: "Summary"
    archive: Archive
    set_aside: Path | None


def index_path(settings: Settings) -> Path:
    """Where the index lies."""
    return settings.data / FILE_NAME


async def synchronise(
    settings: Settings,
    *,
    rebuild: bool = False,
    progress: Progress = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: None,
) -> Synced:
    """Bring the index up to date; a second sync at the same time waits for the first.

    Raises ArchiveError and IndexFileError; the index is then as it was.
    """
    # Only a sync needs these: they take longer to import than a search to answer.
    from bot.archive.sync import sync
    from bot.digest import choosing
    from storage.index.documents import prepare
    from storage.index.writer import open_writer

    path = index_path(settings)
    async with exclusive(settings.data / LOCK_NAME, on_wait):
        archive = await settings.archive.update()
        moved = await set_aside(path) if rebuild else None
        async with open_writer(path) as writer:
            summary = await sync(
                archive,
                settings.archive.name,
                writer,
                partial(prepare, choose=choosing.choose),
                time.time_ns(),
                prepared_by=f"chooser {choosing.CHOOSER_VERSION}",
                rebuild=rebuild,
                progress=progress,
            )
    return Synced(summary, archive, moved)


async def reach_archive(settings: Settings, on_wait: Callable[[], None] = lambda: None) -> Archive:
    """Bring the archive itself up to date without indexing it. Raises ArchiveError."""
    if isinstance(settings.archive, DirectorySource):
        return await settings.archive.update()
    # A clone has only one who works on it.
    async with exclusive(settings.data / LOCK_NAME, on_wait):
        return await settings.archive.update()


@asynccontextmanager
async def opened_index(
    settings: Settings, progress: Progress = lambda done, total: None
) -> AsyncIterator[IndexReader]:
    """The index for reading; one that is missing or of another version is made first."""
    path = index_path(settings)
    async with AsyncExitStack() as stack:
        try:
            reader = await stack.enter_async_context(open_reader(path))
        except IndexFileError as error:
            if error.key not in ("index.missing", "index.outdated"):
                raise
            await synchronise(settings, progress=progress)
            reader = await stack.enter_async_context(open_reader(path))
        yield reader


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncIterator[Stores]:
    """The stores of the state. Raises StateError."""
    # It takes long, and people are answered meanwhile.
    await asyncio.to_thread(import_module, "storage.state.stores")
    from storage.state.database import open_state
    from storage.state.stores import stores_of

    async with open_state(settings.state) as state:
        yield stores_of(state)


def taken_down(settings: Settings) -> TakenDown:
    """What is hidden, for one who reads it once: the state is opened for that, if there is one."""

    async def read() -> Hidden:
        async with opened_stores(settings) as stores:
            return await stores.hidden.all()

    return TakenDown(read, lambda: has_state(settings))


def has_state(settings: Settings) -> bool:
    """Whether there may be a state; a file is only made when it is needed."""
    return not isinstance(settings.state, Path) or settings.state.exists()


@asynccontextmanager
async def opened_chat(
    settings: Settings,
    platforms: Sequence[Platform],
    *,
    clocks: Clocks = CLOCKS,
    floods: Floods | None = None,
    progress: Progress = lambda done, total: None,
) -> AsyncIterator[Chat]:
    """The chat on the index, for the platforms where it speaks unasked.

    An index that is missing or of another version is made first, which tells its `progress`; the
    state is opened once it is needed. Raises ArchiveError and IndexFileError.
    """
    async with AsyncExitStack() as until:
        index = await until.enter_async_context(opened_index(settings, progress))
        opening = later_stores(lambda: opened_stores(settings), clocks.now, settings.keep)
        codes = Codes(LaterCodes(await until.enter_async_context(opening)))
        library = Library(index, site_url(settings), Random())  # noqa: S311 (no secret)
        by_name = {platform.name: platform for platform in platforms}
        yield Chat(library, codes, clocks, by_name, floods)


def site_url(settings: Settings) -> str | None:
    """The site's address: as set, else as the archive's own configuration has it."""
    return settings.site_url or Archive(settings.archive.directory).base_url()


async def keep_in_step(settings: Settings, sleep: Callable[[float], Awaitable[None]]) -> None:
    """Sync again and again, for as long as the program runs.

    What goes wrong is logged and tried again next time, whatever it is; until then the index serves
    what it has.
    """
    while settings.sync_every:
        await sleep(settings.sync_every.total_seconds())
        try:
            summary = (await synchronise(settings)).summary
        except OperatorError as error:
            _log.warning("the archive could not be read again: %s", error)
        except Exception:
            _log.exception("incident %s: a sync failed", secrets.token_hex(4))
        else:
            if summary.added or summary.changed or summary.removed:
                _log.info(
                    "the archive was read again: %d added, %d changed, %d removed",
                    summary.added,
                    summary.changed,
                    summary.removed,
                )
