"""Socket Mode: connections of the app, what is sent over them, and its acknowledgements."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.slack.server.changes import Changes
from tests.slack.server.clock import Clock
from tests.slack.server.refusals import Json

MOST_CONNECTIONS = 10


@dataclass(slots=True, eq=False)
class Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    silent: bool = False
    pings: int = 0


@dataclass(slots=True, eq=False)
class _Envelope:
    id: str
    kind: str
    acknowledged: "asyncio.Future[Any]"
    expired: bool = False
    sent: int = 0
    answers: int = 0


class SocketMode:
    """Events go to one connection, in turn. `late` and `odd` acknowledgements are told."""

    def __init__(self, app_id: str, clock: Clock, changes: Changes) -> None:
        self.url = ""
        self.connections: list[Connection] = []
        self.opened = 0
        self.late: list[str] = []
        self.odd: list[str] = []
        self.resends = 0
        self._app_id = app_id
        self._clock = clock
        self._changes = changes
        self._tickets: set[str] = set()
        self._envelopes: dict[str, _Envelope] = {}
        self._turn = 0

    def ticket(self) -> str:
        """An address that can be connected to once."""
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return f"{self.url}?ticket={ticket}&app_id={self._app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.connections) >= MOST_CONNECTIONS:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, timeout=0.5)
        await socket.prepare(request)
        self.opened += 1
        connection = Connection(socket, request.transport)
        await socket.send_json(self._hello())
        self.connections.append(connection)
        self._changes.tell()
        try:
            await self._listen(connection)
        finally:
            self._forget(connection)
        return socket

    def _hello(self) -> Json:
        debug = {"host": "applink", "build_number": 1, "approximate_connection_time": 18_060}
        return {
            "type": "hello",
            "num_connections": len(self.connections) + 1,
            "debug_info": debug,
            "connection_info": {"app_id": self._app_id},
        }

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                connection.pings += 1
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(message.data)
                self._changes.tell()

    def _acknowledge(self, text: str) -> None:
        try:
            said = json.loads(text)
            envelope = self._envelopes[said["envelope_id"]]
        except (KeyError, TypeError, ValueError):
            self.odd.append(text)
            return
        envelope.answers += 1
        if envelope.expired:
            self.late.append(f"{envelope.kind} {envelope.id}")
        elif envelope.answers > envelope.sent:
            self.odd.append(f"acknowledged too often: {text}")
        elif not envelope.acknowledged.done():
            envelope.acknowledged.set_result(said.get("payload"))

    def _forget(self, connection: Connection) -> None:
        connection.closed.set()
        if connection in self.connections:
            self.connections.remove(connection)
        self._changes.tell()

    async def attempt(
        self,
        kind: str,
        payload: Json,
        *,
        responds: bool,
        number: int,
        reason: str,
        within: float,
    ) -> tuple[bool, Any]:
        """Whether it was acknowledged in so many seconds, and with what.

        What was sent over a connection that then broke is sent again over the next.
        """
        loop = asyncio.get_running_loop()
        envelope = _Envelope(secrets.token_hex(16), kind, loop.create_future())
        self._envelopes[envelope.id] = envelope
        told: Json = {
            "envelope_id": envelope.id,
            "type": kind,
            "accepts_response_payload": responds,
            "payload": payload,
        }
        if kind == "events_api":
            told |= {"retry_attempt": number, "retry_reason": reason}
        timer = asyncio.create_task(self._clock.sleep(within))
        try:
            while not timer.done() and not envelope.acknowledged.done():
                connection = await self._next(timer)
                if connection is None:
                    continue
                # Before it is sent: the acknowledgement may be quicker than the sending.
                envelope.sent += 1
                if not await self._send(connection, told):
                    continue
                await self._either(connection, envelope, timer)
                if connection.closed.is_set() and kind == "events_api":
                    told |= {"retry_attempt": number + 1, "retry_reason": "timeout"}
                self.resends += connection.closed.is_set()
        finally:
            timer.cancel()
        if envelope.acknowledged.done():
            return True, envelope.acknowledged.result()
        envelope.expired = True
        return False, None

    async def _next(self, timer: "asyncio.Task[None]") -> Connection | None:
        """The connection whose turn it is, when there is one."""
        while not self.connections and not timer.done():
            waiting = asyncio.create_task(self._changes.until(lambda: bool(self.connections), 60.0))
            await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        if not self.connections:
            return None
        self._turn += 1
        return self.connections[self._turn % len(self.connections)]

    async def _send(self, connection: Connection, told: Json) -> bool:
        try:
            await connection.socket.send_json(told)
        except ConnectionError:
            self._forget(connection)
            return False
        return True

    async def _either(
        self, connection: Connection, envelope: _Envelope, timer: "asyncio.Task[None]"
    ) -> None:
        broken = asyncio.create_task(connection.closed.wait())
        waiting = {broken, timer, envelope.acknowledged}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        broken.cancel()

    async def disconnect(self, reason: str) -> None:
        """Tell the app to connect anew: warning, refresh_requested or link_disabled.

        After a warning the connections stay; the others are closed at once.
        """
        for connection in list(self.connections):
            debug = {"host": "applink"}
            told = {"type": "disconnect", "reason": reason, "debug_info": debug}
            if await self._send(connection, told) and reason != "warning":
                await connection.socket.close()

    async def cut(self) -> None:
        """Break all connections, without a goodbye."""
        for connection in list(self.connections):
            self._forget(connection)
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        """End all connections in order."""
        for connection in list(self.connections):
            await connection.socket.close()

    def freeze(self) -> None:
        """Leave all connections open, but answer nothing on them any more, not even pings."""
        for connection in self.connections:
            connection.silent = True
