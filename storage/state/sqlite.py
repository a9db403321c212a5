"""All that the state does differently on SQLite: connections, transactions, whose file it is.

The queries are the same on all databases.
"""

import asyncio
import os
import shlex
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import aiosqlite
from sqlalchemy import Connection, Integer, Table, Text, column, delete, event, insert, select
from sqlalchemy import table as lightweight
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StateError
from storage.files import identity, primary_name
from storage.header import header_of, newest_of
from storage.state.turns import in_turn

# "mtm2": tells a state from other programs' SQLite databases, and from an index.
APPLICATION_ID = 0x6D746D32

# How long a transaction waits for another process's.
BUSY_SECONDS = 10.0
# How long for readers before the write-ahead log can be brought in: somebody waits for an answer.
_SETTLE_SECONDS = 0.5

# What a connection is noted to have open, under this name.
_OPENED = "opened"

# The execution option that says how a transaction begins.
BEGIN = "sqlite_begin"

_UNREADABLE = {
    "SQLITE_AUTH",
    "SQLITE_CANTOPEN",
    "SQLITE_PERM",
    "SQLITE_READONLY",
}
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}

# Where SQLite keeps what tables count upwards.
_SEQUENCE = lightweight("sqlite_sequence", column("name", Text), column("seq", Integer))

_MISTAKES = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


@dataclass(frozen=True, slots=True)
class File:
    """A state in a file, as storage.state.database.Database asks.

    Where it is damaged, the newest backup in the directory `backups` is named.
    """

    path: Path
    backups: Path | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False, compare=False)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def reading(self) -> Mapping[str, object]:
        """The options of a transaction that only reads."""
        return {}

    @property
    def writing(self) -> Mapping[str, object]:
        """The options of one that writes: it waits for its turn before it has read anything.

        One that came to write after it had read would fail once another has written meanwhile.
        """
        return {BEGIN: "IMMEDIATE"}

    def in_turn(self) -> AbstractAsyncContextManager[None]:
        """One after the other, and not longer than it is waited for other processes."""
        return in_turn(self._turn, BUSY_SECONDS, str(self))

    async def prepare(self) -> None:
        """Make the directory and refuse what is surely no state, without touching it."""
        await asyncio.to_thread(_prepare, self.path)

    def engine(self, *, wholesale: bool = False) -> AsyncEngine:
        """An engine for the file; nothing is opened yet.

        Transactions are SQLAlchemy's, as it advises for SQLite: the driver begins none by itself.
        To change a table SQLite copies and drops it, which with foreign keys would delete the rows
        that refer to it.

        A file that is deleted or replaced goes on living for who has it open, and dies with them.
        So what is at the path is looked at before each transaction.
        """

        # A file that has gone is not replaced by an empty one.
        address = f"file:{quote(os.fsencode(self.path.absolute()))}?mode=rw"

        async def connect() -> aiosqlite.Connection:
            return await _connect(address, foreign_keys=not wholesale)

        engine = create_async_engine(
            "sqlite+aiosqlite:///state",
            async_creator=connect,
            # What is stored is in no error.
            hide_parameters=True,
        )

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            kind = connection.get_execution_options().get(BEGIN, "DEFERRED")
            connection.exec_driver_sql(f"BEGIN {kind}")

        @event.listens_for(engine.sync_engine, "connect")
        def note(_: DBAPIConnection, record: ConnectionPoolEntry) -> None:
            record.info[_OPENED] = identity(self.path)

        @event.listens_for(engine.sync_engine, "checkout")
        def look(_: DBAPIConnection, record: ConnectionPoolEntry, __: object) -> None:
            if record.info[_OPENED] != identity(self.path):
                raise DisconnectionError("another file, or none, is in its place")

        return engine

    def lock(self, connection: Connection) -> None:
        """Nothing: who writes is alone."""

    def refuse_foreign(self, connection: Connection) -> None:
        """Refuse the database of another program. Raises StateError."""
        application_id = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
        _refuse_others(self.path, application_id, tables)

    def refuse_damaged(self, connection: Connection) -> None:
        """Refuse a file in which SQLite finds anything damaged. Raises StateError."""
        if damages := self.damages(connection):
            raise self._damaged("; ".join(damages))

    def mark(self, connection: Connection) -> None:
        """Write into the file whose it is, as a part of the transaction."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    def alone(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Nothing: who writes is alone."""

    def refuse_in_use(self, connection: Connection) -> None:
        """Nothing: who runs on a file has its lock."""

    def last_id(self, connection: Connection, table: Table) -> int:
        """The highest number that a table has ever given to a row."""
        query = select(_SEQUENCE.c.seq).where(_SEQUENCE.c.name == table.name)
        return connection.scalar(query) or 0

    def set_last_id(self, connection: Connection, table: Table, number: int) -> None:
        """Let a table count on from a number."""
        connection.execute(delete(_SEQUENCE).where(_SEQUENCE.c.name == table.name))
        connection.execute(insert(_SEQUENCE).values(name=table.name, seq=number))

    def now(self, connection: Connection) -> datetime:
        """What its clock says (UTC): this machine's, as for all who have the file open."""
        return datetime.now(UTC)

    def size(self, connection: Connection) -> int:
        """How much room the file takes, in bytes."""
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def damages(self, connection: Connection) -> Sequence[str]:
        """What SQLite finds damaged in the file, the first of it."""
        found = connection.exec_driver_sql("PRAGMA quick_check(3)").scalars().all()
        return [] if found == ["ok"] else found

    async def settle(self, engine: AsyncEngine) -> None:
        """Bring in the write-ahead log, beside which the file has what was there before.

        Where somebody reads for longer than others wait, a later one does it.
        """
        async with engine.connect() as connection:
            # As it is: within a transaction nothing can be brought in.
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.executescript(
                f"PRAGMA busy_timeout = {_SETTLE_SECONDS * 1000:.0f};"
                "PRAGMA wal_checkpoint(TRUNCATE);"
                f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f};"
            )

    def failure(self, error: Exception) -> StateError | None:
        """What a failure means for the operator; None for a mistake of ours."""
        if isinstance(error, NoConnectionFree):
            return StateError("state.failed", path=str(self), cause=str(error))
        if not isinstance(error, DBAPIError) or isinstance(error, _MISTAKES):
            return None
        cause = error.orig or error
        name = primary_name(cause)
        if name in _DAMAGED:
            return self._damaged(str(cause))
        key = "state.unreadable" if name in _UNREADABLE else "state.failed"
        return StateError(key, path=str(self), cause=str(cause))

    def _damaged(self, cause: str) -> StateError:
        told = {"path": str(self), "cause": cause}
        newest = None if self.backups is None else newest_of(self.backups, APPLICATION_ID)
        if newest is None:
            return StateError("state.damaged", **told)
        backup = shlex.quote(str(newest))
        return StateError("state.damaged_backup", **told, data=str(newest.parent), backup=backup)


