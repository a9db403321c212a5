"""Who runs on a state: on a file one process at a time, told by a lock that the kernel keeps.

The lock is flock's on a file beside the state, which stays and whose text only says who has it.
The kernel gives the lock back when its process ends, however it ends.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from structlog.stdlib import get_logger

from bot.address import Server
from bot.errors import StateError
from bot.stores import Runner

# Who only asks has the lock for a moment, which is no reason to refuse anybody.
_PATIENCE_SECONDS = 1.0
_RETRY_SECONDS = 0.05
# A record is far shorter; more is none of ours.
_MOST_BYTES = 4096

_log = get_logger(__name__)


def lock_of(state: Path) -> Path:
    """The file whose lock is that of a state, the same by whichever link the state is reached."""
    real = state.resolve()
    return real.with_name(real.name + ".lock")


@asynccontextmanager
async def alone_on(
    state: Path, runner: Runner, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Run alone on a state in a file, which need not be there yet; the database is not touched.

    Raises StateError where another process does, and names it. Where no lock can be had for another
    reason (a missing right, a file system without locks) this goes on with a line in the log:
    SQLite cannot write there either, so nothing is done twice.
    """
    path = lock_of(state)
    descriptor = _opened(path)
    if descriptor is None:
        yield
        return
    try:
        await _lock(descriptor, state, path, sleep)
        _write(descriptor, runner)
        yield
    finally:
        os.close(descriptor)


async def who_runs(address: Path | Server) -> Runner | None:
    """A bot that runs on a state, on a server the one that has run longest; None without any.

    What was killed is not there any more: on a file at once, on a server within half a minute.
    Raises StateError where it cannot be asked.
    """
    if isinstance(address, Path):
        return who_runs_on(address)
    # Imported only now: it takes long, and files do without.
    from storage.state.database import database_at, opened
    from storage.state.holds import StoredHolds

    async with opened(database_at(address)) as state:
        held = await StoredHolds(state).every()
    return held[0].by if held else None


def who_runs_on(state: Path) -> Runner | None:
    """Who has the lock of a state in a file, None where nobody has; nothing is left behind.

    Raises StateError where it cannot be asked.
    """
    path = lock_of(state)
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(descriptor)
    return None


def in_use(state: Path | Server, by: Runner) -> StateError:
    """That somebody runs on a state, for the operator."""
    since = f"{by.since:%Y-%m-%d %H:%M:%S} UTC"
    named = {"what": by.what, "host": by.host, "pid": by.pid, "since": since}
    return StateError("state.in_use", path=str(state), **named)


def _opened(path: Path) -> int | None:
    """The file that is locked, None with a line in the log where it cannot be had."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Python's files are not inherited by the programs that it starts, so they keep no lock.
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        _unlocked(path, error)
        return None


async def _lock(
    descriptor: int, state: Path, path: Path, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Take the lock. Raises StateError where somebody else keeps it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if loop.time() >= end:
                raise in_use(state, _read(descriptor)) from None
            await sleep(_RETRY_SECONDS)
        except OSError as error:
            _unlocked(path, error)
            return
        else:
            return


def _write(descriptor: int, runner: Runner) -> None:
    record = asdict(runner) | {"since": runner.since.isoformat()}
    text = json.dumps(record).encode() + b"\n"
    # The lock counts, not what is written: a full disk is no reason to stay away.
    with suppress(OSError):
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))


def _read(descriptor: int) -> Runner:
    """Who has the lock, as far as that is written: they may just have got it."""
    written = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
    try:
        record = json.loads(os.pread(descriptor, _MOST_BYTES, 0))
        since = datetime.fromisoformat(record["since"])
        return Runner(str(record["what"]), str(record["host"]), int(record["pid"]), since)
    except (OSError, ValueError, KeyError, TypeError):
        return Runner("?", "?", 0, written)


def _unlocked(path: Path, error: OSError) -> None:
    cause = error.strerror or str(error)
    _log.warning("a second run would not be noticed: no lock", path=str(path), cause=cause)


def _unreadable(path: Path, error: OSError) -> StateError:
    return StateError("state.unreadable", path=str(path), cause=error.strerror or str(error))
