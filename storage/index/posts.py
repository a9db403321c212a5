"""A whole post out of the index.

It lies in several tables, so everything here asks several questions and is synchronous: it is for
the connection's own thread, within a transaction, so that no sync writes in between.
"""

import json
import sqlite3
from datetime import datetime
from typing import Any, LiteralString

from bot.model import Post
from storage.index.documents import comment_of, section_of

BY_KEY = "key = ?"
SERVED_BY_KEY = "key = ? AND NOT draft"

_POST = """SELECT id, slug, path, title, date, date_exact, month, draft, thumbnail, source_url,
    item_id, capacity FROM post"""


def read_post(connection: sqlite3.Connection, where: LiteralString, value: object) -> Post | None:
    """The whole post that a condition with one value finds, such as BY_KEY."""
    row = connection.execute(f"{_POST} WHERE {where}", (value,)).fetchone()
    if row is None:
        return None
    post_id, capacity = row[0], row[11]

    def fetch(sql: str, *values: object) -> list[Any]:
        return connection.execute(sql, values).fetchall()

    tags = fetch("SELECT name FROM tag WHERE post_id = ? ORDER BY position", post_id)
    sections = fetch(
        "SELECT number, summary, comments FROM section WHERE post_id = ? ORDER BY number", post_id
    )
    comments = fetch(
        """SELECT section, user, created_at, colour, body FROM comment
        WHERE id > ? AND id <= ? ORDER BY id""",
        post_id,
        post_id + capacity,
    )
    return Post(
        slug=row[1],
        path=row[2],
        title=row[3],
        date=datetime.fromisoformat(row[4]),
        date_exact=bool(row[5]),
        month=row[6],
        tags=tuple(tag[0] for tag in tags),
        draft=bool(row[7]),
        thumbnail=row[8],
        source_url=row[9],
        item_id=row[10],
        sections=tuple(map(section_of, sections)),
        comments=tuple(comment_of(n, values) for n, values in enumerate(comments, 1)),
    )


def read_post_with_choice(
    connection: sqlite3.Connection, where: LiteralString, value: object
) -> tuple[Post, tuple[int, ...]] | None:
    """The same with the numbers of its comments that are worth reading, best first."""
    post = read_post(connection, where, value)
    if post is None:
        return None
    sql = "SELECT chosen FROM post WHERE slug = ?"
    (chosen,) = connection.execute(sql, (post.slug,)).fetchone()
    return post, tuple(json.loads(chosen))
