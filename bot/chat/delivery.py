"""Putting before others what somebody wants them to see: shares, and comments in a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.chat.codes import written
from bot.chat.context import Context, Frame
from bot.chat.fitting import fit
from bot.chat.library import Library
from bot.chat.views.comments import position, unfolded
from bot.errors import DeliveryError, Forbidden, TargetGone, UserError
from bot.intent import Intent, OpenPost, Unfold
from bot.outbox import delivery_key
from bot.ports import Platform
from bot.view import Action, Effect, Posting, View

Compose = Callable[[Intent, Frame], Awaitable[View]]
CodesOf = Callable[[Iterable[Action]], Awaitable[Mapping[Action, str]]]

# How far back a message is looked for that may have been posted already.
LOOKED_BACK = timedelta(days=1)


class DirectDelivery:
    """Posts at once; a message that is there already is not posted again."""

    def __init__(
        self,
        library: Library,
        platforms: Mapping[str, Platform],
        compose: Compose,
        codes_of: CodesOf,
        now: Callable[[], datetime],
    ) -> None:
        self._library = library
        self._platforms = platforms
        self._compose = compose
        self._codes_of = codes_of
        self._now = now
        self._one_at_a_time = {name: asyncio.Lock() for name in platforms}

    async def share(self, intent: Intent, context: Context) -> None:
        """Post an answer for all where it was asked for.

        The same answer of the same message is posted once. Raises UserError where the platform
        does not take it.
        """
        origin = context.message or f"{context.person} {context.target}"
        view = await self._compose(intent, context.public)
        await self._post(context, context.target, view, "share", origin, _named(intent))

    async def unfold(self, intent: Unfold, context: Context) -> None:
        """Post comments into a thread under the message, or under the post once it is shared.

        Each message has the key of its first comment, so what is there already is not posted
        again, whatever part of the post was asked for before.
        """
        views = await unfolded(self._library, intent)
        under = context.message
        if under is None or not context.is_public:
            post = OpenPost(intent.post)
            view = await self._compose(post, context.public)
            under = await self._post(context, context.target, view, "unfold", _named(post))
        platform = self._platforms[context.platform]
        with _told():
            thread = await platform.thread(under, views[0].summary)
        for view in views:
            for message in fit(view, platform.limits):
                first = position(message.blocks)
                await self._post(context, thread, message, "comments", under, intent.post, *first)

    async def _post(self, context: Context, target: str, view: View, *parts: object) -> str:
        """Post a message unless one with the same key is there; returns its reference."""
        platform = self._platforms[context.platform]
        key = delivery_key(*parts)
        codes = await self._codes_of(view.actions())
        posting = Posting(view, context.public.texts.language, codes)
        with _told():
            async with self._one_at_a_time[context.platform]:
                there = await platform.find(target, key, self._now() - LOOKED_BACK)
                return there or await platform.post(target, posting, key)


def _named(intent: Intent) -> str:
    return written(Action(intent, Effect.SHARE))


@contextmanager
def _told() -> Iterator[None]:
    """Tell who pressed what a platform did not take."""
    try:
        yield
    except Forbidden as error:
        missing = ", ".join(error.missing)
        key = "chat.share.forbidden" if missing else "chat.share.not_allowed"
        raise UserError(key, missing=missing) from error
    except TargetGone as error:
        raise UserError("chat.share.gone") from error
    except DeliveryError as error:
        raise UserError("chat.share.failed") from error
