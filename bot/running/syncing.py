"""Syncs of the index with the archive: one at a time, and again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from structlog.stdlib import get_logger

from bot.archive.files import Archive
from bot.archive.lock import exclusive
from bot.archive.sources import DirectorySource
from bot.errors import IndexFileError, OperatorError
from bot.incidents import incident
from bot.meter import NO_METER, Meter
from bot.settings import Settings
from storage.index.damage import Damage, damage_in, damage_of, put_aside
from storage.index.database import FILE_NAME

if TYPE_CHECKING:
    from bot.archive.sync import Summary

LOCK_NAME = "sync.lock"

# Told how many files of how many are done.
Progress = Callable[[int, int], None]

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, from which archive, and where a damaged index was put."""

    summary: "Summary"
    archive: Archive
    put_aside: Path | None


def index_path(settings: Settings) -> Path:
    """Where the index lies."""
    return settings.data / FILE_NAME


async def synchronise(
    settings: Settings,
    *,
    rebuild: bool = False,
    mend: bool = False,
    damage: Damage | None = None,
    progress: Progress = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: None,
) -> Synced:
    """Bring the index up to date; a second sync at the same time waits for the first.

    With `mend` an index that turns out to be damaged, or was found to be so (`damage`), is put
    aside and made anew. Raises ArchiveError and IndexFileError; the index is then as it was.
    """
    # Only a sync needs these: they take longer to import than a search to answer.
    from bot.archive.sync import sync
    from bot.digest import choosing
    from storage.index.documents import prepare
    from storage.index.writer import open_writer

    path = index_path(settings)
    async with exclusive(settings.data / LOCK_NAME, on_wait):
        if damage is not None:
            await _put_aside(path, damage)
        archive = await settings.archive.update()
        aside = None
        if rebuild and (found := await damage_in(path)) is not None:
            # A sound one stays: a rebuild replaces it in one transaction.
            aside = await asyncio.to_thread(put_aside, path, found)

        async def read() -> "Summary":
            async with open_writer(path) as writer:
                return await sync(
                    archive,
                    settings.archive.name,
                    writer,
                    partial(prepare, choose=choosing.choose),
                    time.time_ns(),
                    prepared_by=f"chooser {choosing.CHOOSER_VERSION}",
                    rebuild=rebuild,
                    progress=progress,
                )

        try:
            summary = await read()
        except IndexFileError as error:
            if not mend or error.key != "index.damaged":
                raise
            await _put_aside(path, damage_of(path, error))
            summary = await read()
    return Synced(summary, archive, aside)


async def _put_aside(path: Path, damage: Damage) -> None:
    """Put a damaged index aside where nobody has asked for it, and say so in the log."""
    aside = await asyncio.to_thread(put_aside, path, damage)
    if aside is not None:
        _log.warning(
            "the index is damaged and is made anew", cause=damage.cause, damaged_one=str(aside)
        )


async def reach_archive(settings: Settings, on_wait: Callable[[], None] = lambda: None) -> Archive:
    """Bring the archive itself up to date without indexing it. Raises ArchiveError."""
    if isinstance(settings.archive, DirectorySource):
        return await settings.archive.update()
    # A clone has only one who works on it.
    async with exclusive(settings.data / LOCK_NAME, on_wait):
        return await settings.archive.update()


async def keep_in_step(
    settings: Settings,
    sleep: Callable[[float], Awaitable[None]],
    synced: Callable[[Synced], None] = lambda _: None,
    meter: Meter = NO_METER,
) -> None:
    """Sync again and again, for as long as the program runs; `synced` is told what came of it.

    What goes wrong is logged and tried again next time, whatever it is; until then the index serves
    what it has.
    """
    while settings.sync_every:
        await sleep(settings.sync_every.total_seconds())
        if (done := await try_to_sync(settings, meter=meter)) is not None:
            synced(done)


async def try_to_sync(
    settings: Settings,
    progress: Progress = lambda done, total: None,
    meter: Meter = NO_METER,
    *,
    damage: Damage | None = None,
) -> Synced | None:
    """Sync once. What came of it is logged, and also what went wrong, whatever it is: then None.

    An index that is damaged is made anew, as with `mend`. To the meter one is a failure also where
    the archive could not be reached and is as it was: nothing new comes in.
    """
    began = time.monotonic()
    synced = await _tried(settings, progress, damage)
    succeeded = synced is not None and synced.archive.stale is None
    meter.synced(time.monotonic() - began, succeeded=succeeded)
    return synced


async def _tried(settings: Settings, progress: Progress, damage: Damage | None) -> Synced | None:
    try:
        synced = await synchronise(settings, mend=True, damage=damage, progress=progress)
    except OperatorError as error:
        _log.warning("the archive could not be read", cause=error)
        return None
    except Exception as error:
        incident(_log, "a sync failed", error)
        return None
    if synced.archive.stale is not None:
        _log.warning("the archive is as it was, it cannot be reached", cause=synced.archive.stale)
    summary = synced.summary
    if summary.added or summary.changed or summary.removed:
        _log.info(
            "the archive was read",
            added=summary.added,
            changed=summary.changed,
            removed=summary.removed,
        )
    return synced
