"""How much room the index takes, in terms of the text that is in it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most

MB = 1_000_000


def measure(bench: Bench) -> Iterator[Figure]:
    """The full text's pages and the whole file, beside the bytes of the comments' bodies."""
    # Before anything else has the index open, so that nothing is left in its log.
    copy = bench.temporary / "sizes.sqlite3"
    shutil.copyfile(bench.index, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as database:

        def value(sql: str) -> int:
            return int(database.execute(sql).fetchone()[0])

        text = value("SELECT sum(length(CAST(body AS BLOB))) FROM comment")
        page = value("PRAGMA page_size")
        pages = value("PRAGMA page_count")
        free = value("PRAGMA freelist_count")
        # What a dropped table gives back is what it took; this needs no dbstat.
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("BEGIN")
        database.execute("DROP TABLE full_text")
        full_text = value("PRAGMA freelist_count") - free
        database.execute("ROLLBACK")
    note = f"{free * page / MB:.1f} MB of the file are free pages"
    yield Figure(
        "size: full text / text", full_text * page / MB, "MB", text / MB, "text",
        at_most(0.65, "ratio"),
    )  # fmt: skip
    yield Figure(
        "size: all / text", pages * page / MB, "MB", text / MB, "text",
        at_most(2, "ratio"), note,
    )  # fmt: skip
