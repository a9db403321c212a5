"""What a search asks of the index, as of one moment and on the connection's own thread.

A search asks several questions, each of which takes less time than the way to another thread and
back. So it goes there as a whole, and everything here is synchronous.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.model import PostSummary, TagCount
from bot.ports import Ask, Candidate
from storage.index.summaries import SERVED_NEWEST_FIRST, SUMMARY, summary_of

# The columns of a Candidate. The order of the tables is fixed: the full text comes first.
_COMMENT = """SELECT comment.id, post.id, comment.body, comment.user, comment.created_at,
    comment.colour, post.title, substr(post.date, 1, 10), post.slug, post.path, NULL
"""
_COMMENTS_FOUND = f"""{_COMMENT} FROM full_text
    CROSS JOIN comment ON comment.id = full_text.rowid
    CROSS JOIN post ON post.id = comment.post_id WHERE full_text MATCH ?"""
_COMMENTS_ALL = f"""{_COMMENT} FROM comment
    CROSS JOIN post ON post.id = comment.post_id WHERE NOT post.draft"""
_POSTS_FOUND = """SELECT post.id, post.id, post.title, NULL, NULL, NULL, post.title,
        substr(post.date, 1, 10), post.slug, post.path,
        (SELECT group_concat(key, char(10)) FROM tag WHERE post_id = post.id)
    FROM full_text CROSS JOIN post ON post.id = full_text.rowid WHERE full_text MATCH ?"""
# The post of a comment by its id alone, NULL for a post's own document: comments are many, and
# looking each of them up would take three times as long.
_POST_OF = """(SELECT nullif(post.id, full_text.rowid) FROM post
    WHERE post.id <= full_text.rowid ORDER BY post.id DESC LIMIT 1)"""
_MENTIONING = f"SELECT count(DISTINCT {_POST_OF}) FROM full_text WHERE full_text MATCH ?"
_MENTIONING_WITHOUT = f"""
    WITH without AS (
        SELECT post.id AS post_id, json_extract(hidden.value, '$[1]') AS number
        FROM json_each(?) AS hidden JOIN post ON post.key = json_extract(hidden.value, '$[0]')
    ),
    mentioned AS (
        SELECT full_text.rowid AS id, {_POST_OF} AS post_id FROM full_text WHERE full_text MATCH ?
    )
    SELECT count(DISTINCT post_id) FROM mentioned
    WHERE post_id NOT IN (SELECT post_id FROM without WHERE number = 0)
    AND id NOT IN (SELECT post_id + number FROM without)
"""
# Of a key the most used name comes last.
_TAG_COUNTS = """
    SELECT tag.key, name, count(*) FROM tag JOIN post ON post.id = tag.post_id
    WHERE NOT draft {where} GROUP BY tag.key, name ORDER BY count(*), name DESC
