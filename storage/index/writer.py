"""The one writer of the index: batches of prepared posts, each applied whole or not at all."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path

import aiosqlite

from bot.model import Post, post_key
from bot.ports import FileRecord, WriteCounts
from storage.index.database import (
    BUSY_SECONDS,
    ThreadConnection,
    connect,
    failures_of,
    is_current,
)
from storage.index.documents import PreparedPost, prepare
from storage.index.posts import BY_KEY, read_post
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

# Collected in memory before FTS5 writes them, in bytes: large while the index is filled (half the
# time, a smaller file), SQLite's default otherwise.
FILLING_HASH_BYTES = 64 * 1024 * 1024
USUAL_HASH_BYTES = 1024 * 1024

# What a rebuild writes is lifted this often, over two levels each time. Higher is safer from being
# merged, but the more levels there are, the more FTS5 merges at a time.
LIFTS = 3
_NO_TEXT = "\ue00f"
# Merged at a time: the file stays small, since the room of what was merged is used again.
MERGED_PAGES = 50

# Room left behind a post's comments, so that a few more fit without moving it.
SLACK = 8

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

_INSERT_POST = """
    INSERT INTO post (slug, path, title, date, date_exact, month, draft, thumbnail, source_url,
        item_id, rendered, title_key, key, chosen, digest, comments, capacity, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, path = excluded.path,
        title = excluded.title, chosen = excluded.chosen,
        date = excluded.date, date_exact = excluded.date_exact, month = excluded.month,
        draft = excluded.draft, thumbnail = excluded.thumbnail, source_url = excluded.source_url,
        item_id = excluded.item_id, rendered = excluded.rendered, title_key = excluded.title_key,
        digest = excluded.digest, comments = excluded.comments
"""
_INSERT_SECTION = "INSERT INTO section (post_id, number, summary, comments) VALUES (?, ?, ?, ?)"
_INSERT_TAG = "INSERT INTO tag (post_id, position, key, name) VALUES (?, ?, ?, ?)"
_INSERT_COMMENT = """
    INSERT OR REPLACE INTO comment (id, post_id, section, user, created_at, colour, body)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_DOCUMENT = "INSERT INTO full_text (rowid, tokens) VALUES (?, ?)"
_DELETE_DOCUMENT = "INSERT INTO full_text (full_text, rowid, tokens) VALUES ('delete', ?, ?)"
_ADD_WORD = """
    INSERT INTO word (word, reversed, comments) VALUES (?, ?, ?)
    ON CONFLICT (word) DO UPDATE SET comments = comments + excluded.comments
"""


def _post_values(post: PreparedPost) -> tuple[object, ...]:
    return (*post.post, post.key, post.chosen, post.digest, len(post.comments))


class IndexWriter:
    """Writes the index; whoever has one must hold the sync's lock."""

    def __init__(self, connection: ThreadConnection, path: Path) -> None:
        self._db = connection
        self._path = path
        self._rebuilding = False
        self._next_id = 1
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
                (self._next_id,) = await self._one("SELECT max(id + capacity) + 1 FROM post")
                self._next_id = self._next_id or 1
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
            await self._set_hash_size(FILLING_HASH_BYTES)
            self._next_id = 1
            return True

    async def finish(self) -> None:
        """Commit what `prepare_tables` began, if it did."""
        if self._rebuilding:
            with failures_of(self._path):
                await self._set_hash_size(USUAL_HASH_BYTES)
                await self._lift_full_text()
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
            (posts, misplaced) = await self._one(_COUNT_MISPLACED)
        accepted = int(await self.meta("misplaced") or 0)
        return bool(misplaced - accepted > MAX_DISORDER * posts + 10)

    async def accept_order(self) -> None:
        """After a rebuild in the order of dates: what is misplaced now cannot be mended by one.

        Rendered pages are, since they are read after all raw posts.
        """
        with failures_of(self._path):
            _, misplaced = await self._one(_COUNT_MISPLACED)
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
                (refused, present) = await self._one(
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
            row = await self._one("SELECT max(value) FROM meta WHERE key = ?", (key,))
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
                (found,) = await self._one(
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
            gone = [slug for slug in removed if await self._remove(post_key(slug))]
            return await self._write(posts, len(gone))

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

    async def _write(self, posts: Sequence[PreparedPost], removed: int) -> WriteCounts:
        new: list[PreparedPost] = []
        added = changed = 0
        for post in sorted(posts, key=lambda post: (post.date, post.slug)):
            post_id, capacity, digest, path = await self._one(
                "SELECT max(id), max(capacity), max(digest), max(path) FROM post WHERE key = ?",
                (post.key,),
            )
            if post_id is None:
                added += 1
                new.append(post)
            elif digest != post.digest:
                changed += 1
                if len(post.comments) <= capacity:
                    await self._replace(post, post_id, capacity)
                else:
                    await self._remove(post.key)
                    new.append(post)
            elif path != post.post[1]:
                await self._db.execute(
                    "UPDATE post SET path = ? WHERE id = ?", (post.post[1], post_id)
                )
        await self._append(new)
        return WriteCounts(added, changed, removed)

    async def _append(self, posts: Sequence[PreparedPost]) -> None:
        placed: list[tuple[int, PreparedPost]] = []
        counted: Counter[str] = Counter()
        capacities: list[int] = []
        for post in posts:
            placed.append((self._next_id, post))
            capacities.append(len(post.comments) + SLACK)
            self._next_id += capacities[-1] + 1
            counted.update(post.words)
        await self._db.executemany(
            _INSERT_POST,
            [
                (*_post_values(post), capacity, post_id)
                for (post_id, post), capacity in zip(placed, capacities, strict=True)
            ],
        )
        await self._insert_parts(placed)
        await self._db.executemany(
            _INSERT_COMMENT,
            [
                (post_id + number, post_id, *values)
                for post_id, post in placed
                for number, values in enumerate(post.comments, 1)
            ],
        )
        await self._db.executemany(
            _INSERT_DOCUMENT,
            [
                (post_id + number, document)
                for post_id, post in placed
                for number, document in enumerate(post.documents)
            ],
        )
        await self._count_words(counted)

    async def _insert_parts(self, placed: Sequence[tuple[int, PreparedPost]]) -> None:
        await self._db.executemany(
            _INSERT_SECTION,
            [(post_id, *values) for post_id, post in placed for values in post.sections],
        )
        await self._db.executemany(
            _INSERT_TAG, [(post_id, *values) for post_id, post in placed for values in post.tags]
        )

    async def _replace(self, post: PreparedPost, post_id: int, capacity: int) -> None:
        """Write a changed post in its old place, touching only what differs."""
        old = await self._prepared(post.key)
        await self._db.execute(_INSERT_POST, (*_post_values(post), capacity, post_id))
        await self._delete_parts(post_id)
        await self._insert_parts([(post_id, post)])
        for number in range(max(len(old.comments), len(post.comments))):
            before = old.comments[number] if number < len(old.comments) else None
            after = post.comments[number] if number < len(post.comments) else None
            row_id = post_id + number + 1
            if after is None:
                await self._db.execute("DELETE FROM comment WHERE id = ?", (row_id,))
            elif before != after:
                await self._db.execute(_INSERT_COMMENT, (row_id, post_id, *after))
        kept = min(len(old.documents), len(post.documents))
        differs = [
            number
            for number in range(max(len(old.documents), len(post.documents)))
            if number >= kept or old.documents[number] != post.documents[number]
        ]
        for sql, documents in (
            (_DELETE_DOCUMENT, old.documents),
            (_INSERT_DOCUMENT, post.documents),
        ):
            await self._db.executemany(
                sql,
                [
                    (post_id + number, documents[number])
                    for number in differs
                    if number < len(documents)
                ],
            )
        change = Counter(post.words)
        change.subtract(old.words)
        await self._count_words(change)

    async def _remove(self, key: str) -> bool:
        (post_id,) = await self._one("SELECT max(id) FROM post WHERE key = ?", (key,))
        if post_id is None:
            return False
        old = await self._prepared(key)
        await self._db.executemany(
            _DELETE_DOCUMENT,
            [(post_id + number, document) for number, document in enumerate(old.documents)],
        )
        await self._count_words(Counter({word: -count for word, count in old.words.items()}))
        await self._delete_parts(post_id)
        await self._db.execute(
            "DELETE FROM comment WHERE post_id = ? AND id BETWEEN ? AND ?",
            (post_id, post_id, post_id + len(old.comments)),
        )
        await self._db.execute("DELETE FROM post WHERE id = ?", (post_id,))
        return True

    async def _prepared(self, key: str) -> PreparedPost:
        """What was written for a post, made again from its rows by the segmenter that made it."""
        stored = await self._stored(key)
        # In a thread, since a large post takes a while.
        return await asyncio.to_thread(prepare, stored, rendered=False)

    async def _stored(self, key: str) -> Post:
        post = await self._db.run(lambda connection: read_post(connection, BY_KEY, key))
        assert post is not None
        return post

    async def _refused_posts(self) -> list[PreparedPost]:
        """The posts whose files are refused, where the tables are still of the present form."""
        (version,) = await self._one("PRAGMA user_version")
        if schema_of(version) != SCHEMA_VERSION:
            return []
        rows = await self._db.execute_fetchall(
            "SELECT DISTINCT key, post.rendered, chosen FROM post JOIN file USING (slug, path)"
            " WHERE state = 'refused' ORDER BY slug"
        )
        posts = []
        for key, rendered, chosen in rows:
            stored = await self._stored(key)
            posts.append(prepare(stored, bool(rendered))._replace(chosen=chosen))
        return posts

    async def _revision_facts(self) -> list[tuple[str, str]]:
        """What is known of the revision, also by tables of another version."""
        (is_there,) = await self._one("SELECT count(*) FROM sqlite_master WHERE name = 'meta'")
        if not is_there:
            return []
        rows = await self._db.execute_fetchall(
            "SELECT key, value FROM meta WHERE key IN (?, ?)", (REVISION, REVISION_OF)
        )
        return [(str(key), str(value)) for key, value in rows]

    async def _delete_parts(self, post_id: int) -> None:
        await self._db.execute("DELETE FROM section WHERE post_id = ?", (post_id,))
        await self._db.execute("DELETE FROM tag WHERE post_id = ?", (post_id,))

    async def _count_words(self, change: Mapping[str, int]) -> None:
        changed = [(word, word[::-1], count) for word, count in change.items() if count]
        await self._db.executemany(_ADD_WORD, changed)
        if any(count < 0 for _, _, count in changed):
            await self._db.executemany(
                "DELETE FROM word WHERE word = ? AND comments <= 0",
                [(word,) for word, _, count in changed if count < 0],
            )

    async def _set_busy_timeout(self, seconds: float) -> None:
        await self._db.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")

    async def _set_hash_size(self, size: int) -> None:
        await self._db.execute(
            "INSERT INTO full_text (full_text, rank) VALUES ('hashsize', ?)", (size,)
        )

    async def _lift_full_text(self) -> None:
        """Make the full text one segment, several levels above those that small changes write.

        FTS5 merges the segments of a level once there are sixteen, however large one is. What a
        rebuild has written lies on the level of the smallest, so every sixteenth change would write
        all of it anew. To merge everything, FTS5 adds a level above all others; begun again each
        time that there is something new, and then done, that ends high up.
        """
        for sql in (_INSERT_DOCUMENT, _DELETE_DOCUMENT) * LIFTS:
            await self._db.execute(sql, (0, _NO_TEXT))
            await self._merge_all(1)
        changes = -1
        while self._db.total_changes - changes > 1:
            changes = self._db.total_changes
            await self._merge_all(MERGED_PAGES)

    async def _merge_all(self, pages: int) -> None:
        await self._db.execute(
            "INSERT INTO full_text (full_text, rank) VALUES ('merge', ?)", (-pages,)
        )

    async def _one(self, sql: str, values: tuple[object, ...] = ()) -> aiosqlite.Row:
        async with self._db.execute(sql, values) as cursor:
            row = await cursor.fetchone()
        assert row is not None
        return row


@asynccontextmanager
async def open_writer(path: Path) -> AsyncIterator[IndexWriter]:
    """A writer on the index file, which is made where it is missing. Raises IndexFileError."""
    connection = await connect(path)
    try:
        yield IndexWriter(connection, path)
    finally:
        await connection.close()
