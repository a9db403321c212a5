"""States of every version that was released, with rows as that version wrote them.

A file has the rows of the tables that its revision has made or changed; those of all other tables
are as in the files before it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, Table, insert

from bot.address import Server
from storage.state.copying import tables_of
from storage.state.database import database_at, opened
from storage.state.migrations import scripts, upgrade
from storage.state.tables import UtcDateTime

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

# All of them, the first one first.
REVISIONS = [script.revision for script in scripts().walk_revisions()][::-1]


def file_of(revision: str) -> Path:
    """The file with what a revision has brought."""
    return Path(__file__).with_name(f"{revision}.json")


def released(revision: str) -> Rows:
    """The rows of a state of a revision, by table, as JSON has them."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {}
    for each in REVISIONS[: REVISIONS.index(revision) + 1]:
        if file_of(each).exists():
            rows |= json.loads(file_of(each).read_text("utf-8"))
    return rows


def values_of(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the database has it."""
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


async def make(address: Path | Server, revision: str) -> None:
    """Make a state as a program of that revision has left it."""
    database = database_at(address)
    await database.prepare()
    rows = released(revision)
    async with opened(database, wholesale=True) as state, state.writing() as connection:
        await connection.run_sync(upgrade, revision)
        await connection.run_sync(database.mark)
        for table in await tables_of(connection, revision):
            values = [values_of(table, row) for row in rows.get(table.name, ())]
            if values:
                await connection.execute(insert(table), values)
            if values and table.autoincrement_column is not None:
                last = max(row[table.autoincrement_column.name] for row in values)
                await connection.run_sync(database.set_last_id, table, last)
