"""All that an index holds, in a form in which two of them can be compared."""

import sqlite3
from bisect import bisect_right
from contextlib import closing
from pathlib import Path
from typing import Any

Contents = dict[str, set[tuple[Any, ...]]]

# The numbers of rows depend on the order in which posts came, so posts are named by their slugs.
_QUERIES = {
    "posts": """SELECT slug, path, title, date, date_exact, month, draft, thumbnail, source_url,
        item_id, rendered, title_key, digest, comments, post.key, chosen FROM post""",
    "sections": "SELECT slug, number, summary, section.comments FROM section, post ON id = post_id",
    "tags": "SELECT slug, position, tag.key, name FROM tag JOIN post ON id = post_id",
    "comments": """SELECT slug, comment.id - post.id, section, user, created_at, colour, body
        FROM comment JOIN post ON post.id = post_id""",
    "words": "SELECT word, reversed, comments FROM word",
    "files": "SELECT path, size, digest, slug, rendered, state, reason FROM file",
}


def contents(index: Path) -> Contents:
    """What every table holds, and for the full text each token with the document it is in."""
    with closing(sqlite3.connect(index)) as database:
        database.execute(
            "CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, full_text, instance)"
        )
        found = {name: database.execute(sql).fetchall() for name, sql in _QUERIES.items()}
        places = database.execute("SELECT id, slug, capacity FROM post ORDER BY id").fetchall()
        listed = database.execute("SELECT DISTINCT term, doc FROM temp.term").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.execute("INSERT INTO full_text (full_text) VALUES ('integrity-check')")
    firsts = [first for first, _, _ in places]
    found["full_text"] = []
    for term, document in listed:
        first, slug, capacity = places[bisect_right(firsts, document) - 1]
        assert first <= document <= first + capacity, f"{term} stands in no post"
        found["full_text"].append((term, slug, document - first))
    for name, rows in found.items():
        assert len(set(rows)) == len(rows), name
    return {name: set(rows) for name, rows in found.items()}


def served(index: Path) -> Contents:
    """The same without what is known of the files."""
    found = contents(index)
    del found["files"]
    return found


def ids(index: Path) -> dict[str, int]:
    """The number of each post's row, by slug."""
    with closing(sqlite3.connect(index)) as database:
        return dict(database.execute("SELECT slug, id FROM post").fetchall())
