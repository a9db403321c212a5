"""What the index and the state both do with files of SQLite: tell them apart, put them aside."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# What tells a file from another at the same place: its device and its number there.
Identity = tuple[int, int]


def identity(path: Path) -> Identity | None:
    """What tells a file from another at the same place, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def free_name(path: Path, what: str) -> Path:
    """A name for a file that is put aside and never deleted by us: the first that is free.

    What `path` was is a part of it: `state.sqlite3.damaged-1`.
    """
    number = 1
    while (target := path.with_name(f"{path.name}.{what}-{number}")).exists():
        number += 1
    return target


def rename_with_log(path: Path, target: Path) -> None:
    """Give a database another name, in the place of one that has it, each with its log.

    Whoever is killed in the middle of it has a part of the log there; a later call finishes.
    """
    if target.exists():
        for old in _with_log(target):
            old.unlink(missing_ok=True)
    for source, aside in zip(_with_log(path), _with_log(target), strict=True):
        with suppress(FileNotFoundError):
            source.rename(aside)


def primary_name(error: BaseException) -> str:
    """The name of a failure of SQLite without what it says beyond, "" for any other exception.

    Extended names begin with the primary one: SQLITE_IOERR_WRITE, SQLITE_CORRUPT_VTAB
    (https://sqlite.org/rescode.html).
    """
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])


def _with_log(path: Path) -> Iterator[Path]:
    """All of a database; its file is last, since it says that the others are there."""
    for suffix in ("-wal", "-shm", ""):
        yield path.with_name(path.name + suffix)
