"""What Discord asks to wait for is told to whoever asks, where the library would sit it out.

The library keeps the limits of routes as it knows them; a 429 it sleeps away, however long that is,
while whoever sends may have something else to do, and a deadline.
"""

import aiohttp
import discord

# A limit of a route that is over within so many seconds is left to the library.
_SHORT = 1.0
# Answers to people have nothing else to do than to wait.
_ANSWERS = ("/interactions/", "/webhooks/")


class Limited(discord.RateLimited):
    """A request was not taken: again after `retry_after` seconds, `everywhere` or of its route."""

    def __init__(self, retry_after: float, *, everywhere: bool) -> None:
        super().__init__(retry_after)
        self.everywhere = everywhere


def noticing_limits() -> aiohttp.TraceConfig:
    """What looks at each answer before the library does, and raises Limited."""
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_look)
    return config


async def _look(
    session: aiohttp.ClientSession, context: object, ended: aiohttp.TraceRequestEndParams
) -> None:
    response = ended.response
    # Without "Via" it is not Discord that answers, which the library tells by itself.
    if response.status != 429 or "Via" not in response.headers:
        return
    if any(part in ended.url.path for part in _ANSWERS):
        return
    scope = response.headers.get("X-RateLimit-Scope")
    everywhere = scope == "global" or "X-RateLimit-Global" in response.headers
    seconds = _seconds(response)
    if everywhere or seconds > _SHORT:
        response.close()
        raise Limited(seconds, everywhere=everywhere)


def _seconds(response: aiohttp.ClientResponse) -> float:
    """How long to wait: the limit of a route says it more exactly than in whole seconds."""
    for name in ("X-RateLimit-Reset-After", "Retry-After"):
        try:
            return float(response.headers[name])
        except (KeyError, ValueError):
            continue
    return _SHORT
