"""What the state learns of the archive; messages with posts that were corrected are made anew.

Several replicas may work on one state, each with an index of its own. One whose archive is older
than what the state knows notes nothing, and delivers only what it has as it is now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum

from structlog.stdlib import get_logger

from bot.digest.outages import until_done
from bot.intent import Refresh
from bot.model import is_correction
from bot.outbox import Row
from bot.ports import Index
from bot.stores import GetStores, Observation, Outbox, SeenPosts, Stores

# Messages that are younger are made anew where a post in them is corrected.
CORRECTED_FOR = timedelta(days=7)
# An edit that could not be made by then is given up.
EDITED_WITHIN = timedelta(days=1)
# Edits are asked for before the correction is noted, so that none is lost if the program ends in
# between; and so much later, so that no replica makes them of what was right until then.
EDITED_AFTER = timedelta(seconds=5)

_log = get_logger(__name__)


class Whereabouts(Enum):
    """Where the posts of a row are as the state knows them, so that it can be sent from there."""

    HERE = "here"
    NOT_NOTED = "not noted"  # a sync has changed some here, which is noted in a moment
    ELSEWHERE = "elsewhere"  # another replica knows some of them better


class Observer:
    """Notes in the state what the index holds. `now` gives the time in UTC."""

    def __init__(self, index: Index, get_stores: GetStores, now: Callable[[], datetime]) -> None:
        self._index = index
        self._get_stores = get_stores
        self._now = now
        self._changed = asyncio.Event()
        self._noted: tuple[int, Mapping[str, str]] | None = None

    def look(self) -> None:
        """Say that the index may hold something else: after each sync."""
        self._changed.set()

    async def keep_noting(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Note what is there, and again after each `look`, for as long as the program runs."""
        while True:
            self._changed.clear()
            await until_done(self.note, "the archive's posts could not be noted", sleep)
            await self._changed.wait()

    async def note(self) -> Observation | None:
        """Note what the index holds; None where that is what was noted the last time.

        Raises StateError and IndexFileError.
        """
        # In this order: what comes in between is noted again with its own revision, while an old
        # version under a new revision would be taken for a correction.
        revision = await self._index.revision()
        versions = await self._index.versions()
        stores, now = await self._get_stores(), self._now()
        known = await stores.seen.revision()
        # A state that was restored meanwhile knows less than was noted.
        if self._noted == (revision, versions) and known is not None and known >= revision:
            return None
        asked: frozenset[str] = frozenset()
        if known is None or revision >= known:
            asked = await _corrected(versions, stores.seen)
            await _show_anew(stores.outbox, asked, now, now + EDITED_AFTER)
        observation = await stores.seen.observe(versions, revision, now)
        await _show_anew(stores.outbox, observation.corrected - asked, now, now)
        if not observation.accepted:
            _log.warning("the archive is older than what is known of it: others go first")
        self._noted = revision, versions
        return observation

    async def held(self, row: Row) -> Whereabouts:
        """Whether the index has the posts of a row. Raises StateError and IndexFileError."""
        stores = await self._get_stores()
        if await holds(row, self._index, stores):
            return Whereabouts.HERE
        posts = await _posts_of(row, stores)
        here = await self._index.versions_of(posts)
        noted = {} if self._noted is None else self._noted[1]
        is_noted = all(here.get(post) == noted.get(post) for post in posts)
        return Whereabouts.ELSEWHERE if is_noted else Whereabouts.NOT_NOTED


async def _corrected(versions: Mapping[str, str], seen: SeenPosts) -> frozenset[str]:
    """The posts that are others than the state knows."""
    known = await seen.current(versions)
    return frozenset(
        post for post, version in known.items() if is_correction(version, versions[post])
    )


async def _show_anew(
    outbox: Outbox, posts: Collection[str], now: datetime, edited_at: datetime
) -> None:
    """Let the messages with any of these posts be edited, if they are not too old."""
    showing = [await outbox.showing(post, now - CORRECTED_FOR) for post in sorted(posts)]
    keys = {key for some in showing for key in some}
    if keys:
        await outbox.refresh(keys, edited_at, now + EDITED_WITHIN)


async def holds(row: Row, index: Index, stores: Stores) -> bool:
    """Whether an index has the posts of a row as they are now, so that it can be sent from here.

    Posts that have left the archive do not count. Raises StateError and IndexFileError.
    """
    posts = await _posts_of(row, stores)
    if not posts:
        return True
    current = await stores.seen.current(posts)
    held = await index.versions_of(posts)
    return all(held.get(post) == version for post, version in current.items())


async def _posts_of(row: Row, stores: Stores) -> list[str]:
    """What a row shows, or the message that it makes anew."""
    shown: Row | None = row
    if isinstance(row.said, Refresh):
        shown = await stores.outbox.row(row.said.key)
    return [] if shown is None else [post.post for post in shown.posts]
