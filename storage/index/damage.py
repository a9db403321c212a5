"""A damaged index of a running bot: which file it is, and out of its way."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from structlog.stdlib import get_logger

from bot.errors import IndexFileError
from storage.index.database import refuse_unopened

# What tells a file from another at the same place: its device and its number there.
Identity = tuple[int, int]

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Damage:
    """Which file was found damaged (None: it has gone), and what SQLite says of it."""

    file: Identity | None
    cause: str


def damage_of(path: Path, error: IndexFileError) -> Damage:
    """The damage of the file that is there now."""
    return Damage(identity(path), str(error.details["cause"]))


def identity(path: Path) -> Identity | None:
    """What tells a file from another at the same place, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def put_aside(path: Path, damage: Damage) -> None:
    """Move a damaged index out of the way, in the place of one that was moved before.

    Whoever does it holds the sync's lock. One that has been made anew meanwhile stays. Raises
    IndexFileError for a foreign file and for one of a newer program: those are not ours to move.
    """
    if damage.file is None or identity(path) != damage.file:
        return
    refuse_unopened(path)
    target = path.with_name(f"{path.name}.damaged")
    for suffix in ("-wal", "-shm", ""):
        # What was there before goes with its log.
        aside = target.with_name(target.name + suffix)
        aside.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside)
    _log.warning(
        "the index is damaged and is made anew", cause=damage.cause, damaged_one=str(target)
    )
