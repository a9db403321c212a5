"""Those of one process who write to a database that has room for one at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import StateError


@asynccontextmanager
async def in_turn(turn: asyncio.Lock, seconds: float, path: str) -> AsyncIterator[None]:
    """Be the one who writes: who came first is first, and nobody waits for more than `seconds`.

    SQLite has no queue: who waits looks again and again, ever more seldom, so that of many the
    unlucky ones would wait for seconds. Raises StateError, where `path` is the database.
    """
    try:
        async with asyncio.timeout(seconds):
            await turn.acquire()
    except TimeoutError as error:
        cause = f"others of this process write for {seconds:.0f} s"
        raise StateError("state.failed", path=path, cause=cause) from error
    try:
        yield
    finally:
        turn.release()
