"""The one writer of the index: batches of prepared posts, each applied whole or not at all."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path

from bot.model import post_key
from bot.ports import FileRecord, WriteCounts
from storage.index import full_text
from storage.index.database import (
    BUSY_SECONDS,
    ThreadConnection,
    connect,
    failures_of,
    is_current,
    one,
)
from storage.index.documents import PreparedPost, prepare
from storage.index.post_rows import PostRows
from storage.index.schema import (
    APPLICATION_ID,
    INDEX_VERSION,
    REVISION,
    REVISION_OF,
    SCHEMA_VERSION,
    TABLE_NAMES,
    TABLES,
    schema_of,
)

# With more of its posts out of the order of their dates than this, the index is built anew.
MAX_DISORDER = 0.02

# How long a finished rebuild waits for readers of the old index, to make the files small again.
CHECKPOINT_SECONDS = 1.0

_COUNT_MISPLACED = """
    SELECT count(*), coalesce(sum(date < newest), 0) FROM (
        SELECT date, max(date) OVER (
            ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS newest FROM post)
"""


class IndexWriter:
    """Writes the index; whoever has one must hold the sync's lock."""

    def __init__(self, connection: ThreadConnection, path: Path) -> None:
        self._db = connection
        self._path = path
        self._rebuilding = False
        self._posts = PostRows(connection)
        self._kept: list[PreparedPost] = []

    async def prepare_tables(self, *, rebuild: bool, keep_refused: bool = True) -> bool:
        """Make the tables where they are missing; True where everything has to be read anew.

        An index of another version, or `rebuild`, is emptied within one transaction that ends with
        `finish`: until then readers see the old one, and a crash leaves it as it was. With
        `keep_refused`, `restore_refused` can bring back what the old one had of refused files.
        """
        with failures_of(self._path):
            current = await is_current(self._db, self._path)
            if current and not rebuild:
                await self._posts.count_on()
                return False
            await self._db.execute("PRAGMA journal_mode = WAL")
            await self._db.execute("BEGIN IMMEDIATE")
            self._rebuilding = True
            self._kept = await self._refused_posts() if keep_refused else []
            revision = await self._revision_facts()
            for name in TABLE_NAMES:
                await self._db.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in TABLES:
                await self._db.execute(statement)
            await self._db.executemany("INSERT INTO meta VALUES (?, ?)", revision)
            await self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            await self._db.execute(f"PRAGMA user_version = {INDEX_VERSION}")
            await full_text.set_hash_size(self._db, full_text.FILLING_HASH_BYTES)
            self._posts.next_id = 1
            return True

    async def finish(self) -> None:
        """Commit what `prepare_tables` began, if it did."""
        if self._rebuilding:
            with failures_of(self._path):
                await full_text.set_hash_size(self._db, full_text.USUAL_HASH_BYTES)
                await full_text.lift(self._db)
                await self._db.execute("COMMIT")
                self._rebuilding = False
                # Readers that stay on the old index for long do no harm, only the log stays large.
                await self._set_busy_timeout(CHECKPOINT_SECONDS)
                await self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                await self._set_busy_timeout(BUSY_SECONDS)

    async def is_disordered(self) -> bool:
        """Whether so many posts are out of the order of their dates that search suffers.

        Those that were there when the order was accepted do not count.
        """
        with failures_of(self._path):
            (posts, misplaced) = await one(self._db, _COUNT_MISPLACED)
        accepted = int(await self.meta("misplaced") or 0)
        return bool(misplaced - accepted > MAX_DISORDER * posts + 10)

    async def accept_order(self) -> None:
        """After a rebuild in the order of dates: what is misplaced now cannot be mended by one.

        Rendered pages are, since they are read after all raw posts.
        """
        with failures_of(self._path):
            _, misplaced = await one(self._db, _COUNT_MISPLACED)
        await self.set_meta("misplaced", str(misplaced))

    async def dates(self) -> Mapping[str, str]:
        """The date of each post (ISO 8601) by the path of its file."""
        with failures_of(self._path):
            rows = await self._db.execute_fetchall("SELECT path, date FROM post")
        return {str(path): str(date) for path, date in rows}

    async def restore_refused(self) -> None:
        """After a rebuild, write again the earlier versions of posts whose files are refused."""
        posts = []
        with failures_of(self._path):
            for post in self._kept:
                (refused, present) = await one(
                    self._db,
                    """SELECT (SELECT count(*) FROM file WHERE slug = ?1 AND state = 'refused'),
                    (SELECT count(*) FROM post WHERE slug = ?1)""",
                    (post.slug,),
                )
                if refused and not present:
                    posts.append(post)
        self._kept = []
        if posts:
            await self.apply(posts, [])

    async def files(self) -> Mapping[str, FileRecord]:
        """What is known of each file, by path."""
        with failures_of(self._path):
            rows = await self._db.execute_fetchall(
                "SELECT path, size, mtime_ns, digest, slug, rendered, state, reason FROM file"
            )
        return {
            path: FileRecord._make((path, *rest, json.loads(reason) if reason else None))
            for path, *rest, reason in rows
        }

    async def meta(self, key: str) -> str | None:
        """A fact about the index."""
        with failures_of(self._path):
            row = await one(self._db, "SELECT max(value) FROM meta WHERE key = ?", (key,))
        return None if row[0] is None else str(row[0])

    async def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the index; one that is known already costs no write."""
        if await self.meta(key) != value:
            with failures_of(self._path):
                await self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    async def note_revision(self, archive: str, revision: int) -> None:
        """Note how new an archive is (seconds since 1970); for one archive it never goes back."""
        if await self.meta(REVISION_OF) == archive:
            revision = max(revision, int(await self.meta(REVISION) or 0))
        await self.set_meta(REVISION, str(revision))
        await self.set_meta(REVISION_OF, archive)

    async def page_context(self) -> tuple[Collection[str], str]:
        """The raw posts' tags with a space inside, and a digest of all that pages depend on."""
        with failures_of(self._path):
            tags = await self._db.execute_fetchall(
                """SELECT DISTINCT name FROM tag JOIN post ON post.id = post_id
                WHERE NOT rendered AND name LIKE '% %' ORDER BY name"""
            )
            posts = await self._db.execute_fetchall(
                "SELECT item_id, title_key FROM post WHERE NOT rendered ORDER BY item_id, title_key"
            )
        names = [row[0] for row in tags]
        context = repr((names, [tuple(row) for row in posts])).encode()
        return names, blake2b(context, digest_size=16).hexdigest()

    async def superseded(self, posts: Sequence[PreparedPost]) -> set[str]:
        """The slugs of rendered pages whose raw post (same discussion, same title) is there."""
        slugs = set()
        for post in posts:
            if post.rendered:
                (found,) = await one(
                    self._db,
                    """SELECT count(*) FROM post
                    WHERE NOT rendered AND item_id IS ? AND title_key = ? AND slug <> ?""",
                    (post.item_id, post.title_key, post.slug),
                )
                if found:
                    slugs.add(post.slug)
        return slugs

    async def apply(
        self,
        posts: Sequence[PreparedPost],
        files: Iterable[FileRecord],
        removed: Collection[str] = (),
        forgotten: Collection[str] = (),
    ) -> WriteCounts:
        """Write posts and what is known of their files, in one transaction.

        `removed` are slugs whose posts go, `forgotten` paths of files that are gone.
        """
        async with self._transaction():
            await self._db.executemany(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (*record[:7], None if record.reason is None else json.dumps(record.reason))
                    for record in files
                ],
            )
            await self._db.executemany(
                "DELETE FROM file WHERE path = ?", [(path,) for path in forgotten]
            )
            gone = [slug for slug in removed if await self._posts.remove(post_key(slug))]
            return await self._posts.write(posts, len(gone))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """A transaction of its own, or a part of the rebuild's."""
        with failures_of(self._path):
            if self._rebuilding:
                yield
                return
            await self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                await self._db.rollback()
                raise
            await self._db.execute("COMMIT")

    async def _refused_posts(self) -> list[PreparedPost]:
        """The posts whose files are refused, where the tables are still of the present form."""
        (version,) = await one(self._db, "PRAGMA user_version")
        if schema_of(version) != SCHEMA_VERSION:
            return []
        rows = await self._db.execute_fetchall(
            "SELECT DISTINCT key, post.rendered, chosen FROM post JOIN file USING (slug, path)"
            " WHERE state = 'refused' ORDER BY slug"
        )
        posts = []
        for key, rendered, chosen in rows:
            stored = await self._posts.stored(key)
            posts.append(prepare(stored, bool(rendered))._replace(chosen=chosen))
        return posts

    async def _revision_facts(self) -> list[tuple[str, str]]:
        """What is known of the revision, also by tables of another version."""
        (is_there,) = await one(self._db, "SELECT count(*) FROM sqlite_master WHERE name = 'meta'")
        if not is_there:
            return []
        rows = await self._db.execute_fetchall(
            "SELECT key, value FROM meta WHERE key IN (?, ?)", (REVISION, REVISION_OF)
        )
        return [(str(key), str(value)) for key, value in rows]

    async def _set_busy_timeout(self, seconds: float) -> None:
        await self._db.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


@asynccontextmanager
async def open_writer(path: Path) -> AsyncIterator[IndexWriter]:
    """A writer on the index file, which is made where it is missing. Raises IndexFileError."""
    connection = await connect(path)
    try:
        yield IndexWriter(connection, path)
    finally:
        await connection.close()
