"""Bringing an older state up to date, after a backup of it: there is no other way back."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.stdlib import get_logger

from bot.address import Server
from bot.errors import StateError
from storage.state.backup import back_up
from storage.state.database import Database, database_at, opened, refuse_newer, revision_of
from storage.state.migrations import upgrade
from storage.state.tables import HEAD

_log = get_logger(__name__)

# How many backups are kept that were made here: of one revision, and in all.
KEPT_OF_ONE, KEPT = 2, 5

# What nobody else calls a file, so that one that was put there by hand is never deleted.
_NAME = re.compile(r"before-migration-(?P<revision>\w+)-\d{8}T\d{12}Z\.sqlite3")


async def bring_up_to_date(
    address: Path | Server, backups: Path | None, now: Callable[[], datetime]
) -> None:
    """Make the migrations that are missing, all or none. Raises StateError.

    A state with an older schema is first backed up into the directory `backups`, under a name with
    the time of `now` (UTC), and stays as it is where that fails; a new one needs no backup. Whoever
    opens it at the same time waits, and finds it done.
    """
    database = database_at(address, backups)
    async with (
        opened(database, wholesale=True) as state,
        state.writing() as connection,
    ):
        await connection.run_sync(database.lock)
        await connection.run_sync(database.refuse_foreign)
        revision = await connection.run_sync(revision_of)
        await refuse_newer(database, revision)
        if revision == HEAD:
            return
        if revision is None or backups is None:
            await migrate(database, connection)
            return
        name = f"before-migration-{revision}-{now():%Y%m%dT%H%M%S%fZ}.sqlite3"
        file = await _back_up(address, backups / name)
        try:
            await migrate(database, connection)
        except BaseException:
            # Nothing has changed, so it would only push others out.
            await asyncio.to_thread(file.unlink, missing_ok=True)
            raise
    _log.info("the state was brought up to date", schema=HEAD, before=revision, backup=str(file))
    try:
        await asyncio.to_thread(_delete_old, backups)
    except OSError as error:
        # The state is as it has to be; they only take room.
        _log.warning("old backups could not be deleted", path=str(backups), cause=error)


async def migrate(database: Database, connection: AsyncConnection) -> None:
    """Make the migrations that are missing, as a part of the transaction."""
    await connection.run_sync(upgrade)
    await connection.run_sync(database.mark)


async def _back_up(address: Path | Server, file: Path) -> Path:
    """Write a backup while nobody else migrates. Raises StateError."""
    try:
        await asyncio.to_thread(_prepare, file.parent)
        await back_up(address, file)
    except OSError as error:
        raise _not_migrated(address, file, error.strerror) from error
    except StateError as error:
        if error.key != "state.backup_failed":
            raise
        raise _not_migrated(address, file, error.details["cause"]) from error
    return file


def _not_migrated(address: Path | Server, file: Path, cause: object) -> StateError:
    return StateError("state.not_migrated", path=str(address), backup=str(file.parent), cause=cause)


def _prepare(directory: Path) -> None:
    """Make the directory, and delete what a backup that was killed has left. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in directory.glob(".before-migration-*.part"):
        shutil.rmtree(left, ignore_errors=True)


def _delete_old(directory: Path) -> None:
    """Delete all but the newest of those that were made here."""
    made = {
        file: found["revision"]
        for file in directory.iterdir()
        if (found := _NAME.fullmatch(file.name)) is not None
    }
    kept: Counter[str] = Counter()
    # The names of one revision are in the order of time, and so are revisions.
    for file, revision in sorted(made.items(), key=lambda item: item[0].name, reverse=True):
        if kept[revision] >= KEPT_OF_ONE or kept.total() >= KEPT:
            file.unlink(missing_ok=True)
        else:
            kept[revision] += 1
