"""What Discord says to a request that it does not take, as errors that the core knows.

The codes are those of the platform's documentation ("JSON error codes").
"""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.limited import LONG_PAUSE, Limited
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater

Answer = TypeVar("Answer")

MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
NO_TEXT_CHANNEL, OTHER_CHANNELS_ONLY = 50008, 50024
ARCHIVED = 50083
THREAD_EXISTS = 160004
UNKNOWN_MESSAGE = 10008
PUBLISHED_ALREADY = 40033
# "Internal network error", a 403 that is a fault of Discord's own and says nothing of the place.
_INTERNAL = 40333
# An interaction that is over, or was answered already.
UNKNOWN_INTERACTION, ANSWERED_ALREADY, TOKEN_OVER, UNKNOWN_WEBHOOK = 10062, 40060, 50027, 10015

# What is lacking where a code says it, by the platform's names.
_LACKING: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        MISSING_ACCESS: ("View Channel",),
        50007: (),  # the person takes no direct messages
        50278: (),  # nor shares a server with the bot
        50009: (),  # the channel's verification level
        OTHER_CHANNELS_ONLY: (),  # not in this type of channel
        NO_TEXT_CHANNEL: (),
        20009: (),  # explicit content
        200000: (),  # the server's own filter
        200001: (),
        ARCHIVED: ("Manage Threads",),
        160005: ("Manage Threads",),  # a locked thread
        40067: ("Manage Threads",),  # a forum whose tags only moderators give
    }
)
# What takes a while until it is possible again, in seconds.
_PAUSES: Mapping[int, float] = MappingProxyType(
    {
        160006: 600.0,  # too many active threads
        30046: 3600.0,  # too many edits of an old message
        40003: 600.0,  # direct messages opened too fast
    }
)


async def asked(http: discord.http.HTTPClient, request: Awaitable[Answer], what: str) -> Answer:
    """The answer to a request about a place or message. Raises DeliveryError.

    One that is cancelled while the library sits out a global limit would let all others wait for
    ever; so they go on, and meet the limit themselves.
    """
    try:
        return await request
    except asyncio.CancelledError:
        http._global_over.set()
        raise
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        refused = delivery_error(error, what)
        if refused is None:
            raise
        raise refused from error


def code_of(error: BaseException) -> int:
    """Discord's code behind an error of either kind, 0 for none."""
    cause: BaseException | None = error
    while isinstance(cause, DeliveryError):
        cause = cause.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0


def delivery_error(error: Exception, what: str) -> DeliveryError | None:
    """What a failure means; None for one that is ours, such as a message that is too long."""
    match error:
        case Limited(retry_after=seconds, everywhere=everywhere):
            return TryLater("HTTP 429", seconds, everywhere=everywhere)
        case discord.RateLimited(retry_after=seconds):
            return TryLater("HTTP 429", seconds)
        case discord.NotFound(code=code) if code:
            return TargetGone("delivery.gone", what=what)
        case discord.HTTPException(status=status, code=code):
            return _refused(error, status, code)
        case discord.DiscordException():
            return None
        case _:
            return TryLater(f"{type(error).__name__} {error}".strip())


def _refused(error: discord.HTTPException, status: int, code: int) -> DeliveryError | None:
    cause = f"HTTP {status} {code}"
    if code in _PAUSES:
        return TryLater(cause, _PAUSES[code])
    if status == 429:
        return TryLater(cause, _asked_pause(error), everywhere=True)
    if status >= 500:
        return TryLater(cause)
    if code in _LACKING:
        return Forbidden(_LACKING[code])
    # Without a code it is not Discord that answers but what stands before it.
    if status == 401 or code == _INTERNAL or (status == 403 and not code):
        return TryLater(cause, LONG_PAUSE, everywhere=True)
    if status == 404:
        return TryLater(cause)
    return Forbidden() if status == 403 else None


def _asked_pause(error: discord.HTTPException) -> float:
    """How long to wait after a 429 that the library leaves to us: a page instead of an answer."""
    with suppress(ValueError, KeyError):
        return float(error.response.headers["Retry-After"])
    # No word of when: the address is shut out for a while.
    return LONG_PAUSE
