"""Putting before others what somebody wants them to see: shares, and comments in a thread.

Nothing is sent here. Rows are written into the outbox, each of them once however often a button is
pressed, and whoever pressed is told how far they are.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from bot.chat.codes import written
from bot.chat.compose import compose
from bot.chat.context import Context
from bot.chat.library import Library
from bot.chat.rights import check, is_there, refuse
from bot.chat.threads import Thread, thread_of
from bot.chat.unfolding import has_failed, missing, unfolded
from bot.chat.views.delivered import note, posts_in, under_way
from bot.chat.views.digest import digest_title
from bot.chat.writing import Press, ThreadHome, thread_rows
from bot.errors import DeliveryError, UserError
from bot.intent import (
    Help,
    Intent,
    Month,
    Months,
    Newest,
    OpenPost,
    ReadComments,
    Related,
    Search,
    ShowDigest,
    Tags,
    Unfold,
)
from bot.locales import Texts
from bot.model import Post
from bot.outbox import NewRow, Op, Outcome, PostVersion, Row, delivery_key
from bot.ports import Platform
from bot.stores import GetStores, Outbox
from bot.view import Action, Effect, View

# What may be put before others: answers that are the same whoever asks.
SHARED = (Newest, Search, OpenPost, ReadComments, Related, Tags, Months, Month, Help)

# How long whoever pressed waits for the end at most, in seconds.
WAIT = 2.0
# A share that comes later than this would come out of nowhere.
SHARED_WITHIN = timedelta(hours=1)
UNFOLDED_WITHIN = timedelta(hours=12)


class Deliverer(Protocol):
    """Whoever sends the rows of the outbox."""

    def kick(self) -> None:
        """Look for rows at once."""
        ...

    async def settled(self, key: str, seconds: float) -> Row | None:
        """A row once it has ended, None where it has not within so many seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Unfolding:
    """What somebody wants to unfold, and the digest here from which the post was opened, if any."""

    intent: Unfold
    post: Post
    digest: Row | None


