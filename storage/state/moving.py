"""Moving a state to another database, which then takes its place: all of it, and only once.

Until the target's one transaction has ended, it is as it was; then the source is put out of use.
Whoever is killed between the two has both, and finishes by moving again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.address import Server
from bot.errors import StateError
from bot.stores import Runner
from storage.state.backup import Contents
from storage.state.copying import (
    KEPT,
    Side,
    copy_numbering,
    copy_rows,
    counts,
    delete_rows,
    fingerprints,
)
from storage.state.database import (
    MOVED,
    Database,
    database_at,
    look_at,
    open_state,
    opened,
    refuse_newer,
    revision_of,
    set_revision,
)
from storage.state.moved import put_aside_moved
from storage.state.running import alone_on
from storage.state.tables import HEAD, METADATA, SUBSCRIPTION
from storage.state.upgrading import migrate

# How often is looked whether somebody has a database open, and the seconds between.
_LOOKS, _LOOK_SECONDS = 100, 0.05


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved, whether an earlier move had copied it already, and where a file was put."""

    contents: Contents
    was_copied: bool
    put_aside: Path | None


async def move(
    source: Path | Server,
    target: Path | Server,
    runner: Runner,
    now: Callable[[], datetime],
    *,
    backups: Path | None = None,
    replace: bool = False,
) -> Moved:
    """Move all that a state holds into another database, while no bot runs on either.

    The target must be empty; with `replace` all that it holds is replaced. Then a file is renamed,
    and a database on a server is marked, so that nobody goes on with the old one by mistake. An
    older source is first brought up to date, with a backup as for `open_state`. `runner` says to
    others who is at work. Raises StateError: then the source is whole, and the target as it was.
    """
    async with AsyncExitStack() as until:
        for address in (source, target):
            if isinstance(address, Path):
                await until.enter_async_context(alone_on(address, runner))
        if isinstance(source, Path) and not await asyncio.to_thread(source.exists):
            raise StateError("state.none", path=str(source))
        if (await look_at(source, backups)).revision is None:
            raise StateError("state.none", path=str(source))
        async with open_state(source, backups, now):
            pass
        from_database, to_database = database_at(source), database_at(target)
        await to_database.prepare()
        async with _held(from_database) as reading:
            if isinstance(source, Path):
                await asyncio.to_thread(_refuse_log, source)
            contents, was_copied = await _copy(Side(from_database, reading), to_database, replace)
            aside = await _put_out_of_use(source, reading)
    return Moved(contents, was_copied, aside)


@asynccontextmanager
async def _held(database: Database) -> AsyncIterator[AsyncConnection]:
    """The source, which nobody else changes meanwhile. Raises StateError where somebody uses it."""
    async with opened(database, wholesale=True) as state, state.writing() as connection:
        await _refuse_in_use(Side(database, connection))
        await connection.run_sync(database.lock)
        await connection.run_sync(database.alone, METADATA.sorted_tables)
        yield connection


async def _refuse_in_use(side: Side) -> None:
    """Refuse a database that somebody has open; a server takes a moment to see that they left."""
    for _ in range(_LOOKS):
        try:
            await side.connection.run_sync(side.database.refuse_in_use)
        except StateError:
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            return
    await side.connection.run_sync(side.database.refuse_in_use)


async def _copy(source: Side, database: Database, replace: bool) -> tuple[Contents, bool]:
    """Fill the target; whether it was full already. Raises StateError where it is as it was."""
    tables = KEPT
    async with opened(database, wholesale=True) as state, state.writing() as writing:
        await _refuse_in_use(Side(database, writing))
        await writing.run_sync(database.refuse_foreign)
        await writing.run_sync(database.refuse_damaged)
        await _bring_up_to_date(database, writing, replace)
        await writing.run_sync(database.alone, tables)
        contents = Contents(HEAD, await counts(source.connection, tables))
        held = await counts(writing, tables)
        if any(held.values()):
            if held == contents.rows and not await _differ(source.connection, writing, tables):
                return contents, True
            if not replace:
                rows, digests = sum(held.values()), held[SUBSCRIPTION.name]
                raise StateError(
                    "state.not_empty_to_move", path=str(database), rows=rows, digests=digests
                )
            await delete_rows(writing, tables)
        target = Side(database, writing)
        try:
            await copy_rows(source, target, tables)
            await copy_numbering(source, target, tables)
        except DBAPIError as error:
            # A value that one database takes and the other does not.
            raise _not_moved(database, str(error.orig or error)) from error
        if different := await _differ(source.connection, writing, tables):
            raise _not_moved(database, f"rows differ: {', '.join(different)}")
        # Who has come meanwhile would go on with the old one.
        await _refuse_in_use(source)
    return contents, False


async def _bring_up_to_date(database: Database, writing: AsyncConnection, replace: bool) -> None:
    """Make the tables of the target where they are missing. Raises StateError."""
    await writing.run_sync(database.lock)
    revision = await writing.run_sync(revision_of)
    if revision is not None and revision.startswith(MOVED) and replace:
        revision = revision.removeprefix(MOVED)
        await writing.run_sync(set_revision, revision)
    await refuse_newer(database, revision)
    if revision != HEAD:
        await migrate(database, writing)


async def _differ(
    one: AsyncConnection, other: AsyncConnection, tables: Sequence[Table]
) -> Sequence[str]:
    """The tables whose rows are not the same in both."""
    found, wanted = await fingerprints(one, tables), await fingerprints(other, tables)
    return [name for name in found if found[name] != wanted[name]]


def _not_moved(database: Database, cause: str) -> StateError:
    return StateError("state.not_moved", path=str(database), cause=cause)


async def _put_out_of_use(source: Path | Server, connection: AsyncConnection) -> Path | None:
    """Let nobody open the source any more by mistake; where a file was put."""
    if isinstance(source, Path):
        return await asyncio.to_thread(put_aside_moved, source)
    await connection.run_sync(set_revision, f"{MOVED}{HEAD}")
    return None


def _refuse_log(path: Path) -> None:
    """Refuse a file of which a part is still in its log, which would stay behind."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise StateError("state.failed", path=str(path), cause="another program has it open")
