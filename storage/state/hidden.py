"""What was taken down: posts and comments that are nowhere shown any more."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, select

from bot.stores import Hidden
from storage.state.database import State
from storage.state.statements import inserting
from storage.state.tables import HIDDEN_POST

_COLUMNS = HIDDEN_POST.c


class StoredHiddenPosts:
    """Keeps what is hidden in the state, as bot.stores.HiddenPosts asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def hide(self, post: str, comment: int, now: datetime) -> bool:
        """Hide a comment, 0 for the whole post; whether it was not hidden before."""
        async with self._state.writing() as connection:
            added = await connection.execute(
                inserting(connection, HIDDEN_POST)
                .values(post=post, comment=comment, hidden_at=now)
                .on_conflict_do_nothing()
            )
            return added.rowcount > 0

    async def unhide(self, post: str, comment: int) -> bool:
        """Show it again; whether it was hidden."""
        async with self._state.writing() as connection:
            deleted = await connection.execute(
                delete(HIDDEN_POST).where(_COLUMNS.post == post, _COLUMNS.comment == comment)
            )
            return deleted.rowcount > 0

    async def all(self) -> Hidden:
        """Everything that is hidden."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        async with self._state.reading() as connection:
            for post, comment in await connection.execute(select(_COLUMNS.post, _COLUMNS.comment)):
                found[post].add(comment)
        return {post: frozenset(comments) for post, comments in found.items()}
