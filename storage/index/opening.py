"""The connections of a reader: which index they may be opened on, and whether it is still there."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bot.errors import IndexFileError
from storage.index.database import READING_KIB, ThreadConnection, connect, failures_of, is_current
from storage.index.schema import REVISION_OF


async def opened(path: Path, count: int) -> list[ThreadConnection]:
    """Connections to an index of this version, for reading only. Raises IndexFileError."""
    if not await asyncio.to_thread(path.exists):
        raise IndexFileError("index.missing", path=str(path))
    connections: list[ThreadConnection] = []
    try:
        for _ in range(count):
            connections.append(await connect(path, READING_KIB))
        if not await is_current(connections[0], path):
            raise IndexFileError("index.outdated", path=str(path))
        for connection in connections:
            await connection.execute("PRAGMA query_only = ON")
    except BaseException:
        await close_all(connections)
        raise
    return connections


async def refuse_part(connection: ThreadConnection, path: Path, archive: str) -> None:
    """Refuse an index that was never brought to its end for an archive."""
    sql = "SELECT 1 FROM meta WHERE key = ? AND value = ?"
    with failures_of(path):
        if not list(await connection.execute_fetchall(sql, (REVISION_OF, archive))):
            raise IndexFileError("index.unfinished", path=str(path))


async def close_all(connections: Sequence[ThreadConnection]) -> None:
    """Close connections; what they are doing is waited for, and none is left if that is cut off."""
    async with AsyncExitStack() as until:
        for connection in connections:
            until.push_async_callback(connection.close)
