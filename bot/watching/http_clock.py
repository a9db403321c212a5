"""Platforms' clocks, as their answers over HTTP tell them."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.watching.clock import ClockWatch

# The header names whole seconds (RFC 9110, 5.6.7).
_WITHIN = timedelta(seconds=1)


def compare_clocks(config: aiohttp.TraceConfig, clock: ClockWatch, source: str) -> None:
    """Let a session with this configuration tell `clock` what the answers are dated."""

    async def asked(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        context.asked_at = clock.now()

    async def answered(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        headers = params.response.headers
        # What somebody on the way has kept is dated when they got it.
        if "Date" not in headers or "Age" in headers:
            return
        try:
            theirs = parsedate_to_datetime(headers["Date"])
        except ValueError:
            return
        if theirs.tzinfo is not None:
            clock.heard(source, context.asked_at, theirs, _WITHIN)

    config.on_request_start.append(asked)
    config.on_request_end.append(answered)
