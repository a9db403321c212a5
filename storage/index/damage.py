"""A damaged index: which file it is, and out of its way."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bot.errors import IndexFileError
from storage.files import Identity, identity, rename_with_log
from storage.index.database import check, connect, is_current, refuse_unopened


@dataclass(frozen=True, slots=True)
class Damage:
    """Which file was found damaged (None: it has gone), and what SQLite says of it."""

    file: Identity | None
    cause: str


def damage_of(path: Path, error: IndexFileError) -> Damage:
    """The damage of the file that is there now."""
    return Damage(identity(path), str(error.details["cause"]))


def put_aside(path: Path, damage: Damage) -> Path | None:
    """Move a damaged index out of the way, in the place of the last one that was; where it went.

    Only the last one is kept: an index is made again from the archive. Whoever does it holds the
    sync's lock. One that has been made anew meanwhile stays. Raises IndexFileError for a foreign
    file and for one of a newer program: those are not ours to move.
    """
    if damage.file is None or identity(path) != damage.file:
        return None
    refuse_unopened(path)
    target = path.with_name(f"{path.name}.damaged")
    rename_with_log(path, target)
    return target


async def damage_in(path: Path) -> Damage | None:
    """What is found damaged in the whole index, None where it is sound or not there.

    Raises IndexFileError for a foreign file and for one of a newer program.
    """
    if not await asyncio.to_thread(path.exists):
        return None
    try:
        connection = await connect(path)
        try:
            await is_current(connection, path)
        finally:
            await connection.close()
        await check(path)
    except IndexFileError as error:
        if error.key != "index.damaged":
            raise
        return damage_of(path, error)
    return None
