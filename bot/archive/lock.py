"""One sync at a time for each data directory, also across processes."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import ArchiveError

RETRY_SECONDS = 0.1


@asynccontextmanager
async def exclusive(path: Path, on_wait: Callable[[], None]) -> AsyncIterator[None]:
    """Hold a file's lock; whoever comes second waits, after `on_wait` was called once.

    The kernel gives the lock back when its process ends, however it ends.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise _unusable(path.parent, error) from error
    with file:
        waited = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waited:
                    on_wait()
                    waited = True
                await asyncio.sleep(RETRY_SECONDS)
            except OSError as error:
                # Some network file systems know no locks.
                raise _unusable(path.parent, error) from error
        yield


def _unusable(directory: Path, error: OSError) -> ArchiveError:
    cause = error.strerror or str(error)
    return ArchiveError("archive.data_directory", path=str(directory), cause=cause)