class Delivery:
    """Writes what others are to see into the outbox; `now` gives the time in UTC.

    Whoever pressed waits for the end, but `wait` seconds at most.
    """

    def __init__(
        self,
        library: Library,
        platforms: Mapping[str, Platform],
        get_stores: GetStores,
        deliverer: Deliverer,
        now: Callable[[], datetime],
        wait: float = WAIT,
    ) -> None:
        self._library = library
        self._platforms = platforms
        self._get_stores = get_stores
        self._deliverer = deliverer
        self._now = now
        self._patience = wait
        # By the message that it is under: what a thread lacks is written before the next one looks
        # at what it has. A platform is asked meanwhile, for which nobody else waits.
        self._writing = WeakValueDictionary[str, asyncio.Lock]()

    async def share(self, intent: Intent, context: Context) -> View:
        """Let an answer be posted for all where it was asked for; what to tell who pressed.

        The same answer of the same message is posted once. Raises UserError where it cannot be.
        """
        if not isinstance(intent, SHARED):
            raise UserError("chat.share.not_here")
        await check(self._platforms[context.platform].can_post(context.target))
        outbox = (await self._get_stores()).outbox
        home = await self._shared(intent, context, outbox)
        await outbox.put([] if home.share is None else [home.share], self._now())
        await self._wait(home.key)
        row = await outbox.row(home.key)
        if row is not None and has_failed(row):
            await refuse(self._platforms[context.platform], row, context)
        is_done = row is not None and row.outcome is Outcome.DONE
        return note(context.texts("chat.share.done" if is_done else "chat.share.waiting"))

    async def look_up(self, intent: Unfold, context: Context) -> Unfolding:
        """What somebody wants to unfold. Raises UserError where there is nothing to unfold."""
        post = await self._library.index.post(intent.post)
        sections = {comment.section for comment in post.comments} if post is not None else set()
        if post is None or not sections or intent.section not in (None, *sections):
            raise UserError("chat.post_gone")
        return Unfolding(intent, post, await self._digest(intent, context))

    async def unfold(self, found: Unfolding, context: Context) -> View:
        """Let comments be posted into a thread; what to tell who pressed.

        The thread is under the digest from which the post was opened, else under the message that
        was pressed, else under the post, which is shared first. What is there already is not posted
        again. Raises UserError where it cannot be.
        """
        await check(self._platforms[context.platform].can_post(context.target))
        outbox = (await self._get_stores()).outbox
        home = await self._home(found, context, outbox)
        async with self._writing.setdefault(home.key, asyncio.Lock()):
            thread = await self._thread(home.key, context, outbox)
            rows = await self._rows(found, home, thread, context)
            await outbox.put(rows, self._now())
        said = [row.key for row in rows if row.on_key == thread.key]
        if said or any(row.outcome is None for row in thread.there):
            # What stands on a row that failed never ends by itself.
            before = [thread.key] if home.share is None else [home.key, thread.key]
            await self._wait(*before, said[-1] if said else thread.last)
        return await self._how_far(home, thread.key, context, is_new=bool(said))

    async def _rows(
        self, found: Unfolding, home: ThreadHome, thread: Thread, context: Context
    ) -> Sequence[NewRow]:
        post, section = found.post, found.intent.section
        frame = replace(context.public, limits=self._platforms[context.platform].limits)
        messages = missing(post, section, frame, thread.there, self._library.site_url)
        if not messages:
            return ()
        press = Press(context, self._now())
        versions = await self._versions([post.key])
        title = _title(home, post)
        return list(thread_rows(press, home, thread, title, messages, versions, UNFOLDED_WITHIN))

    async def _home(self, found: Unfolding, context: Context, outbox: Outbox) -> ThreadHome:
        if found.digest is not None:
            return ThreadHome(found.digest.key, found.digest.reference, found.digest)
        if context.is_public and context.message is not None:
            row = await outbox.by_reference(context.platform, context.message)
            name = f"{context.platform} {context.message}" if row is None else row.key
            return ThreadHome(name, context.message, row)
        return await self._shared(OpenPost(found.post.key), context, outbox)

    async def _thread(self, message: str, context: Context, outbox: Outbox) -> Thread:
        """The thread of a message, there or to be opened. Raises UserError for missing rights."""
        platform, gone = self._platforms[context.platform], set[str]()
        while True:
            thread = await thread_of(outbox, message, gone)
            if thread.target is None:
                await check(platform.can_thread(context.target))
                return thread
            if await is_there(platform, thread.target):
                return thread
            gone.add(thread.target)

    async def _digest(self, intent: Unfold, context: Context) -> Row | None:
        """The digest from which a post was opened, if it stands where somebody pressed.

        A number may be forged.
        """
        if intent.digest is None:
            return None
        row = await (await self._get_stores()).outbox.by_id(intent.digest)
        if row is None or not isinstance(row.said, ShowDigest) or row.reference is None:
            return None
        is_here = (row.platform, row.target) == (context.platform, context.target)
        has_it = any(shown.post == intent.post for shown in row.posts)
        return row if is_here and has_it and row.outcome is Outcome.DONE else None

    async def _shared(self, intent: Intent, context: Context, outbox: Outbox) -> ThreadHome:
        """The message with an answer for all: the one that is there, or the row that makes it."""
        origin = context.message or f"{context.person} {context.target}"
        named = written(Action(intent, Effect.SHARE))
        attempt = 0
        while True:
            key = delivery_key("share", origin, named, *([attempt] if attempt else []))
            row = await outbox.row(key)
            if row is None:
                break
            if not has_failed(row):
                return ThreadHome(key, row.reference, row)
            attempt += 1
        # Rather told now that there is nothing to show than after it was written down.
        view = await compose(self._library, intent, context.public)
        press = Press(context, self._now())
        posted = press.row(key, Op.POST, intent, SHARED_WITHIN)
        posts = await self._versions(posts_in(view))
        return ThreadHome(key, share=replace(posted, target=context.target, posts=posts))

    async def _versions(self, posts: Sequence[str]) -> Sequence[PostVersion]:
        versions = await self._library.index.versions_of(posts)
        return [PostVersion(post, versions[post]) for post in posts if post in versions]

    async def _wait(self, *keys: str) -> None:
        """Wait for rows that follow each other, until the last has ended or one has failed."""
        self._deliverer.kick()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                for key in keys:
                    row = await self._deliverer.settled(key, self._patience)
                    if row is None or has_failed(row):
                        return

    async def _how_far(self, home: ThreadHome, key: str, context: Context, *, is_new: bool) -> View:
        """How far a thread is. Raises UserError where it came to nothing."""
        outbox = (await self._get_stores()).outbox
        row, there = await outbox.row(key), await outbox.on(key)
        thread = Thread(key, row, there)
        far = unfolded(there, await thread.posts(self._library.index))
        if not far.is_open and far.done < far.total:
            for failed in (await outbox.row(home.key), row, *reversed(there)):
                if failed is not None and failed.outcome not in _NO_CAUSE:
                    await refuse(self._platforms[context.platform], failed, context)
        address = None
        if thread.target is not None:
            with suppress(DeliveryError):
                address = await self._platforms[context.platform].address(thread.target)
        put_off = any(each is not None and _is_put_off(each) for each in (row, *there))
        return under_way(far, address, context.texts, is_new=is_new, is_put_off=put_off)


# Rows with these say nothing about why others failed.
_NO_CAUSE = (None, Outcome.DONE, Outcome.DROPPED)


def _is_put_off(row: Row) -> bool:
    """Whether a row was tried and has to wait."""
    return row.outcome is None and row.cause is not None


def _title(home: ThreadHome, post: Post) -> str:
    """What a thread is called: like the digest above it, else like the post."""
    if home.row is None or not isinstance(home.row.said, ShowDigest):
        return post.title
    return digest_title(date.fromisoformat(home.row.said.day), Texts(home.row.language))
