"""Slack's requests over HTTP: only those with its signature come further than here."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

EVENTS_PATH = "/slack/events"

Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

# A request that takes longer to arrive, in seconds, could not be answered in time.
_READ_WITHIN = 3.0
_TIMESTAMP = re.compile("[0-9]{1,12}")
# What an unsigned check of the certificate is not longer than.
_MOST_OF_CHECK = 1000


class SignedRequests:
    """Gives what Slack posts to an app: events, commands, and what people press and fill in.

    Signatures are good for five minutes. Without an app, before one is there or after it has left,
    Slack is told to come again.
    """

    def __init__(self, signing_secret: str) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._dispatch: Dispatch | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def open(self, dispatch: Dispatch) -> None:
        """Give requests to an app from now on."""
        self._dispatch = dispatch

    async def close(self) -> None:
        """Give it no more, and wait until it has taken those that are under way."""
        self._dispatch = None
        await self._idle.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to a request, 401 where the signature is wrong or old."""
        try:
            async with asyncio.timeout(_READ_WITHIN):
                body = (await request.read()).decode()
        except TimeoutError:
            return web.Response(status=408)
        except UnicodeDecodeError:
            return web.Response(status=400)
        if not self._is_signed(request, body):
            return web.Response(status=200 if _is_ssl_check(body) else 401)
        asked = _bolt_request(request, body)
        if asked is None:
            return web.Response(status=400)
        dispatch = self._dispatch
        if dispatch is None:
            return web.Response(status=503)
        self._under_way += 1
        self._idle.clear()
        try:
            return await to_aiohttp_response(await dispatch(asked))
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _is_signed(self, request: web.Request, body: str) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # The verifier takes others for mistakes of ours.
        if not _TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            return False
        return self._verifier.is_valid(body, timestamp, signature)


def _is_ssl_check(body: str) -> bool:
    """Whether Slack looks at the certificate only, which it does without a signature."""
    return len(body) <= _MOST_OF_CHECK and parse_qs(body).get("ssl_check") == ["1"]


def _bolt_request(request: web.Request, body: str) -> AsyncBoltRequest | None:
    """A request as slack-bolt reads it; None where it can make nothing of it."""
    headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
    try:
        return AsyncBoltRequest(body=body, query=request.query_string, headers=headers)
    except (AttributeError, KeyError, TypeError, ValueError):
        # Not the JSON of an object, or one of another form.
        return None
