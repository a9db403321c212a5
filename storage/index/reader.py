"""Reading the index: candidates for search, lists of posts, whole posts."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiosqlite

from bot.errors import IndexFileError
from bot.model import MonthCount, Post, PostSummary, TagCount
from bot.ports import Ask, Candidate
from bot.search.related import TaggedPost, most_related
from storage.index.database import connect, failures_of, is_current
from storage.index.documents import comment_of, section_of

READERS = 2

_SUMMARY = """
    SELECT post.id, slug, path, title, date, date_exact, comments, item_id, source_url,
        (SELECT json_group_array(name) FROM
            (SELECT name FROM tag WHERE post_id = post.id ORDER BY position))
    FROM post
"""
_SERVED_NEWEST_FIRST = "NOT draft ORDER BY date DESC, post.id DESC"
# The columns of a Candidate. The order of the tables is fixed: the full text comes first.
_COMMENT = """SELECT comment.id, post.id, comment.body, comment.user, comment.created_at,
    comment.colour IS NOT NULL, post.title, substr(post.date, 1, 10), post.slug, post.path, NULL
"""
_COMMENTS_FOUND = f"""{_COMMENT} FROM full_text
    CROSS JOIN comment ON comment.id = full_text.rowid
    CROSS JOIN post ON post.id = comment.post_id WHERE full_text MATCH ?"""
_COMMENTS_ALL = f"""{_COMMENT} FROM comment
    CROSS JOIN post ON post.id = comment.post_id WHERE NOT post.draft"""
_POSTS_FOUND = """SELECT post.id, post.id, post.title, NULL, NULL, 0, post.title,
        substr(post.date, 1, 10), post.slug, post.path,
        (SELECT group_concat(key, char(10)) FROM tag WHERE post_id = post.id)
    FROM full_text CROSS JOIN post ON post.id = full_text.rowid WHERE full_text MATCH ?"""


class IndexReader:
    """Answers from the index over a few read-only connections."""

    def __init__(self, connections: Sequence[aiosqlite.Connection], path: Path) -> None:
        self._connections = connections
        self._path = path
        self._turn = 0
        self._tag_names: tuple[int, Mapping[str, str]] = (-1, {})

    async def candidates(self, ask: Ask, limit: int) -> Sequence[Candidate]:
        """Comments and posts that the index expressions find, at most `limit` of each.

        The newest of each kind come first. Both are asked in one statement: going to the
        connection's thread and back costs as much as a small search.
        """
        parts: list[str] = []
        values: list[object] = []
        if ask.comments is not None:
            found, bounds = (
                (_COMMENTS_FOUND, "full_text.rowid")
                if ask.comments
                else (_COMMENTS_ALL, "comment.id")
            )
            where, bound = _bounds(ask, ask.comments_below)
            parts.append(f"{found} {where.format(id=bounds)} ORDER BY {bounds} DESC LIMIT ?")
            values += [ask.comments] if ask.comments else []
            values += [*bound, limit]
        if ask.posts is not None:
            where, bound = _bounds(ask, ask.posts_below)
            where = where.format(id="full_text.rowid")
            parts.append(f"{_POSTS_FOUND} {where} ORDER BY full_text.rowid DESC LIMIT ?")
            values += [ask.posts, *bound, limit]
        if not parts:
            return []
        sql = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)
        return list(map(Candidate._make, await self._all(sql, tuple(values))))

    async def similar_words(self, word: str) -> Sequence[tuple[str, int]]:
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
        return [(row[0], row[1]) for row in await self._all(sql, (*values, word, swapped))]

    async def tag_names(self) -> Mapping[str, str]:
        """Every tag's key with its most used spelling."""
        # Counts the changes that other connections made, as seen by this one.
        connection = self._connections[0]
        with failures_of(self._path):
            ((version,),) = await connection.execute_fetchall("PRAGMA data_version")
        if version != self._tag_names[0]:
            counted = await self._counted_tags("", ())
            self._tag_names = version, {key: tag.name for key, tag in counted.items()}
        return self._tag_names[1]

    async def count_posts(self) -> int:
        """How many posts are served."""
        return int((await self._all("SELECT count(*) FROM post WHERE NOT draft"))[0][0])

    async def newest(self, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The newest posts."""
        return await self._summaries(
            f"WHERE {_SERVED_NEWEST_FIRST} LIMIT ? OFFSET ?", limit, offset
        )

    async def tagged(self, key: str, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The posts of a tag, newest first."""
        where = "WHERE post.id IN (SELECT post_id FROM tag WHERE key = ?) AND"
        return await self._summaries(
            f"{where} {_SERVED_NEWEST_FIRST} LIMIT ? OFFSET ?", key, limit, offset
        )

    async def tag(self, key: str) -> TagCount | None:
        """A tag by its normalised name."""
        return (await self._counted_tags("AND tag.key = ?", (key,))).get(key)

    async def tags(self, since: date | None, limit: int) -> Sequence[TagCount]:
        """The most used tags (of the posts since a day), the most used first."""
        where = ("", ()) if since is None else ("AND post.date >= ?", (since.isoformat(),))
        counts = (await self._counted_tags(*where)).values()
        return sorted(counts, key=lambda tag: (-tag.posts, tag.name))[:limit]

    async def count_mentioning(self, expression: str) -> int:
        """How many posts have comments that an index expression finds."""
        sql = """SELECT count(DISTINCT comment.post_id) FROM full_text
            CROSS JOIN comment ON comment.id = full_text.rowid WHERE full_text MATCH ?"""
        return int((await self._all(sql, (expression,)))[0][0])

    async def months(self) -> Sequence[MonthCount]:
        """The months that have posts, newest first."""
        sql = """SELECT substr(date, 1, 7), count(*) FROM post WHERE NOT draft
            GROUP BY 1 ORDER BY 1 DESC"""
        return [MonthCount(row[0], row[1]) for row in await self._all(sql)]

    async def in_month(self, month: str) -> Sequence[PostSummary]:
        """The posts of a month ("2025-06"), newest first."""
        return await self._summaries(
            f"WHERE date >= ? AND date < ? AND {_SERVED_NEWEST_FIRST}", month, month + "~"
        )

    async def nth(self, number: int) -> PostSummary | None:
        """The post at a place, counted from 0, for a lucky dip."""
        found = await self._summaries("WHERE NOT draft ORDER BY id LIMIT 1 OFFSET ?", number)
        return found[0] if found else None

    async def by_item(self, item_id: int) -> Sequence[PostSummary]:
        """The posts about a Hacker News discussion."""
        return await self._summaries(f"WHERE item_id = ? AND {_SERVED_NEWEST_FIRST}", item_id)

    async def by_slug(self, slug: str) -> PostSummary | None:
        """The post with a slug."""
        found = await self._summaries("WHERE slug = ? AND NOT draft", slug)
        return found[0] if found else None

    async def by_key(self, key: str) -> PostSummary | None:
        """The post with a key."""
        found = await self._summaries("WHERE key = ? AND NOT draft", key)
        return found[0] if found else None

    async def related(self, key: str, limit: int) -> Sequence[PostSummary]:
        """The posts that are most like the one with a key, best first."""
        sql = """
            WITH mine AS (SELECT tag.key FROM tag JOIN post ON post.id = post_id WHERE post.key = ?)
            SELECT post.id, post.key, title, date, group_concat(tag.key, char(10)) FROM tag
            JOIN post ON post.id = post_id
            WHERE NOT draft AND post.id IN (SELECT post_id FROM tag WHERE tag.key IN mine)
            GROUP BY post.id
        """
        posts = [
            TaggedPost(row[0], row[2], row[3], frozenset(row[4].split("\n")), row[1] == key)
            for row in await self._all(sql, (key,))
        ]
        wanted = next((post for post in posts if post.is_target), None)
        if wanted is None:
            return []
        ids = most_related(wanted, posts, limit)
        marks = ", ".join("?" * len(ids))
        rows = await self._all(f"{_SUMMARY} WHERE post.id IN ({marks})", tuple(ids))
        found = {row[0]: _summary(row) for row in rows}
        return [found[post_id] for post_id in ids]

    async def post(self, key: str) -> Post | None:
        """A whole post; drafts are not served."""
        with failures_of(self._path):
            post = await load_post(self._next(), key)
        return None if post is None or post.draft else post

    async def chosen(self, key: str) -> Sequence[int]:
        """The numbers of a post's comments that are worth reading, best first."""
        rows = await self._all("SELECT chosen FROM post WHERE key = ? AND NOT draft", (key,))
        return tuple(json.loads(rows[0][0])) if rows else ()

    async def export(self) -> AsyncIterator[Post]:
        """Every post, drafts included, sorted by slug, all as of the same moment."""
        with failures_of(self._path):
            connection = await connect(self._path)
            try:
                await connection.execute("BEGIN")
                for (key,) in await connection.execute_fetchall(
                    "SELECT key FROM post ORDER BY slug"
                ):
                    post = await load_post(connection, key)
                    assert post is not None
                    yield post
            finally:
                await connection.close()

    async def refused(self) -> Sequence[tuple[str, str]]:
        """The files that are refused, with the reason as JSON, sorted by path."""
        sql = "SELECT path, reason FROM file WHERE state = 'refused' ORDER BY path"
        return [(row[0], row[1]) for row in await self._all(sql)]

    def _next(self) -> aiosqlite.Connection:
        self._turn = (self._turn + 1) % len(self._connections)
        return self._connections[self._turn]

    async def _all(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with failures_of(self._path):
            return list(await self._next().execute_fetchall(sql, values))

    async def _summaries(self, where: str, *values: object) -> list[PostSummary]:
        return [_summary(row) for row in await self._all(f"{_SUMMARY} {where}", values)]

    async def _counted_tags(self, where: str, values: tuple[object, ...]) -> dict[str, TagCount]:
        """Tags by key, counted over all spellings and named by the most used one."""
        sql = f"""
            SELECT tag.key, name, count(*) FROM tag JOIN post ON post.id = tag.post_id
            WHERE NOT draft {where} GROUP BY tag.key, name ORDER BY count(*), name DESC
        """
        totals: dict[str, int] = {}
        names: dict[str, str] = {}
        for key, name, count in await self._all(sql, values):
            totals[key] = totals.get(key, 0) + count
            names[key] = name
        return {key: TagCount(names[key], total) for key, total in totals.items()}


@asynccontextmanager
async def open_reader(path: Path, connections: int = READERS) -> AsyncIterator[IndexReader]:
    """A reader on an index that a sync has made.

    Raises IndexFileError where there is none, or none of this version.
    """
    if not await asyncio.to_thread(path.exists):
        raise IndexFileError("index.missing", path=str(path))
    opened: list[aiosqlite.Connection] = []
    try:
        for _ in range(connections):
            opened.append(await connect(path))
        if not await is_current(opened[0], path):
            raise IndexFileError("index.outdated", path=str(path))
        for connection in opened:
            await connection.execute("PRAGMA query_only = ON")
        yield IndexReader(opened, path)
    finally:
        for connection in opened:
            await connection.close()


async def load_post(connection: aiosqlite.Connection, key: str) -> Post | None:
    """The whole post with a key, draft or not."""
    rows = list(
        await connection.execute_fetchall(
            """SELECT id, slug, path, title, date, date_exact, month, draft, thumbnail, source_url,
                item_id FROM post WHERE key = ?""",
            (key,),
        )
    )
    if not rows:
        return None
    row = rows[0]
    post_id = row[0]

    async def fetch(sql: str) -> Any:
        return await connection.execute_fetchall(sql, (post_id,))

    tags = await fetch("SELECT name FROM tag WHERE post_id = ? ORDER BY position")
    sections = await fetch(
        "SELECT number, summary, comments FROM section WHERE post_id = ? ORDER BY number"
    )
    comments = await fetch(
        """SELECT section, user, created_at, colour, body FROM comment
        WHERE id > ?1 AND id <= ?1 + (SELECT capacity FROM post WHERE id = ?1) ORDER BY id"""
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


def _bounds(ask: Ask, below: int | None) -> tuple[str, list[object]]:
    """SQL for a range of ids; days are turned into the ids of their posts, and verified later."""
    sql = ""
    values: list[object] = []
    if below is not None:
        sql += " AND {id} < ?"
        values.append(below)
    if ask.after is not None:
        sql += " AND {id} >= coalesce((SELECT min(id) FROM post WHERE date >= ?), 1 << 62)"
        values.append(ask.after.isoformat())
    if ask.before is not None:
        sql += " AND {id} <= coalesce((SELECT max(id + capacity) FROM post WHERE date < ?), 0)"
        values.append(ask.before.isoformat())
    return sql, values


def _summary(row: Sequence[Any]) -> PostSummary:
    return PostSummary(
        slug=row[1],
        path=row[2],
        title=row[3],
        date=datetime.fromisoformat(row[4]),
        date_exact=bool(row[5]),
        tags=tuple(json.loads(row[9])),
        comments=row[6],
        item_id=row[7],
        source_url=row[8],
    )
