"""The thread under a message, as the outbox knows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.chat.unfolding import has_failed, is_lost, said_by
from bot.model import Post
from bot.outbox import Op, Outcome, Row, delivery_key
from bot.ports import Index
from bot.stores import Outbox


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread by the key of its row, None where nobody has asked for it, with the rows in it."""

    key: str
    row: Row | None
    there: Sequence[Row]

    @property
    def target(self) -> str | None:
        """Where it is, once it has been opened."""
        is_open = self.row is not None and self.row.outcome is Outcome.DONE
        return self.row.reference if is_open and self.row is not None else None

    @property
    def last(self) -> str:
        """The key of the row behind which more is to be said."""
        return next((row.key for row in reversed(self.there) if not has_failed(row)), self.key)

    async def posts(self, index: Index) -> Mapping[str, Post]:
        """The posts whose comments it has, by their keys."""
        keys = {said_by(row).post for row in self.there if row.op is Op.POST}
        found = [await index.post(key) for key in sorted(keys)]
        return {post.key: post for post in found if post is not None}


async def thread_of(outbox: Outbox, message: str, gone: Collection[str] = ()) -> Thread:
    """The thread of a message, that of the outbox by the key of its row.

    Where one could not be opened, or was deleted, another takes its place; `gone` are those of
    which that is known otherwise than by the outbox.
    """
    attempt = 0
    while True:
        key = delivery_key("thread", message, *([attempt] if attempt else []))
        row = await outbox.row(key)
        there = () if row is None else await outbox.on(key)
        thread = Thread(key, row, there)
        if row is None or not (is_lost(row, there) or thread.target in gone):
            return thread
        attempt += 1


async def message_of(outbox: Outbox, comments: Row) -> Row | None:
    """The row of the message under whose thread a row has posted comments."""
    if comments.target is None:
        return None
    found = await outbox.by_reference(comments.platform, comments.target)
    # Some platforms name a thread like the message that it hangs on.
    if found is not None and found.op is Op.THREAD and found.message is not None:
        return await outbox.by_reference(found.platform, found.message)
    return found
