"""All that a state holds, from one database to another, whichever kinds they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, DateTime, MetaData, Table, delete, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.state.database import VERSION_TABLE, Database
from storage.state.statements import BATCH
from storage.state.tables import HEAD, HOLD, METADATA, UtcDateTime

# All but what the processes hold that run just now: it means nothing elsewhere, or later.
KEPT: Sequence[Table] = tuple(table for table in METADATA.sorted_tables if table is not HOLD)


@dataclass(frozen=True, slots=True)
class Side:
    """A database with the transaction in which it is copied from or to."""

    database: Database
    connection: AsyncConnection


async def tables_of(connection: AsyncConnection, revision: str) -> Sequence[Table]:
    """The tables of a state as of a migration that are kept, those first that others refer to."""
    if revision == HEAD:
        return KEPT
    return await connection.run_sync(_found_tables)


def _found_tables(connection: Connection) -> Sequence[Table]:
    found = MetaData()

    @event.listens_for(found, "column_reflect")
    def keep_zones(inspector: object, table: Table, column: dict[str, Any]) -> None:
        if isinstance(column["type"], DateTime):
            column["type"] = UtcDateTime()

    found.reflect(connection)
    others = (VERSION_TABLE, HOLD.name)
    return [table for table in found.sorted_tables if table.name not in others]


async def copy_rows(source: Side, target: Side, tables: Sequence[Table]) -> None:
    """Copy all rows of some tables, those first that others refer to, into empty ones."""
    for table in tables:
        rows = await source.connection.stream(select(table))
        async for part in rows.mappings().partitions(BATCH):
            await target.connection.execute(insert(table), [dict(row) for row in part])


async def copy_numbering(source: Side, target: Side, tables: Sequence[Table]) -> None:
    """Let the tables of the target count on behind whatever number either has ever given.

    A number that stands on a button somewhere is never given to another row.
    """
    for table in tables:
        if table.autoincrement_column is not None:
            last = max(
                [
                    await side.connection.run_sync(side.database.last_id, table)
                    for side in (source, target)
                ]
            )
            await target.connection.run_sync(target.database.set_last_id, table, last)


async def delete_rows(target: AsyncConnection, tables: Sequence[Table]) -> None:
    """Empty some tables, those last that others refer to."""
    for table in reversed(tables):
        await target.execute(delete(table))


async def fingerprints(
    connection: AsyncConnection, tables: Sequence[Table]
) -> Mapping[str, tuple[int, int]]:
    """Of each table how many rows it has, and a number that is another where any of them is."""
    found = {}
    for table in tables:
        count, total = 0, 0
        # Databases have their own orders, so the order must not matter.
        async for row in await connection.stream(select(table)):
            count += 1
            content = repr(tuple(row)).encode("utf-8", "surrogatepass")
            total += int.from_bytes(blake2b(content, digest_size=16).digest())
        found[table.name] = (count, total)
    return found


async def counts(connection: AsyncConnection, tables: Sequence[Table]) -> Mapping[str, int]:
    """How many rows each table has."""
    return {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in tables
    }
