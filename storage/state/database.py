"""Opening the state, its transactions, and what its failures mean."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Table, column, inspect, select, table, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.address import Server
from bot.errors import StateError
from storage.state import sqlite
from storage.state.moved import refuse_moved
from storage.state.tables import HEAD

# So many hundredths of a second connections may take to come back, at the end.
_RETURNED_WITHIN = 100

# Kept by Alembic: the one row names the last migration that was made.
VERSION_TABLE = "alembic_version"
# Stands before it where the state has been moved to another database.
MOVED = "moved:"
_VERSION = table(VERSION_TABLE, column("version_num"))


class Database(Protocol):
    """Where a state is kept, and all that differs there. As text it is what messages call it."""

    @property
    def reading(self) -> Mapping[str, object]:
        """The options of a transaction that only reads."""
        ...

    @property
    def writing(self) -> Mapping[str, object]:
        """The options of a transaction that writes."""
        ...

    def in_turn(self) -> AbstractAsyncContextManager[None]:
        """What who writes is within, and may wait for. Raises StateError."""
        ...

    async def prepare(self) -> None:
        """What is done before anything is opened. Raises StateError."""
        ...

    def engine(self, *, wholesale: bool = False) -> AsyncEngine:
        """An engine; nothing is opened yet.

        `wholesale` is for work on the whole database: it may take its time, and SQLite does not
        follow foreign keys, so that tables can be replaced.
        """
        ...

    def lock(self, connection: Connection) -> None:
        """Let only one migrate at a time, until its transaction has ended."""
        ...

    def refuse_foreign(self, connection: Connection) -> None:
        """Refuse the database of another program. Raises StateError."""
        ...

    def refuse_damaged(self, connection: Connection) -> None:
        """Refuse a database that is damaged, where it can be asked. Raises StateError."""
        ...

    def mark(self, connection: Connection) -> None:
        """Note whose the database is, as a part of the transaction."""
        ...

    def alone(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Let nobody else write until the transaction has ended; others may read meanwhile."""
        ...

    def refuse_in_use(self, connection: Connection) -> None:
        """Refuse a server's database that another program has open. Raises StateError."""
        ...

    def last_id(self, connection: Connection, table: Table) -> int:
        """The highest number that a table has ever given to a row."""
        ...

    def set_last_id(self, connection: Connection, table: Table, number: int) -> None:
        """Let a table count on from a number."""
        ...

    def now(self, connection: Connection) -> datetime:
        """What its clock says (UTC)."""
        ...

    def size(self, connection: Connection) -> int:
        """How much room it takes, in bytes."""
        ...

    def damages(self, connection: Connection) -> Sequence[str]:
        """What is found damaged in it, in the database's own words, where it can be asked."""
        ...

    async def settle(self, engine: AsyncEngine) -> None:
        """Let nothing of what was deleted be left beside the database, as far as that can be."""
        ...

    def failure(self, error: Exception) -> StateError | None:
        """What a failure means for the operator; None for a mistake of ours."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """The opened state; several tasks may use it at once, until it is `closed`.

    What is awaited inside a transaction is its queries only: whoever writes keeps others waiting.
    """

    database: Database
    engine: AsyncEngine
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees the state as of its first query. Raises StateError."""
        engine = self._engine(self.database.reading)
        with failures_of(self.database):
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write, whole or not at all. Raises StateError.

        It is committed at the end; an exception, cancelling too, takes everything back. On SQLite
        there is one at a time, and it waits for its turn; on PostgreSQL several go on beside each
        other and see what others have committed meanwhile.
        """
        async with self.database.in_turn():
            engine = self._engine(self.database.writing)
            with failures_of(self.database):
                async with engine.begin() as connection:
                    yield connection

    async def settle(self) -> None:
        """Let nothing of what was deleted be left beside the database. Raises StateError."""
        with failures_of(self.database):
            await self.database.settle(self._engine({}))

    def _engine(self, options: Mapping[str, object]) -> AsyncEngine:
        """The engine for a transaction. Who comes too late would leave a connection open."""
        if self.closed.is_set():
            raise StateError("state.failed", path=str(self.database), cause="it was closed")
        return self.engine.execution_options(**options)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a state is: its last migration (None: it has no tables yet), and its size in bytes."""

    revision: str | None
    size: int
    damages: Sequence[str]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_state(
    address: Path | Server,
    backups: Path | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> AsyncIterator[State]:
    """The state in a file or on a server, which is made or migrated where it has to be.

    Before it is migrated a backup of it is written into the directory `backups`; None is for a
    state that nobody would miss, such as a copy. Its tasks must have ended when it closes; then no
    thread and no connection of it is left, and who asks it later gets a StateError as well. Raises
    StateError: for a damaged or foreign database and for one of a newer program, and where there is
    no backup in the end; they stay as they are.
    """
    if isinstance(address, Path):
        refuse_moved(address)
    # What it imports takes long.
    database = await asyncio.to_thread(database_at, address, backups)
    await database.prepare()
    async with opened(database) as state:
        async with state.reading() as connection:
            await connection.run_sync(database.refuse_foreign)
            await connection.run_sync(database.refuse_damaged)
            current = await connection.run_sync(revision_of) == HEAD
        if not current:
            # Alembic takes long to import, and a state is seldom migrated.
            await asyncio.to_thread(import_module, "storage.state.upgrading")
            from storage.state.upgrading import bring_up_to_date

            await bring_up_to_date(address, backups, now)
        yield state


async def look_at(address: Path | Server, backups: Path | None = None) -> Condition:
    """How a state is that is there already, which stays as it is. Raises StateError."""
    database = await asyncio.to_thread(database_at, address, backups)
    await database.prepare()
    async with opened(database) as state, state.reading() as connection:
        await connection.run_sync(database.refuse_foreign)
        revision = await connection.run_sync(revision_of)
        await refuse_newer(database, revision)
        return Condition(
            revision,
            await connection.run_sync(database.size),
            await connection.run_sync(database.damages),
        )


def database_at(address: Path | Server, backups: Path | None = None) -> Database:
    """What there is to know of the kind of database at an address, with a directory of backups."""
    if isinstance(address, Path):
        return sqlite.File(address, backups)
    # Who keeps the state in a file does not wait for what is imported for servers.
    from storage.state import postgresql

    return postgresql.Database(address)


@asynccontextmanager
async def opened(database: Database, *, wholesale: bool = False) -> AsyncIterator[State]:
    """The state as it is, neither looked at nor migrated; `wholesale` as for the engine."""
    engine = database.engine(wholesale=wholesale)
    state = State(database, engine)
    try:
        yield state
    finally:
        state.closed.set()
        await _returned(engine)
        await engine.dispose()


async def _returned(engine: AsyncEngine) -> None:
    """Wait, but not for long, until all connections are back that are to be closed.

    SQLAlchemy returns that of a cancelled task in a task of its own, which may come behind.
    """
    for _ in range(_RETURNED_WITHIN):
        if not engine.pool.checkedout():  # type: ignore[attr-defined]
            return
        await asyncio.sleep(0.01)


async def refuse_newer(database: Database, revision: str | None) -> None:
    """Refuse what a newer program has made, and what was moved elsewhere. Raises StateError."""
    if revision in (None, HEAD):
        return
    if revision.startswith(MOVED):
        raise StateError("state.moved", path=str(database))
    await asyncio.to_thread(import_module, "storage.state.migrations")
    from storage.state.migrations import is_known

    if not is_known(revision):
        raise StateError("state.newer", path=str(database))


def revision_of(connection: Connection) -> str | None:
    """The last migration that was made, None for a state that has had none."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def set_revision(connection: Connection, revision: str) -> None:
    """Note another last migration, as a part of the transaction."""
    connection.execute(update(_VERSION).values(version_num=revision))


@contextmanager
def failures_of(database: Database) -> Iterator[None]:
    """Turn the database's failures into StateError; our own mistakes in using it stay."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        if (failure := database.failure(error)) is None:
            raise
        raise failure from error
