"""Opening the index file: whose it is, which version, and what SQLite's failures mean."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import IndexFileError
from storage.files import primary_name
from storage.header import header_of
from storage.index.schema import APPLICATION_ID, INDEX_VERSION, TABLE_NAMES

FILE_NAME = "index.sqlite3"
BUSY_SECONDS = 30.0

# What SQLite keeps of the file for each connection that writes, and each that only reads. Reading
# takes hardly longer with little of it, since the system keeps the file's pages as well.
CACHE_KIB = 32 * 1024
READING_KIB = 4 * 1024

Result = TypeVar("Result")

_REASONS = {
    "SQLITE_NOTADB": "index.damaged",
    "SQLITE_CORRUPT": "index.damaged",
    "SQLITE_FULL": "index.disk_full",
    "SQLITE_READONLY": "index.read_only",
    "SQLITE_CANTOPEN": "index.cannot_open",
    "SQLITE_PERM": "index.cannot_open",
    "SQLITE_BUSY": "index.busy",
    "SQLITE_LOCKED": "index.busy",
    "SQLITE_IOERR": "index.disk_error",
}


@contextmanager
def failures_of(path: Path) -> Iterator[None]:
    """Turn SQLite's failures with the index file into IndexFileError."""
    try:
        yield
    except sqlite3.Error as error:
        name = primary_name(error)
        key = _REASONS.get(name)
        if not name and isinstance(error, sqlite3.OperationalError):
            # Python's own complaint, not SQLite's: a text in the file is no UTF-8.
            key = "index.damaged"
        if key is None:
            raise
        raise IndexFileError(key, path=str(path), cause=str(error)) from error
    except OSError as error:
        raise IndexFileError("index.disk_error", path=str(path), cause=str(error)) from error


class ThreadConnection(aiosqlite.Connection):
    """A connection that also takes work which asks more than one question of it.

    One that was left open does not keep the program from ending.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True

    @property
    def within(self) -> sqlite3.Connection:
        """The connection itself, to be used by what `run` is given and by nothing else."""
        return self._conn

    async def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do some work on the connection's own thread, in turn with its statements."""
        done: Result = await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]
        return done

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """The same with the database as of one moment, whatever others write meanwhile."""
        return await self.run(lambda connection: _as_of_one_moment(connection, work))


async def connect(path: Path, cache_kib: int = CACHE_KIB) -> ThreadConnection:
    """Open a connection that commits by itself unless a transaction is begun.

    Each connection is a thread that lives until it is closed. Raises IndexFileError, for a file
    that is not ours without having touched it.
    """
    await asyncio.to_thread(refuse_unopened, path)
    with failures_of(path):
        connection = ThreadConnection(lambda: _connected(path))
        await connection
        try:
            await connection.execute(f"PRAGMA cache_size = -{cache_kib}")
            await connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            await connection.close()
            raise
        return connection


async def is_current(connection: aiosqlite.Connection, path: Path) -> bool:
    """Whether the file holds an index of this program's version; an empty file does not.

    Raises IndexFileError for a damaged or foreign file and for one of a newer program.
    """
    with failures_of(path):
        (application_id,) = await _row(connection, "PRAGMA application_id")
        (version,) = await _row(connection, "PRAGMA user_version")
        names = await connection.execute_fetchall("SELECT name FROM sqlite_schema")
        tables = {str(row[0]) for row in names}
        _refuse_others(path, application_id, version, len(tables))
        if application_id != APPLICATION_ID or version != INDEX_VERSION:
            return False
        if missing := set(TABLE_NAMES) - tables:
            cause = f"no table {min(missing)}"
            raise IndexFileError("index.damaged", path=str(path), cause=cause)
        return True


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)


def _as_of_one_moment(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]
) -> Result:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        # After some failures SQLite has ended it by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _refuse_others(path: Path, application_id: int, version: int, tables: int) -> None:
    """Raise IndexFileError for another program's database, and for one of a newer matome."""
    if application_id != APPLICATION_ID:
        if tables or application_id:
            raise IndexFileError("index.foreign", path=str(path))
    elif version > INDEX_VERSION:
        raise IndexFileError("index.newer", path=str(path), found=version, known=INDEX_VERSION)


def refuse_unopened(path: Path) -> None:
    """Look whose a file is without leaving a trace."""
    if (header := header_of(path)) is not None:
        _refuse_others(path, *header)


async def check(path: Path) -> None:
    """Look through the whole file. Raises IndexFileError where it is damaged."""
    connection = await connect(path)
    try:
        with failures_of(path):
            found = await _row(connection, "PRAGMA quick_check(1)")
        if found[0] != "ok":
            raise IndexFileError("index.damaged", path=str(path), cause=str(found[0]))
    finally:
        await connection.close()


async def _row(connection: aiosqlite.Connection, sql: str) -> tuple[Any, ...]:
    async with connection.execute(sql) as cursor:
        row = await cursor.fetchone()
    assert row is not None
    return tuple(row)


async def one(
    connection: ThreadConnection, sql: str, values: tuple[object, ...] = ()
) -> aiosqlite.Row:
    """The only row of a query."""
    async with connection.execute(sql, values) as cursor:
        row = await cursor.fetchone()
    assert row is not None
    return row
