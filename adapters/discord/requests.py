"""Requests to Discord for the outbox: each made once, its failures as the core knows them."""

from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.failing import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    Answer,
    asked,
    code_of,
)
from adapters.discord.limited import RateLimits
from adapters.discord.places import Places
from bot.errors import DeliveryError, Forbidden


@dataclass(frozen=True, slots=True)
class Requests:
    """Asks through a client that is logged in; `rate_limits` is what its session was made with."""

    client: discord.Client
    rate_limits: RateLimits
    places: Places

    @property
    def http(self) -> discord.http.HTTPClient:
        """What makes requests to be asked."""
        return self.client.http

    async def ask(
        self, route: str, channel: int, request: Coroutine[Any, Any, Answer], *needed: str
    ) -> Answer:
        """The answer to a request about a channel. Raises DeliveryError.

        `route` is what has a limit of its own in each channel. Where rights are missing it is said
        which, those that are `needed` beside writing included.
        """
        once = self.rate_limits.ask(f"{route} {channel}", request)
        try:
            return await asked(self.http, once, str(channel))
        except Forbidden as error:
            if code_of(error) not in (MISSING_ACCESS, MISSING_PERMISSIONS):
                raise
            lacking: Sequence[str] = ()
            with suppress(DeliveryError):
                lacking = await self.places.lacking(str(channel), *needed)
            raise Forbidden(lacking or error.missing) from error

    def is_own(self, message: Any) -> bool:
        """Whether the bot has written a message, as Discord gives it."""
        return self.is_me(message["author"]["id"])

    def is_me(self, user: str | int) -> bool:
        """Whether an id is the bot's."""
        me = self.client.user
        return me is not None and int(user) == me.id
