"""Whose a SQLite file is, without leaving a trace in it.

Opening another program's database as usual may already change it: SQLite then brings in what its
write-ahead log or its journal still holds. Read as immutable it stays as it is, and a log's
contents are not seen, so only what is surely not ours can be refused by it.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote


class Header(NamedTuple):
    """What tells one SQLite file from another; `tables` counts indexes too."""

    application_id: int
    user_version: int
    tables: int


def header_of(path: Path) -> Header | None:
    """What a file says of itself, None where there is none or it cannot be read."""
    address = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro&immutable=1"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
        return Header(
            *(
                connection.execute(sql).fetchone()[0]
                for sql in (
                    "PRAGMA application_id",
                    "PRAGMA user_version",
                    "SELECT count(*) FROM sqlite_schema",
                )
            )
        )
    return None


def newest_of(directory: Path, application_id: int) -> Path | None:
    """The newest of one program's files in a directory, None where there is none."""
    try:
        files = [file for file in directory.iterdir() if file.is_file()]
        files.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for file in files:
        header = header_of(file)
        if header is not None and header.application_id == application_id:
            return file
    return None
