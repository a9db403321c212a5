"""All that the state does differently on SQLite: connections, transactions, whose file it is.

The one place that changes for another database; the queries are the same on all.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StateError
from storage.header import header_of

# "mtm2": tells a state from other programs' SQLite databases, and from an index.
APPLICATION_ID = 0x6D746D32

# How long a transaction waits for another process's.
BUSY_SECONDS = 10.0

# The execution option that says how a transaction begins.
BEGIN = "sqlite_begin"

_UNREADABLE = {
    "SQLITE_AUTH",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_PERM",
    "SQLITE_READONLY",
}


def prepare(path: Path) -> None:
    """Make the directory and refuse what is surely no state, without touching it.

    Raises StateError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = error.strerror or str(error)
        raise StateError("state.unreadable", path=str(path), cause=cause) from error
    if (header := header_of(path)) is not None:
        _refuse_others(path, header.application_id, header.tables)
    # What people searched for is nobody else's business.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def engine_of(path: Path, *, foreign_keys: bool = True) -> AsyncEngine:
    """An engine for the file; nothing is opened yet.

    Transactions are SQLAlchemy's, as it advises for SQLite: the driver begins none by itself, and
    the option BEGIN says whether one only reads or writes ("IMMEDIATE"). One that came to write
    after it had read would fail as soon as another has written meanwhile.
    """

    async def connect() -> aiosqlite.Connection:
        return await _connect(path, foreign_keys)

    engine = create_async_engine("sqlite+aiosqlite:///state", async_creator=connect)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get(BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


async def _connect(path: Path, foreign_keys: bool) -> aiosqlite.Connection:
    """Open a connection, which is a thread until it is closed. Raises sqlite3.Error."""
    connection = await aiosqlite.connect(
        os.fspath(path), isolation_level=None, timeout=BUSY_SECONDS
    )
    try:
        # A commit that was told of outlives a power failure: the state is not derived.
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute(f"PRAGMA foreign_keys = {foreign_keys:d}")
        await _use_write_ahead_log(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _use_write_ahead_log(connection: aiosqlite.Connection) -> None:
    """Let readers and the writer go on beside each other; the file keeps that setting.

    Of two connections that change it at the same time one may fail without waiting. Nothing is
    lost then: it follows the other as soon as it begins a transaction.
    """
    try:
        await connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if _primary_name(error) != "SQLITE_BUSY":
            raise


def refuse_foreign(connection: Connection, path: Path) -> None:
    """Refuse the database of another program. Raises StateError."""
    application_id = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
    _refuse_others(path, application_id, tables)


def mark(connection: Connection) -> None:
    """Write into the file whose it is, as a part of the transaction."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def is_unreadable(error: BaseException) -> bool:
    """Whether a failure is due to the file itself or its permissions, not to the moment."""
    return _primary_name(error) in _UNREADABLE


def _primary_name(error: BaseException) -> str:
    # Extended names begin with the primary one: SQLITE_CORRUPT_INDEX, SQLITE_BUSY_RECOVERY.
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])


def _refuse_others(path: Path, application_id: int, tables: int) -> None:
    if application_id != APPLICATION_ID and (application_id or tables):
        cause = "another program's database"
        raise StateError("state.unreadable", path=str(path), cause=cause)
