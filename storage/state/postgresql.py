"""All that the state does differently on PostgreSQL: connections, transactions, whose it is.

The queries are the same on all databases.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from sqlalchemy import Connection, DateTime, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.address import Server
from bot.errors import StateError

# A server that does not answer is noticed within seconds: who waits is told so, and others go on.
CONNECT_SECONDS = 4.0
QUERY_SECONDS = 5.0
LOCK_SECONDS = 4.0

# A migration or a restore may take as long as it likes, but not for ever.
PATIENCE_SECONDS = 3600.0

# Who stops in the middle of a transaction keeps others waiting no longer than that.
IDLE_SECONDS = 10.0

CONNECTIONS = 10

# Under which the server knows us.
APPLICATION = "matome"

# "mtm2": what those wait for who want to migrate at the same time.
MIGRATION_LOCK = 0x6D746D32

# The first tables that a state ever had: both are there, or it is none.
_OURS = {"alembic_version", "stored_code"}

# Classes of SQLSTATE that are our own mistakes: of data, integrity and syntax, and what there is
# not; but not missing rights and tables.
_MISTAKES = ("22", "23", "42", "0A")
_NO_MISTAKES = {"42501", "42P01"}

# Of those that say that the database cannot be used at all: wrong password, none of that name, no
# rights.
_UNREADABLE = ("28", "3D", "42501")


@dataclass(frozen=True, slots=True)
class Database:
    """A state on a server, as storage.state.database.Database asks."""

    server: Server

    def __str__(self) -> str:
        return str(self.server)

    @property
    def reading(self) -> Mapping[str, object]:
        """The options of a transaction that only reads, and sees everything as of one moment."""
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @property
    def writing(self) -> Mapping[str, object]:
        """The options of one that writes: what others have committed meanwhile is seen."""
        return {"isolation_level": "READ COMMITTED"}

    def in_turn(self) -> AbstractAsyncContextManager[None]:
        """At once: they write side by side."""
        return nullcontext()

    async def prepare(self) -> None:
        """Nothing: a database is made by its owner."""

    def engine(self, *, wholesale: bool = False) -> AsyncEngine:
        """An engine for the database; nothing is opened yet.

        A connection that was lost meanwhile is replaced before it is used.
        """

        async def connect() -> asyncpg.Connection:
            return await self._connect(patient=wholesale)

        return create_async_engine(
            "postgresql+asyncpg:///state",
            async_creator=connect,
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=QUERY_SECONDS,
            # What is stored is in no error.
            hide_parameters=True,
        )

    async def _connect(self, *, patient: bool) -> asyncpg.Connection:
        """Open a connection. Raises StateError."""
        idle, lock = IDLE_SECONDS * 1000, LOCK_SECONDS * 1000
        limits = {
            "idle_in_transaction_session_timeout": f"{idle:.0f}",
            "lock_timeout": f"{lock:.0f}",
        }
        # Whatever the server would have by itself.
        none = dict.fromkeys(limits, "0")
        try:
            return await asyncpg.connect(
                self.server.url,
                timeout=CONNECT_SECONDS,
                command_timeout=PATIENCE_SECONDS if patient else QUERY_SECONDS,
                server_settings={"application_name": APPLICATION, **(none if patient else limits)},
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            cause = str(error) or "no answer"
            raise StateError("state.unreachable", path=str(self), cause=cause) from error
        except ValueError:
            # An option of the address; what is raised may hold a part of it.
            cause = "an option of the address is wrong"
            raise StateError("state.unreachable", path=str(self), cause=cause) from None

    def lock(self, connection: Connection) -> None:
        """Let only one migrate at a time, until its transaction has ended."""
        query = text("SELECT pg_advisory_xact_lock(:lock)")
        connection.execute(query, {"lock": MIGRATION_LOCK})

    def refuse_foreign(self, connection: Connection) -> None:
        """Refuse the database of another program. Raises StateError."""
        tables = set(inspect(connection).get_table_names())
        if tables and not tables >= _OURS:
            cause = "another program's database"
            raise StateError("state.unreadable", path=str(self), cause=cause)

    def refuse_damaged(self, connection: Connection) -> None:
        """Nothing: that is looked after where the server is."""

    def mark(self, connection: Connection) -> None:
        """Nothing: the tables tell whose it is."""

    def alone(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Let nobody else write until the transaction has ended; others may read meanwhile."""
        names = ", ".join(table.name for table in tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))

    def refuse_in_use(self, connection: Connection) -> None:
        """Refuse a database that another program has open, or this one already. Raises StateError.

        Programs of before connect under the same name, so they are seen as well.
        """
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = :name AND pid <> pg_backend_pid()"
        )
        # Else it is what it was when it was first asked in a transaction.
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        if connection.scalar(others, {"name": APPLICATION}):
            raise StateError("state.server_in_use", path=str(self))

    def last_id(self, connection: Connection, table: Table) -> int:
        """The highest number that a table has ever given to a row."""
        query = text("SELECT pg_sequence_last_value(CAST(CAST(:sequence AS text) AS regclass))")
        return connection.scalar(query, {"sequence": _sequence(table)}) or 0

    def set_last_id(self, connection: Connection, table: Table, number: int) -> None:
        """Let a table count on from a number."""
        query = text("SELECT setval(CAST(CAST(:sequence AS text) AS regclass), :last, :given)")
        values = {"sequence": _sequence(table), "last": max(number, 1), "given": number > 0}
        connection.execute(query, values)

    def now(self, connection: Connection) -> datetime:
        """What the server's clock says (UTC), also in the middle of a transaction."""
        query = select(func.clock_timestamp(type_=DateTime(timezone=True)))
        return connection.execute(query).scalar_one().astimezone(UTC)

    def size(self, connection: Connection) -> int:
        """How much room the database takes on the server, in bytes."""
        query = text("SELECT pg_database_size(current_database())")
        return int(connection.execute(query).scalar_one())

    def damages(self, connection: Connection) -> Sequence[str]:
        """Nothing: that is looked after where the server is."""
        return []

    async def settle(self, engine: AsyncEngine) -> None:
        """Nothing: the server does that in its own time."""

    def failure(self, error: Exception) -> StateError | None:
        """What a failure means for the operator; None for a mistake of ours."""
        if isinstance(error, OSError | NoConnectionFree):
            return self._failed("state.unreachable", str(error) or "no answer")
        if not isinstance(error, DBAPIError):
            return None
        state = getattr(error.orig, "sqlstate", None) or ""
        if state.startswith(_MISTAKES) and state not in _NO_MISTAKES:
            return None
        cause = str((error.orig and error.orig.__cause__) or error.orig or error)
        if state.startswith(_UNREADABLE):
            return self._failed("state.unreadable", cause)
        return self._failed("state.failed", cause)

    def _failed(self, key: str, cause: str) -> StateError:
        return StateError(key, path=str(self), cause=cause)


def _sequence(table: Table) -> str:
    """What PostgreSQL calls the sequence of a table's numbers."""
    assert table.autoincrement_column is not None
    return f"{table.name}_{table.autoincrement_column.name}_seq"
