"""Putting before others what somebody wants them to see: shares, and comments in a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.chat.codes import written
from bot.chat.context import Context
from bot.chat.fitting import fit
from bot.errors import DeliveryError, Forbidden, UserError
from bot.intent import Intent, OpenPost, Unfold
from bot.ports import Platform
from bot.view import Action, Effect, View

Compose = Callable[[Intent, Context], Awaitable[View]]

# How far back a message is looked for that may have been posted already.
LOOKED_BACK = timedelta(days=1)


class DirectDelivery:
    """Posts at once; a message that is there already is not posted again."""

    def __init__(
        self, platforms: Mapping[str, Platform], compose: Compose, now: Callable[[], datetime]
    ) -> None:
        self._platforms = platforms
        self._compose = compose
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def share(self, intent: Intent, context: Context) -> str:
        """Post an answer for all where it was asked for; returns the message's reference.

        The same answer of the same message is posted once. Raises UserError where the platform
        does not take it.
        """
        view = await self._compose(intent, context.public())
        key = f"share:{context.message}:{written(Action(intent, Effect.SHARE))}"
        return await self._post(context, context.target, view, key)

    async def unfold(self, intent: Unfold, context: Context) -> None:
        """Post comments into a thread under the message, or under the post once it is shared."""
        under = context.message
        if not context.seen_by_others or under is None:
            under = await self.share(OpenPost(intent.post), context)
        view = await self._compose(intent, context.public())
        platform = self._platforms[context.platform]
        try:
            thread = await platform.thread(under, view.summary)
        except DeliveryError as error:
            raise _told(error) from error
        for number, message in enumerate(fit(view, platform.limits)):
            await self._post(context, thread, message, f"unfold:{under}:{intent.post}:{number}")

    async def _post(self, context: Context, target: str, view: View, key: str) -> str:
        platform = self._platforms[context.platform]
        async with self._one_at_a_time:
            try:
                there = await platform.find(target, key, self._now() - LOOKED_BACK)
                return there or await platform.post(target, view, key)
            except DeliveryError as error:
                raise _told(error) from error


def _told(error: DeliveryError) -> UserError:
    """The failure as the person who pressed is told."""
    if isinstance(error, Forbidden):
        return UserError("chat.share.forbidden", missing=", ".join(error.missing))
    return UserError("chat.share.failed")
