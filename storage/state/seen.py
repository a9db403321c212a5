"""Which posts the archive has had: what is new, corrected or gone is learned once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import is_correction
from bot.stores import Observation
from storage.state.database import State
from storage.state.statements import in_batches, locked_fact, set_fact
from storage.state.tables import FACT, SEEN_POST

_COLUMNS = SEEN_POST.c
_REVISION = "revision"


class StoredSeenPosts:
    """Keeps the seen posts in the state, as bot.stores.SeenPosts asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def observe(
        self, versions: Mapping[str, str], revision: int, now: datetime
    ) -> Observation:
        """Note all posts of an archive as of a revision (seconds since 1970), each thing once.

        An older revision than the newest that was noted changes nothing, and no posts at all are
        taken for an archive that is away. Of another archive nothing is told, it is only noted. A
        post that was gone and is back counts as corrected: messages were made without it.
        """
        async with self._state.writing() as connection:
            noted = await locked_fact(connection, _REVISION)
            if noted and revision < int(noted):
                return Observation(accepted=False)
            await set_fact(connection, _REVISION, str(revision))
            if not versions:
                return Observation(accepted=True)
            known = {
                post: (version, removed_at is None)
                for post, version, removed_at in await connection.execute(
                    select(_COLUMNS.post, _COLUMNS.version, _COLUMNS.removed_at)
                )
            }
            baseline = known.keys().isdisjoint(versions)
            await _add(connection, versions.keys() - known, versions, now, baseline)
            removed = frozenset(
                post for post, (_, there) in known.items() if there and post not in versions
            )
            await _note_removed(connection, removed, now)
            if baseline:
                return Observation(accepted=True)
            changed = {
                post: version
                for post, version in versions.items()
                if post in known and known[post] != (version, True)
            }
            await _note_versions(connection, changed)
            return Observation(
                accepted=True,
                new=frozenset(versions.keys() - known),
                corrected=frozenset(
                    post
                    for post, version in changed.items()
                    if not known[post][1] or is_correction(known[post][0], version)
                ),
                removed=removed,
            )

    async def revision(self) -> int | None:
        """The newest revision that was noted."""
        async with self._state.reading() as connection:
            value = await connection.scalar(select(FACT.c.value).where(FACT.c.name == _REVISION))
            return int(value) if value else None

    async def new_since(self, since: datetime) -> Sequence[str]:
        """Posts that came since a time and are there still, the newest first; no baseline."""
        query = (
            select(_COLUMNS.post)
            .where(
                _COLUMNS.first_seen_at >= since,
                _COLUMNS.baseline.is_(False),
                _COLUMNS.removed_at.is_(None),
            )
            .order_by(_COLUMNS.first_seen_at.desc(), _COLUMNS.post)
        )
        async with self._state.reading() as connection:
            return list(await connection.scalars(query))

    async def current(self, posts: Collection[str]) -> Mapping[str, str]:
        """The newest version of each post that is known and there."""
        found: dict[str, str] = {}
        async with self._state.reading() as connection:
            for batch in in_batches(posts):
                query = select(_COLUMNS.post, _COLUMNS.version).where(
                    _COLUMNS.post.in_(batch), _COLUMNS.removed_at.is_(None)
                )
                rows = await connection.execute(query)
                found.update((post, version) for post, version in rows)
        return found


async def _add(
    connection: AsyncConnection,
    posts: Collection[str],
    versions: Mapping[str, str],
    now: datetime,
    baseline: bool,
) -> None:
    if posts:
        await connection.execute(
            insert(SEEN_POST),
            [
                {
                    "post": post,
                    "version": versions[post],
                    "first_seen_at": now,
                    "baseline": baseline,
                }
                for post in sorted(posts)
            ],
        )


async def _note_removed(connection: AsyncConnection, posts: Collection[str], now: datetime) -> None:
    for batch in in_batches(posts):
        await connection.execute(
            update(SEEN_POST).where(_COLUMNS.post.in_(batch)).values(removed_at=now)
        )


async def _note_versions(connection: AsyncConnection, versions: Mapping[str, str]) -> None:
    if versions:
        await connection.execute(
            update(SEEN_POST)
            .where(_COLUMNS.post == bindparam("key"))
            .values(version=bindparam("newest"), removed_at=None),
            [{"key": post, "newest": version} for post, version in sorted(versions.items())],
        )