"""


class IndexSnapshot:
    """Answers from a connection that is within a transaction, on its own thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = -1
        self._tags: dict[date | None, Mapping[str, TagCount]] = {}

    def candidates(self, ask: Ask, limit: int) -> Sequence[Candidate]:
        """Comments and posts that the index expressions find, at most `limit` of each.

        The newest of each kind come first.
        """
        rows: list[Any] = []
        if ask.comments is not None:
            found, row_id = (
                (_COMMENTS_FOUND, "full_text.rowid")
                if ask.comments
                else (_COMMENTS_ALL, "comment.id")
            )
            expression = (ask.comments,) if ask.comments else ()
            rows += self._newest(found, row_id, expression, ask, ask.comments_below, limit)
        if ask.posts is not None:
            expression = (ask.posts,)
            rows += self._newest(
                _POSTS_FOUND, "full_text.rowid", expression, ask, ask.posts_below, limit
            )
        return list(map(Candidate._make, rows))

    def has(self, expression: str) -> bool:
        """Whether an index expression finds anything."""
        sql = "SELECT 1 FROM full_text WHERE full_text MATCH ? LIMIT 1"
        return bool(self._all(sql, expression))

    def has_longer_word(self, beginning: str) -> bool:
        """Whether a comment has a word that begins like this and goes on."""
        sql = "SELECT 1 FROM word WHERE word > ? AND word < ? LIMIT 1"
        return bool(self._all(sql, beginning, beginning + "\U0010ffff"))

    def similar_words(self, word: str) -> Sequence[tuple[str, int]]:
        """Words of the archive that share a half with a word, with the comments that hold them.

        Every word within one edit is among them: an edit leaves one of the halves whole, but for a
        swap across the middle, which is asked for by itself.
        """
        middle = len(word) // 2
        head, tail = word[:middle], word[middle:][::-1]
        swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
        sql = """
            SELECT word, comments FROM word
            WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?
            UNION SELECT word, comments FROM word
            WHERE reversed >= ? AND reversed < ? AND length(word) BETWEEN ? AND ?
            UNION SELECT word, comments FROM word WHERE word IN (?, ?)
        """
        sizes = (len(word) - 1, len(word) + 1)
        values = (head, head + "\U0010ffff", *sizes, tail, tail + "\U0010ffff", *sizes)
        return [(row[0], row[1]) for row in self._all(sql, *values, word, swapped)]

    def tags(self, since: date | None = None) -> Mapping[str, TagCount]:
        """Every tag (of the posts since a day) by its key, the most used first."""
        # Counts the changes that other connections made, as seen by this one.
        ((version,),) = self._all("PRAGMA data_version")
        if version != self._version:
            self._version = version
            self._tags.clear()
        if since not in self._tags:
            self._tags[since] = self._counted_tags(since)
        return self._tags[since]

    def tag(self, key: str) -> TagCount | None:
        """A tag by its normalised name."""
        return self.tags().get(key)

    def tagged(self, key: str, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The posts of a tag, newest first."""
        # Which they are comes first: SQLite would look up the tags of all that it sorts.
        found = f"""SELECT post.id FROM tag JOIN post ON post.id = post_id
            WHERE tag.key = ? AND {SERVED_NEWEST_FIRST} LIMIT ? OFFSET ?"""
        sql = f"{SUMMARY} WHERE post.id IN ({found}) AND {SERVED_NEWEST_FIRST}"
        return [summary_of(row) for row in self._all(sql, key, limit, offset)]

    def count_mentioning(
        self, expression: str, without: Mapping[str, Collection[int]] | None = None
    ) -> int:
        """How many posts have comments that an index expression finds, but for some comments."""
        if not without:
            return int(self._all(_MENTIONING, expression)[0][0])
        numbered = [(key, number) for key, numbers in without.items() for number in numbers]
        return int(self._all(_MENTIONING_WITHOUT, json.dumps(numbered), expression)[0][0])

    def _counted_tags(self, since: date | None) -> dict[str, TagCount]:
        where, values = ("", ()) if since is None else ("AND date >= ?", (since.isoformat(),))
        return _counted(self._all(_TAG_COUNTS.format(where=where), *values))

    def _newest(
        self,
        found: str,
        row_id: str,
        expression: tuple[str, ...],
        ask: Ask,
        below: int | None,
        limit: int,
    ) -> list[Any]:
        where, values = _bounds(row_id, ask, below)
        sql = f"{found} {where} ORDER BY {row_id} DESC LIMIT ?"
        return self._all(sql, *expression, *values, limit)

    def _all(self, sql: str, *values: object) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()


def _counted(rows: Iterable[Sequence[Any]]) -> dict[str, TagCount]:
    """Tags by key, counted over all spellings and named by the most used one."""
    totals: dict[str, int] = {}
    names: dict[str, str] = {}
    for key, name, count in rows:
        totals[key] = totals.get(key, 0) + count
        names[key] = name
    most_used = sorted(totals, key=lambda key: (-totals[key], names[key]))
    return {key: TagCount(names[key], totals[key]) for key in most_used}


def _bounds(row_id: str, ask: Ask, below: int | None) -> tuple[str, list[object]]:
    """SQL for a range of ids; days are turned into the ids of their posts, and verified later."""
    sql = ""
    values: list[object] = []
    if below is not None:
        sql += f" AND {row_id} < ?"
        values.append(below)
    if ask.after is not None:
        sql += f" AND {row_id} >= coalesce((SELECT min(id) FROM post WHERE date >= ?), 1 << 62)"
        values.append(ask.after.isoformat())
    if ask.before is not None:
        sql += f" AND {row_id} <= coalesce((SELECT max(id + capacity) FROM post WHERE date < ?), 0)"
        values.append(ask.before.isoformat())
    return sql, values
