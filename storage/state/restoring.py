"""A state from a backup: all of it at once, with what has come due meanwhile taken for missed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.address import Server
from bot.errors import StateError
from bot.outbox import NewRow, Outcome
from bot.subscription import Due, Subscription
from storage.files import free_name, rename_with_log
from storage.header import header_of
from storage.state.backup import Contents, naming
from storage.state.copying import KEPT, Side, copy_numbering, copy_rows, counts, delete_rows
from storage.state.database import State, database_at, look_at, open_state, opened
from storage.state.records import subscription_of
from storage.state.rows import write_rows
from storage.state.sqlite import APPLICATION_ID, is_damaged
from storage.state.tables import HEAD, OUTBOX, SUBSCRIPTION

# Of a digest whose time is over: the rows that tell that it was missed, and when the next is due.
Missed = Callable[[Subscription, datetime], tuple[Sequence[NewRow], Due]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, how many digests were missed, and where an unusable state was put."""

    contents: Contents
    missed: int
    put_aside: Path | None


async def restore(
    address: Path | Server,
    file: Path,
    now: datetime,
    missed: Missed,
    *,
    replace: bool = False,
    backups: Path | None = None,
) -> Restored:
    """Give a state the contents of a backup, in one transaction, also while it is used.

    An older backup is migrated in a copy of it. A state that holds anything is replaced only with
    `replace`; then a file that is damaged, or of a newer program, is put aside. What was due before
    `now` (UTC) was missed, and what was to be sent is looked for on its platform first: it may have
    been sent since the backup was made. Raises StateError: for a file that is no sound backup, or
    that of a newer program; then nothing has changed.
    """
    async with _copy(file) as backup:
        aside = None
        if isinstance(address, Path) and replace:
            aside = await _put_aside_unusable(address)
        # Made or migrated where it has to be.
        async with open_state(address, backups, lambda: now):
            pass
        database = database_at(address)
        async with (
            opened(database, wholesale=True) as state,
            backup.reading() as reading,
            state.writing() as writing,
        ):
            tables = KEPT
            await writing.run_sync(database.alone, tables)
            held = await counts(writing, tables)
            if any(held.values()) and not replace:
                raise StateError(
                    "state.not_empty",
                    path=str(database),
                    rows=sum(held.values()),
                    digests=held[SUBSCRIPTION.name],
                )
            source, target = Side(backup.database, reading), Side(database, writing)
            await delete_rows(writing, tables)
            await copy_rows(source, target, tables)
            await copy_numbering(source, target, tables)
            contents = Contents(HEAD, await counts(writing, tables))
            late = await _miss_what_was_due(writing, now, missed)
            await _look_before_sending(writing)
    return Restored(contents, late, aside)


@asynccontextmanager
async def _copy(file: Path) -> AsyncIterator[State]:
    """A backup as a state of this program. Raises StateError."""
    with TemporaryDirectory(prefix="matome-restore-") as work:
        copy = Path(work) / "state.sqlite3"
        with naming(file, copy, "state.no_backup"):
            await asyncio.to_thread(_copy_file, file, copy)
            condition = await look_at(copy)
            if condition.damages or condition.revision is None:
                cause = "; ".join(condition.damages) or "it is empty"
                raise StateError("state.no_backup", path=str(file), cause=cause)
            async with open_state(copy) as state:
                yield state


def _copy_file(file: Path, copy: Path) -> None:
    """Copy a file with what its log still holds. Raises StateError."""
    try:
        if not file.is_file():
            raise StateError("state.no_backup", path=str(file), cause="there is no such file")
        # A file without a log can be read where nothing can be written beside it.
        has_log = file.with_name(file.name + "-wal").exists()
        how = "mode=ro" if has_log else "mode=ro&immutable=1"
        address = f"file:{quote(str(file.absolute()))}?{how}"
        copy.touch(0o600)
        with (
            closing(sqlite3.connect(address, uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except (OSError, sqlite3.Error) as error:
        raise StateError("state.no_backup", path=str(file), cause=str(error)) from error
    header = header_of(copy)
    if header is None or header.application_id != APPLICATION_ID:
        cause = "it is not a state of matome"
        raise StateError("state.no_backup", path=str(file), cause=cause)


async def _put_aside_unusable(path: Path) -> Path | None:
    """Give a state that cannot be read, or is of a newer program, another name; which one."""
    if not await asyncio.to_thread(path.is_file):
        return None
    if await asyncio.to_thread(is_damaged, path):
        return await asyncio.to_thread(_put_aside, path, "damaged")
    try:
        await look_at(path)
    except StateError as error:
        if error.key == "state.newer":
            return await asyncio.to_thread(_put_aside, path, "newer")
    return None


def _put_aside(path: Path, what: str) -> Path:
    target = free_name(path, what)
    rename_with_log(path, target)
    return target


async def _miss_what_was_due(writing: AsyncConnection, now: datetime, missed: Missed) -> int:
    """Note digests as missed whose time is over, and when the next are due; how many days."""
    query = select(SUBSCRIPTION).where(SUBSCRIPTION.c.due_at <= now)
    days = 0
    for row in (await writing.execute(query)).mappings().all():
        subscription = subscription_of(row)
        rows, following = missed(subscription, now)
        days += len(await write_rows(writing, rows, now, Outcome.MISSED))
        await writing.execute(
            update(SUBSCRIPTION)
            .where(SUBSCRIPTION.c.id == subscription.id)
            .values(due_at=following.at, due_day=following.day)
        )
    return days


async def _look_before_sending(writing: AsyncConnection) -> None:
    """Take what was to be sent for tried once, by nobody any more."""
    tries = case((OUTBOX.c.tries == 0, 1), else_=OUTBOX.c.tries)
    await writing.execute(
        update(OUTBOX)
        .where(OUTBOX.c.outcome.is_(None))
        .values(tries=tries, worker=None, lease_until=None)
    )
