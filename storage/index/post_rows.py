"""The rows of posts: appended behind all others, changed in their place, and removed."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.model import Post
from bot.ports import WriteCounts
from storage.index.database import ThreadConnection, one
from storage.index.documents import PreparedPost, prepare
from storage.index.full_text import DELETE_DOCUMENT, INSERT_DOCUMENT
from storage.index.posts import BY_KEY, read_post

# Room left behind a post's comments, so that a few more fit without moving it.
SLACK = 8

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
_ADD_WORD = """
    INSERT INTO word (word, reversed, comments) VALUES (?, ?, ?)
    ON CONFLICT (word) DO UPDATE SET comments = comments + excluded.comments
"""


class PostRows:
    """Writes the rows of posts, within a transaction of whoever asks.

    Posts are numbered in the order in which they are appended, the next one by `next_id`.
    """

    def __init__(self, connection: ThreadConnection) -> None:
        self._db = connection
        self.next_id = 1

    async def count_on(self) -> None:
        """Append behind what is there."""
        (next_id,) = await one(self._db, "SELECT max(id + capacity) + 1 FROM post")
        self.next_id = next_id or 1

    async def write(self, posts: Sequence[PreparedPost], removed: int) -> WriteCounts:
        """Write posts that are new or differ; `removed` were removed before."""
        new: list[PreparedPost] = []
        added = changed = 0
        for post in sorted(posts, key=lambda post: (post.date, post.slug)):
            post_id, capacity, digest, path = await one(
                self._db,
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
                    await self.remove(post.key)
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
            placed.append((self.next_id, post))
            capacities.append(len(post.comments) + SLACK)
            self.next_id += capacities[-1] + 1
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
            INSERT_DOCUMENT,
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
            (DELETE_DOCUMENT, old.documents),
            (INSERT_DOCUMENT, post.documents),
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

    async def remove(self, key: str) -> bool:
        """Delete a post with all that is in the index of it; whether it was there."""
        (post_id,) = await one(self._db, "SELECT max(id) FROM post WHERE key = ?", (key,))
        if post_id is None:
            return False
        old = await self._prepared(key)
        await self._db.executemany(
            DELETE_DOCUMENT,
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
        stored = await self.stored(key)
        # In a thread, since a large post takes a while.
        return await asyncio.to_thread(prepare, stored, rendered=False)

    async def stored(self, key: str) -> Post:
        """A post that is there, as its rows have it."""
        post = await self._db.run(lambda connection: read_post(connection, BY_KEY, key))
        assert post is not None
        return post

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


def _post_values(post: PreparedPost) -> tuple[object, ...]:
    return (*post.post, post.key, post.chosen, post.digest, len(post.comments))