def is_damaged(path: Path) -> bool:
    """Whether a file is none that SQLite can read as a whole; another program's is not asked.

    Raises StateError where it cannot be opened for another reason.
    """
    header = header_of(path)
    if header is not None and header.application_id != APPLICATION_ID:
        return False
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
            return database.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]
    except sqlite3.Error as error:
        if primary_name(error) in _DAMAGED:
            return True
        raise StateError("state.unreadable", path=str(path), cause=str(error)) from error


def _prepare(path: Path) -> None:
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


class _Connection(sqlite3.Connection):
    """A connection that ends its transaction when it is closed.

    Where a task was cancelled within an INSERT … RETURNING, its exception keeps the unfinished
    statement, and with that SQLite keeps a closed connection's lock until the next collection of
    garbage.
    """

    def close(self) -> None:
        """Take everything back that was not committed, and close."""
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


async def _connect(address: str, *, foreign_keys: bool) -> aiosqlite.Connection:
    """Open a connection, which is a thread until it is closed. Raises sqlite3.Error."""
    connection = aiosqlite.connect(
        address,
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        factory=_Connection,
    )
    # As SQLAlchemy has it for connections of its own: one that was left open, say by a task that
    # was cancelled twice, must not keep the program from ending.
    connection._thread.daemon = True
    await connection
    try:
        # A commit that was told of outlives a power failure: the state is not derived.
        await connection.execute("PRAGMA synchronous = FULL")
        # What was deleted is not left to be read in the file; not every SQLite is built so.
        await connection.execute("PRAGMA secure_delete = ON")
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
        if primary_name(error) != "SQLITE_BUSY":
            raise


def _refuse_others(path: Path, application_id: int, tables: int) -> None:
    if application_id != APPLICATION_ID and (application_id or tables):
        cause = "another program's database"
        raise StateError("state.unreadable", path=str(path), cause=cause)
