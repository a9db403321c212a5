"""What the rows of the outbox look like at the moment in which they are sent, or made anew."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from bot.chat.codes import Codes
from bot.chat.compose import compose
from bot.chat.context import Frame
from bot.chat.fitting import size_of
from bot.chat.library import Library
from bot.chat.threads import message_of, thread_of
from bot.chat.unfolding import unfolded
from bot.chat.views.announcement import gone_view, progress_note, stopped_view, welcome_view
from bot.chat.views.digest import Digest, digest_view, posts_of, topics_of
from bot.chat.views.parts import small_print
from bot.chat.views.thread import comments_view
from bot.errors import DeliveryError, NotYet, UserError
from bot.intent import (
    OpenThread,
    Publish,
    Refresh,
    ShowComments,
    ShowDigest,
    Stopped,
    Welcome,
)
from bot.locales import Texts
from bot.outbox import Row
from bot.ports import Platform
from bot.stores import GetStores
from bot.subscription import Subscription
from bot.view import Buttons, Choice, Limits, Posting, View

# A digest that is sent so much later than it was due says so.
LATE = timedelta(minutes=15)
# How long a message that is to be made anew waits for its platform at most.
REFRESHED_WITHIN = timedelta(hours=12)
# What a note below a message takes at most, in characters: with a title that may be escaped.
_NOTE = 70


@dataclass(frozen=True, slots=True)
class _Look:
    """What a row shows, which role it mentions, whether nobody is notified else, and its topics."""

    view: View
    mention: str | None = None
    silent: bool = True
    topics: tuple[str, ...] = ()


class Announcer:
    """Makes postings of rows; `now` gives the time in UTC.

    `look_again` reads what was taken down before a message is made, so that none shows what another
    process has hidden a moment before.
    """

    def __init__(
        self,
        library: Library,
        codes: Codes,
        get_stores: GetStores,
        now: Callable[[], datetime],
        look_again: Callable[[], Awaitable[None]],
    ) -> None:
        self._library = library
        self._codes = codes
        self._get_stores = get_stores
        self._now = now
        self._look_again = look_again

    async def compose(self, row: Row, platform: Platform) -> Posting:
        """What a row shows now, whether it posts, tells, or makes the message of another anew.

        Raises UserError where there is nothing to show any more; a message that stands already
        says that instead. Raises StateError.
        """
        await self._look_again()
        if not isinstance(row.said, Refresh):
            return await self._posting(row, await self._look(row, platform))
        original = await (await self._get_stores()).outbox.row(row.said.key)
        if original is None:
            raise UserError("announcement.gone")
        try:
            look = await self._look(original, platform)
        except NotYet:
            raise
        except UserError:
            look = _Look(gone_view(_frame(original, platform.limits)))
        return await self._posting(original, look)

    async def on_done(self, row: Row) -> None:
        """Let the message above a thread say how far that is, once a row has been done."""
        if isinstance(row.said, ShowComments):
            outbox = (await self._get_stores()).outbox
            message = await message_of(outbox, row)
            if message is not None:
                now = self._now()
                await outbox.refresh([message.key], now, now + REFRESHED_WITHIN)

    async def _posting(self, row: Row, look: _Look) -> Posting:
        codes = await self._codes.encode(look.view.actions(), self._now())
        return Posting(look.view, row.language, codes, look.mention, look.silent, look.topics)

    async def _look(self, row: Row, platform: Platform) -> _Look:
        frame = _frame(row, platform.limits)
        match row.said:
            case ShowDigest():
                return await self._digest(row, row.said, platform.limits)
            case ShowComments():
                post = await self._library.index.post(row.said.post)
                return _Look(comments_view(row.said, post, self._library.site_url, frame))
            case Stopped():
                address = await _address(row, row.said, platform)
                subscription = await self._subscription(row.said.subscription)
                return _Look(stopped_view(row.said, subscription, address, frame), silent=False)
            case Welcome():
                return _Look(await welcome_view(self._library, frame))
            case OpenThread() | Publish() | Refresh():
                raise ValueError(f"nothing that is shown: {row.said}")
            case _:
                roomy = replace(frame, limits=_with_room(frame.limits))
                view = await compose(self._library, row.said, roomy)
                note = await self._progress(row, frame.texts)
                return _Look(view if note is None else _noted(view, note))

    async def _digest(self, row: Row, said: ShowDigest, limits: Limits) -> _Look:
        shown, others = await posts_of(self._library, [p.post for p in row.posts], said.shown)
        subscription = await self._subscription(row.subscription)
        role = subscription.wishes.role if subscription is not None and (shown or others) else None
        limits = limits if role is None else _below_mention(limits)
        is_personal = subscription is not None and subscription.personal
        frame = replace(_frame(row, limits), can_thread=limits.threads and not is_personal)
        titles = {featured.post.key: featured.post.title for featured in shown}
        titles |= {post.key: post.title for post in others}
        note = await self._progress(row, frame.texts, titles)
        digest = Digest(
            date.fromisoformat(said.day),
            shown,
            others,
            said.source,
            number=row.id,
            subscription=row.subscription,
            late=row.due_at is not None and (row.done_at or self._now()) - row.due_at > LATE,
            notes=() if note is None else (small_print(note),),
        )
        # Room is kept for the note from the first, so that nothing gives way to it later.
        frame = replace(frame, limits=_with_room(limits) if note is None else limits)
        view = digest_view(digest, self._library.site_url, frame)
        return _Look(view, role, silent=role is None, topics=topics_of(digest))

    async def _progress(
        self, row: Row, texts: Texts, titles: Mapping[str, str] = MappingProxyType({})
    ) -> str | None:
        """How far the thread under a message is, None where there is none.

        `titles` are those of `progress_note`.
        """
        thread = await thread_of((await self._get_stores()).outbox, row.key)
        if not thread.there:
            return None
        posts = await thread.posts(self._library.index)
        return progress_note(unfolded(thread.there, posts), texts, titles)

    async def _subscription(self, key: str | None) -> Subscription | None:
        if key is None:
            return None
        return await (await self._get_stores()).subscriptions.get(key)


async def _address(row: Row, said: Stopped, platform: Platform) -> str | None:
    """Where the place of a stopped digest is opened; somebody is told also where nobody knows."""
    if row.target is None or said.reason == "gone":
        return None
    with suppress(DeliveryError):
        return await platform.address(row.target)
    return None


def _frame(row: Row, limits: Limits) -> Frame:
    """What all see there: shared already, and to be unfolded where there are threads."""
    return Frame(Texts(row.language), limits, can_thread=limits.threads)


@lru_cache(maxsize=32)
def _with_room(limits: Limits) -> Limits:
    """Limits that leave room for a note."""
    note = size_of(small_print("　" * _NOTE), limits)
    return replace(
        limits, characters=limits.characters - note.characters, parts=limits.parts - note.parts
    )


@lru_cache(maxsize=32)
def _below_mention(limits: Limits) -> Limits:
    """Limits that leave room for the mention of a role."""
    return replace(limits, characters=limits.characters - limits.text_costs.mention)


def _noted(view: View, note: str) -> View:
    """A view with a note above the buttons at its end."""
    at = len(view.blocks)
    while at and isinstance(view.blocks[at - 1], Buttons | Choice):
        at -= 1
    return replace(view, blocks=(*view.blocks[:at], small_print(note), *view.blocks[at:]))
