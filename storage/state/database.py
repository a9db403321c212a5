"""Opening the state, its transactions, and what its failures mean."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StateError
from storage.state import sqlite
from storage.state.tables import HEAD

# Kept by Alembic: the one row names the last migration that was made.
_VERSION = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class State:
    """The opened state; several tasks may use it at once.

    What is awaited inside a transaction is its queries only: whoever writes keeps others waiting.
    """

    path: Path
    engine: AsyncEngine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees the state as of its first query. Raises StateError."""
        with failures_of(self.path):
            async with self.engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """The one transaction that may write, whole or not at all. Raises StateError.

        It is committed at the end; an exception, cancelling too, takes everything back. Waits for
        its turn.
        """
        engine = self.engine.execution_options(**{sqlite.BEGIN: "IMMEDIATE"})
        with failures_of(self.path):
            async with engine.begin() as connection:
                yield connection


@asynccontextmanager
async def open_state(path: Path) -> AsyncIterator[State]:
    """The state in a file, which is made or migrated where it has to be.

    Its tasks must have ended when it closes; then no thread of it is left. Raises StateError: for
    a damaged or foreign file and for one of a newer program, which stay as they are.
    """
    await asyncio.to_thread(sqlite.prepare, path)
    async with _opened(path) as state:
        async with state.reading() as connection:
            await connection.run_sync(sqlite.refuse_foreign, path)
            current = await connection.run_sync(_revision) == HEAD
        if not current:
            await _migrate(path)
        yield state


@asynccontextmanager
async def _opened(path: Path, *, foreign_keys: bool = True) -> AsyncIterator[State]:
    engine = sqlite.engine_of(path, foreign_keys=foreign_keys)
    try:
        yield State(path, engine)
    finally:
        await engine.dispose()


async def _migrate(path: Path) -> None:
    """Make the migrations that are missing, all or none. Raises StateError.

    Whoever opens it at the same time waits, and finds it done. SQLite changes a table by copying
    and dropping it, which with foreign keys would delete the rows that refer to it.
    """
    # Alembic takes long to import, and a state is seldom migrated.
    from storage.state.migrations import is_known, upgrade

    async with (
        _opened(path, foreign_keys=False) as state,
        state.writing() as connection,
    ):
        await connection.run_sync(sqlite.refuse_foreign, path)
        revision = await connection.run_sync(_revision)
        if revision is not None and not is_known(revision):
            raise StateError("state.newer", path=str(path))
        if revision != HEAD:
            await connection.run_sync(upgrade)
            await connection.run_sync(sqlite.mark)


def _revision(connection: Connection) -> str | None:
    """The last migration that was made, None for a state that has had none."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


@contextmanager
def failures_of(path: Path) -> Iterator[None]:
    """Turn the database's failures into StateError; our own mistakes in using it stay."""
    try:
        yield
    except (DataError, IntegrityError, NotSupportedError, ProgrammingError):
        raise
    except DBAPIError as error:
        cause = error.orig or error
        key = "state.unreadable" if sqlite.is_unreadable(cause) else "state.failed"
        raise StateError(key, path=str(path), cause=str(cause)) from error
    except NoConnectionFree as error:
        raise StateError("state.failed", path=str(path), cause=str(error)) from error
