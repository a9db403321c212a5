"""A backup of the state: one file with all that it holds as of one moment, made while it runs."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.address import Server
from bot.errors import StateError
from storage.header import header_of
from storage.state.copying import Side, copy_numbering, copy_rows, counts, tables_of
from storage.state.database import (
    Database,
    database_at,
    look_at,
    opened,
    refuse_newer,
    revision_of,
)
from storage.state.migrations import upgrade
from storage.state.sqlite import APPLICATION_ID, File


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: its schema's version, and how many rows each table has."""

    revision: str
    rows: Mapping[str, int]


async def back_up(address: Path | Server, file: Path, *, force: bool = False) -> Contents:
    """Write all of a state into a file, a state itself, which only its owner may read.

    It is written beside, checked, and put in its place as a whole; an older state keeps its schema.
    With `force` it takes the place of another backup. Raises StateError; then nothing has changed.
    """
    database = database_at(address)
    try:
        await asyncio.to_thread(_refuse_place, address, file, force)
        with (
            TemporaryDirectory(prefix=f".{file.name}.", suffix=".part", dir=file.parent) as work,
            naming(file, written := Path(work) / "state.sqlite3", "state.backup_failed"),
        ):
            contents = await _write(database, written)
            await _check(written, contents)
            await asyncio.to_thread(_put_in_place, written, file, force)
    except OSError as error:
        cause = error.strerror or str(error)
        raise StateError("state.backup_failed", path=str(file), cause=cause) from error
    return contents


@contextmanager
def naming(file: Path, copy: Path, key: str) -> Iterator[None]:
    """Let what fails with a copy of a file be told of the file itself."""
    try:
        yield
    except StateError as error:
        if error.details.get("path") != str(copy):
            raise
        if "cause" not in error.details:
            raise StateError(error.key, **{**error.details, "path": str(file)}) from error
        raise StateError(key, path=str(file), cause=error.details["cause"]) from error


async def _write(database: Database, written: Path) -> Contents:
    target_database = File(written)
    await target_database.prepare()
    async with (
        opened(database, wholesale=True) as live,
        live.reading() as reading,
        opened(target_database, wholesale=True) as backup,
    ):
        await reading.run_sync(database.refuse_foreign)
        revision = await reading.run_sync(revision_of)
        await refuse_newer(database, revision)
        if revision is None:
            raise StateError("state.none", path=str(database))
        tables = await tables_of(reading, revision)
        async with backup.writing() as writing:
            await writing.run_sync(upgrade, revision)
            await writing.run_sync(target_database.mark)
            source, target = Side(database, reading), Side(target_database, writing)
            await copy_rows(source, target, tables)
            await copy_numbering(source, target, tables)
        return Contents(revision, await counts(reading, tables))


async def _check(written: Path, contents: Contents) -> None:
    """Read a backup again. Raises StateError where it is not what it should be."""
    found = await look_at(written)
    damages = list(found.damages)
    if found.revision != contents.revision:
        damages.append(f"schema {found.revision}")
    async with opened(File(written)) as backup, backup.reading() as connection:
        tables = await tables_of(connection, contents.revision)
        if await counts(connection, tables) != contents.rows:
            damages.append("rows are missing")
    if damages:
        raise StateError("state.failed", path=str(written), cause="; ".join(damages))


def _refuse_place(address: Path | Server, file: Path, force: bool) -> None:
    """Refuse to write where something is that is no backup, or where none is wished."""
    if isinstance(address, Path) and not address.exists():
        raise StateError("state.none", path=str(address))
    with suppress(OSError):
        if isinstance(address, Path) and file.samefile(address):
            raise StateError("state.backup_failed", path=str(file), cause="it is the state itself")
    if not file.exists():
        return
    if not force:
        raise StateError("state.backup_there", path=str(file))
    header = header_of(file)
    if header is None or header.application_id != APPLICATION_ID:
        cause = "the file that is there is no backup"
        raise StateError("state.backup_failed", path=str(file), cause=cause)


def _put_in_place(written: Path, file: Path, force: bool) -> None:
    """Give a backup its name once it is on the disk for sure. Raises OSError and StateError."""
    with closing(sqlite3.connect(written)) as database:
        # A file alone is all of it, which can be read where nothing can be written.
        database.execute("PRAGMA journal_mode = DELETE")
    _synchronise(written)
    if force:
        written.replace(file)
    else:
        _put_where_nothing_is(written, file)
    _synchronise(file.parent)


def _put_where_nothing_is(written: Path, file: Path) -> None:
    try:
        file.hardlink_to(written)
        return
    except FileExistsError as error:
        raise StateError("state.backup_there", path=str(file)) from error
    except OSError:
        # Not every file system gives a file two names.
        if file.exists():
            raise StateError("state.backup_there", path=str(file)) from None
    written.replace(file)


def _synchronise(path: Path) -> None:
    """Wait until a file or a directory is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
