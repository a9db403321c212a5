"""Socket Mode: what happens in Slack comes over a connection that the bot opens.

The library's own client tries an address again that is good once, notices a broken connection only
by its pings, and logs a refused token for ever; so the connection is ours, and what comes over it
is the library's. Several replicas may be connected: Slack tells each thing to one of them.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackClientError
from structlog.stdlib import get_logger

from adapters.slack.failing import asked, word_of
from adapters.slack.names import NAME
from adapters.slack.workspaces import Api
from bot.errors import DeliveryError, OperatorError, TryLater
from bot.meter import Links

# Between two tries to connect, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
# A connection that has lasted for so many seconds was a good one.
_LASTING = 60.0
# How often it is asked whether the connection is there, in seconds; half of it is waited.
_HEARTBEAT = 10.0
# What is not acknowledged in so many seconds is told again, by Slack, to whoever is connected.
_ACK_WITHIN = 3.0
_REFUSED = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
# How long the other side may take to say goodbye, in seconds.
_CLOSE_WITHIN = 2.0
_TURNED_OFF = "link_disabled"
# Slack's words for a connection that it wants to have anew: another one is to be opened at once.
# https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
_RENEWED = ("warning", "refresh_requested")
# What the connection is called where the operator looks.
LINK = "socket"

Json = Mapping[str, Any]

_log = get_logger(__name__)


@dataclass(slots=True)
class Sockets:
    """The connection of an app by its `app_token` (xapp-), which is shown nowhere.

    `seconds` is a clock that only goes forward.
    """

    app: AsyncApp
    api: Api
    app_token: str = field(repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    seconds: Callable[[], float] = time.monotonic
    links: Links = field(default_factory=lambda: Links(NAME))
    _open: "list[aiohttp.ClientWebSocketResponse]" = field(default_factory=list, init=False)
    _answering: "set[asyncio.Task[None]]" = field(default_factory=set, init=False)
    _pause: float = field(default=_FIRST_PAUSE, init=False)

    async def run(self) -> None:
        """Stay connected until cancelled. Raises OperatorError where Slack refuses the token."""
        listening: set[asyncio.Task[None]] = set()
        try:
            while True:
                socket, opened_at = await self._connected(), self.seconds()
                ends: asyncio.Future[str] = asyncio.get_running_loop().create_future()
                listening.add(asyncio.create_task(self._listen(socket, ends)))
                reason = await ends
                for ended in [task for task in listening if task.done()]:
                    listening.discard(ended)
                    ended.result()
                await self._rest(reason, self.seconds() - opened_at)
        finally:
            await self._leave(listening)

    async def _leave(self, listening: "set[asyncio.Task[None]]") -> None:
        """Hear nothing more; what has come is acknowledged still."""
        for task in listening:
            task.cancel()
        if listening:
            await asyncio.wait(listening)
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=_ACK_WITHIN)
        for socket in set(self._open):
            await socket.close()

    async def _rest(self, reason: str, lasted: float) -> None:
        """Wait after a connection that has lasted for too few seconds, longer after each one."""
        if lasted >= _LASTING:
            self._pause = _FIRST_PAUSE
        elif reason not in _RENEWED:
            seconds = self._next_pause()
            _log.warning(
                "a connection to Slack ended soon",
                lasted=round(lasted),
                next_try_in=round(seconds),
                cause=reason,
            )
            await self.sleep(seconds)

    def _next_pause(self) -> float:
        pause = self._pause
        self._pause = min(2 * pause, _LONGEST_PAUSE)
        return pause

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        """A new connection; while Slack is away it is tried again. Raises OperatorError."""
        while True:
            try:
                url = await self._address()
                return await self.api.session.ws_connect(
                    url,
                    heartbeat=_HEARTBEAT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_WITHIN),
                )
            except TryLater as error:
                seconds = self._next_pause() if error.seconds is None else error.seconds
                _log.warning("Slack cannot be reached", next_try_in=round(seconds), cause=error)
            except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
                seconds, cause = self._next_pause(), _cause(error)
                _log.warning("Slack cannot be reached", next_try_in=round(seconds), cause=cause)
            await self.sleep(seconds)

    async def _address(self) -> str:
        """Where to connect, once. Raises OperatorError and TryLater."""
        client = self.api.client()
        try:
            request = client.apps_connections_open(app_token=self.app_token)
            return str((await asked(request, "apps.connections.open"))["url"])
        except DeliveryError as error:
            if word_of(error) in _REFUSED:
                raise OperatorError("slack.bad_app_token") from error
            raise

    async def _listen(
        self, socket: aiohttp.ClientWebSocketResponse, ends: "asyncio.Future[str]"
    ) -> None:
        """Hear what comes over a connection until it is closed.

        `ends` gets the reason when another one is due: Slack's word, or that it was closed without
        one. Raises OperatorError where Socket Mode was turned off.
        """
        self._open.append(socket)
        self.links.opened(LINK)
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                told = _told(message.data)
                if told.get("type") == "disconnect":
                    reason = str(told.get("reason"))
                    if reason == _TURNED_OFF:
                        raise OperatorError("slack.no_socket_mode")
                    # It is closed in a moment, and what comes until then is heard.
                    _tell(ends, reason)
                elif "envelope_id" in told:
                    task = asyncio.create_task(self._answer(told, socket))
                    self._answering.add(task)
                    task.add_done_callback(self._answering.discard)
            self._open.remove(socket)
        finally:
            if all(each.closed for each in self._open):
                self.links.closed(LINK)
            _tell(ends, "closed")

    async def _answer(self, told: Json, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Let the app answer, and pass on what it acknowledges with."""
        request = AsyncBoltRequest(mode="socket_mode", body=told.get("payload") or {})
        response = await self.app.async_dispatch(request)
        if response.status != 200:
            # Not acknowledged, it is told again.
            _log.warning("something that Slack tells was not answered", body=response.body)
            return
        said: dict[str, Any] = {"envelope_id": told["envelope_id"]}
        if response.body:
            is_json = response.first_headers()["content-type"].startswith("application/json")
            said["payload"] = json.loads(response.body) if is_json else {"text": response.body}
        # Any connection will do where that one is closed.
        over = next((each for each in (socket, *self._open) if not each.closed), None)
        if over is not None:
            with suppress(aiohttp.ClientError, OSError):
                await over.send_json(said)


def _tell(ends: "asyncio.Future[str]", reason: str) -> None:
    if not ends.done():
        ends.set_result(reason)


def _told(text: str) -> Json:
    """What Slack says, empty for what is none of its own: something may stand before it."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    _log.warning("something came over the socket that is not of Slack", length=len(text))
    return {}


def _cause(error: Exception) -> str:
    """What went wrong, without the address: whoever has that can connect in the bot's place."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{name} HTTP {error.status}"
    return f"{name} {error}".strip()
