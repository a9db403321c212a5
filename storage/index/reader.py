"""Reading the index: candidates for search, lists of posts, whole posts."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import IndexFileError, MatomeError
from bot.model import MonthCount, Post, PostSummary, TagCount
from bot.ports import Answer, Snapshot
from bot.search.related import TaggedPost, most_related
from storage.files import identity
from storage.index.damage import Damage
from storage.index.database import READING_KIB, Result, ThreadConnection, connect, failures_of
from storage.index.documents import version_of
from storage.index.opening import close_all, opened, refuse_part
from storage.index.posts import BY_KEY, SERVED_BY_KEY, read_post, read_post_with_choice
from storage.index.schema import REVISION
from storage.index.snapshot import IndexSnapshot
from storage.index.summaries import SERVED_NEWEST_FIRST, SUMMARY, summary_of

READERS = 2


class IndexReader:
    """Answers from the index over a few read-only connections, once it is open.

    Until then whatever is asked raises what `absent` gives; with `on_damage`, which is told of it,
    also what meets damage in the file. Where another file takes the index's
    place, as after a rebuild of a damaged one, it is opened as soon as it can be; until then the
    old one answers.
    """

    def __init__(
        self,
        path: Path,
        connections: int = READERS,
        absent: Callable[[], MatomeError] | None = None,
        on_damage: Callable[[Damage], None] | None = None,
    ) -> None:
        self._path = path
        self._count = connections
        self._on_damage = on_damage
        self._absent = absent or partial(IndexFileError, "index.missing", path=str(path))
        self._connections: Sequence[ThreadConnection] = ()
        self._turn = 0
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it answers."""
        return bool(self._connections)

    async def open(self, archive: str | None = None) -> None:
        """Open the index that a sync has made; that of an archive only when all of it is there.

        One that is open stays so, whoever has opened it meanwhile. Raises IndexFileError where
        there is none, none of this version, or only a part of one.
        """
        async with self._opening:
            if self._connections:
                return
            connections = await opened(self._path, self._count)
            try:
                if archive is not None:
                    await refuse_part(connections[0], self._path, archive)
            except BaseException:
                await close_all(connections)
                raise
            self._use(connections)

    def _use(self, connections: Sequence[ThreadConnection]) -> None:
        self._connections = connections
        self._snapshots = [IndexSnapshot(connection.within) for connection in connections]
        self._file = identity(self._path)

    async def close(self) -> None:
        """Close the connections; what they are doing is waited for. Then it is absent again."""
        async with self._opening:
            connections, self._connections = self._connections, ()
            await close_all(connections)

    async def _follow(self) -> None:
        """Open the file that has taken the place of the one that is read, if it is an index."""
        if not self._connections:
            raise self._absent()
        if identity(self._path) in (None, self._file):
            return
        async with self._opening:
            if not self._connections:
                raise self._absent()
            if identity(self._path) == self._file:
                return
            with suppress(IndexFileError):
                old, new = self._connections, await opened(self._path, self._count)
                self._use(new)
                await close_all(old)

    async def on_snapshot(self, work: Callable[[Snapshot], Answer]) -> Answer:
        """Do some work with the index as of one moment, on a connection's own thread."""
        await self._follow()
        connection = self._next()
        snapshot = self._snapshots[self._turn]
        with self._failures():
            return await connection.read(lambda _: work(snapshot))

    async def count_posts(self) -> int:
        """How many posts are served."""
        return int((await self._all("SELECT count(*) FROM post WHERE NOT draft"))[0][0])

    async def count_comments(self) -> int:
        """How many comments the posts that are served have."""
        sql = "SELECT coalesce(sum(comments), 0) FROM post WHERE NOT draft"
        return int((await self._all(sql))[0][0])

    async def newest(self, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The newest posts."""
        return await self._summaries(f"WHERE {SERVED_NEWEST_FIRST} LIMIT ? OFFSET ?", limit, offset)

    async def tags(self, since: date | None, limit: int) -> Sequence[TagCount]:
        """The most used tags (of the posts since a day), the most used first."""
        return await self.on_snapshot(lambda snapshot: [*snapshot.tags(since).values()][:limit])

    async def months(self) -> Sequence[MonthCount]:
        """The months that have posts, newest first."""
        sql = """SELECT substr(date, 1, 7), count(*) FROM post WHERE NOT draft
            GROUP BY 1 ORDER BY 1 DESC"""
        return [MonthCount(row[0], row[1]) for row in await self._all(sql)]

    async def in_month(self, month: str) -> Sequence[PostSummary]:
        """The posts of a month ("2025-06"), newest first."""
        return await self._summaries(
            f"WHERE date >= ? AND date < ? AND {SERVED_NEWEST_FIRST}", month, month + "~"
        )

    async def nth(self, number: int) -> PostSummary | None:
        """The post at a place, counted from 0, for a lucky dip."""
        found = await self._summaries("WHERE NOT draft ORDER BY id LIMIT 1 OFFSET ?", number)
        return found[0] if found else None

    async def by_item(self, item_id: int) -> Sequence[PostSummary]:
        """The posts about a Hacker News discussion."""
        return await self._summaries(f"WHERE item_id = ? AND {SERVED_NEWEST_FIRST}", item_id)

    async def by_slug(self, slug: str) -> PostSummary | None:
        """The post with a slug."""
        found = await self._summaries("WHERE slug = ? AND NOT draft", slug)
        return found[0] if found else None

    async def by_key(self, key: str) -> PostSummary | None:
        """The post with a key."""
        found = await self._summaries("WHERE key = ? AND NOT draft", key)
        return found[0] if found else None

    async def by_keys(self, keys: Collection[str]) -> Sequence[PostSummary]:
        """The posts with these keys that are there, newest first."""
        return await self._summaries(
            f"WHERE key IN (SELECT value FROM json_each(?)) AND {SERVED_NEWEST_FIRST}",
            json.dumps(sorted(keys)),
        )

    async def versions(self) -> Mapping[str, str]:
        """The version of every post that is served, by its key."""
        rows = await self._all("SELECT key, digest FROM post WHERE NOT draft")
        return {key: version_of(digest) for key, digest in rows}

    async def versions_of(self, keys: Collection[str]) -> Mapping[str, str]:
        """The versions of the posts with these keys that are served."""
        sql = """SELECT key, digest FROM post
            WHERE NOT draft AND key IN (SELECT value FROM json_each(?))"""
        rows = await self._all(sql, (json.dumps(sorted(keys)),))
        return {key: version_of(digest) for key, digest in rows}

    async def revision(self) -> int:
        """How new the archive is that the index was made of, in seconds since 1970 (UTC)."""
        rows = await self._all("SELECT value FROM meta WHERE key = ?", (REVISION,))
        return int(rows[0][0]) if rows else 0

    async def related(self, key: str, limit: int) -> Sequence[PostSummary]:
        """The posts that are most like the one with a key, best first."""
        return await self._read(lambda connection: _related(connection, key, limit))

    async def post(self, key: str) -> Post | None:
        """A whole post; drafts are not served."""
        return await self._read(lambda connection: read_post(connection, SERVED_BY_KEY, key))

    async def post_with_choice(self, key: str) -> tuple[Post, Sequence[int]] | None:
        """The same with the numbers of its comments that are worth reading, best first."""
        return await self._read(
            lambda connection: read_post_with_choice(connection, SERVED_BY_KEY, key)
        )

    async def export(self) -> AsyncIterator[Post]:
        """Every post, drafts included, sorted by slug, all as of the same moment."""
        await self._follow()
        with failures_of(self._path):
            connection = await connect(self._path, READING_KIB)
            try:
                await connection.execute("BEGIN")
                for (key,) in await connection.execute_fetchall(
                    "SELECT key FROM post ORDER BY slug"
                ):
                    post = await connection.run(partial(read_post, where=BY_KEY, value=key))
                    assert post is not None
                    yield post
            finally:
                await connection.close()

    async def refused(self) -> Sequence[tuple[str, str]]:
        """The files that are refused, with the reason as JSON, sorted by path."""
        sql = "SELECT path, reason FROM file WHERE state = 'refused' ORDER BY path"
        return [(row[0], row[1]) for row in await self._all(sql)]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Failures as IndexFileError; damage that somebody looks after is their business."""
        file = self._file
        try:
            with failures_of(self._path):
                yield
        except IndexFileError as error:
            if error.key != "index.damaged" or self._on_damage is None:
                raise
            self._on_damage(Damage(file, str(error.details["cause"])))
            raise self._absent() from error

    def _next(self) -> ThreadConnection:
        self._turn = (self._turn + 1) % len(self._connections)
        return self._connections[self._turn]

    async def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Ask several questions of the index as of one moment."""
        await self._follow()
        with self._failures():
            return await self._next().read(work)

    async def _all(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        await self._follow()
        with self._failures():
            return list(await self._next().execute_fetchall(sql, values))

    async def _summaries(self, where: str, *values: object) -> list[PostSummary]:
        return [summary_of(row) for row in await self._all(f"{SUMMARY} {where}", values)]


@asynccontextmanager
async def open_reader(
    path: Path, connections: int = READERS, archive: str | None = None
) -> AsyncIterator[IndexReader]:
    """A reader on an index that a sync has made. Raises IndexFileError as `IndexReader.open`."""
    reader = IndexReader(path, connections)
    await reader.open(archive)
    try:
        yield reader
    finally:
        await reader.close()


def _related(connection: sqlite3.Connection, key: str, limit: int) -> list[PostSummary]:
    sql = """
        WITH mine AS (SELECT tag.key FROM tag JOIN post ON post.id = post_id WHERE post.key = ?)
        SELECT post.id, post.key, title, date, group_concat(tag.key, char(10)) FROM tag
        JOIN post ON post.id = post_id
        WHERE NOT draft AND post.id IN (SELECT post_id FROM tag WHERE tag.key IN mine)
        GROUP BY post.id
    """
    posts = [
        TaggedPost(row[0], row[2], row[3], frozenset(row[4].split("\n")), row[1] == key)
        for row in connection.execute(sql, (key,)).fetchall()
    ]
    wanted = next((post for post in posts if post.is_target), None)
    if wanted is None:
        return []
    ids = most_related(wanted, posts, limit)
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"{SUMMARY} WHERE post.id IN ({marks})", ids).fetchall()
    found = {row[0]: summary_of(row) for row in rows}
    return [found[post_id] for post_id in ids]
