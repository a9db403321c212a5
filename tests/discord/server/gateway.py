"""The gateway: sessions of shards over websockets, events with their numbers, resuming."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import WSMsgType, web

from tests.discord.server.changes import Changes
from tests.discord.server.clock import TIME_BITS, Clock
from tests.discord.server.refusals import Json
from tests.discord.server.wire import guild_event, user_json
from tests.discord.server.world import Guild, User

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT = 0, 1, 2, 3, 6, 7
INVALID_SESSION, HELLO, ACK = 9, 10, 11

# Privileged: members, presences, content of messages.
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
MESSAGE_CONTENT = 1 << 15
ALL_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12

# The sends of a connection in a minute, and how many guilds a shard may have.
MAX_SENDS, A_MINUTE = 120, timedelta(seconds=60)
MAX_GUILDS = 2500

# No answer comes sooner over a network, in seconds. discord.py notes when it has sent a heartbeat
# only after that, by its own thread, and takes an answer that was quicker for one to the last.
ACK_SECONDS = 0.1


@dataclass(slots=True, eq=False)
class Session:
    """A shard's session: it outlives its connection, and all of its events can be told again."""

    id: str
    shard: int
    shards: int
    intents: int
    events: list[str] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    transport: asyncio.Transport | None = None
    valid: bool = True

    def has(self, guild: int) -> bool:
        return (guild >> TIME_BITS) % self.shards == self.shard


@dataclass(slots=True)
class Counts:
    """How often shards came in which way."""

    identified: int = 0
    resumed: int = 0
    heartbeats: int = 0


class Gateway:
    """Takes connections of one bot, and tells each shard what it has asked for."""

    def __init__(
        self,
        *,
        bot: User,
        token: str,
        guilds: dict[int, Guild],
        changes: Changes,
        clock: Clock,
        allowed_intents: int,
        heartbeat_ms: int,
    ) -> None:
        self.url = ""
        self.counts = Counts()
        self.allowed_intents = allowed_intents
        self._heartbeat_ms = heartbeat_ms
        self._bot = bot
        self._token = token
        self._guilds = guilds
        self._changes = changes
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._sending: set[asyncio.Task[None]] = set()
        # Cleared, whoever connects has to wait.
        self.takes = asyncio.Event()
        self.takes.set()

    @property
    def sessions(self) -> list[Session]:
        """Those that can be told something, now or after they resume."""
        return [session for session in self._sessions.values() if session.valid]

    @property
    def connected(self) -> list[Session]:
        return [session for session in self.sessions if session.socket is not None]

    def tell(self, event: str, data: Json, *, guild: Guild | None, intent: int = 0) -> None:
        """Tell the shard of a guild, or of direct messages, if it has the intent (0: always)."""
        for session in self.sessions:
            mine = session.shard == 0 if guild is None else session.has(guild.id)
            if mine and (not intent or session.intents & intent):
                self._dispatch(session, event, data)

    def _dispatch(self, session: Session, event: str, data: Json) -> None:
        number = len(session.events) + 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": number, "d": data}, ensure_ascii=False)
        session.events.append(text)
        if session.socket is not None:
            self._send(session.socket, text)

    def _send(self, socket: web.WebSocketResponse, text: str) -> None:
        # Tasks begin in the order of their making, and a frame is written in one go.
        task = asyncio.get_running_loop().create_task(_sent(socket, text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def cut(self, shard: int | None = None) -> None:
        """End connections without a word; sessions can be resumed."""
        for session in self._of(shard):
            session.socket = None
            if session.transport is not None:
                session.transport.abort()

    async def close(self, code: int, shard: int | None = None) -> None:
        for session in self._of(shard):
            socket, session.socket = session.socket, None
            if socket is not None:
                await socket.close(code=code)

    async def reconnect(self, shard: int | None = None) -> None:
        """Ask to come again, as Discord does when it moves a session."""
        for session in self._of(shard):
            if session.socket is not None:
                self._send(session.socket, json.dumps({"op": RECONNECT, "d": None}))

    async def invalidate(self, shard: int | None = None, *, resumable: bool = False) -> None:
        for session in self._of(shard):
            session.valid = resumable
            if session.socket is not None:
                message = {"op": INVALID_SESSION, "d": resumable}
                self._send(session.socket, json.dumps(message))

    def _of(self, shard: int | None) -> Iterable[Session]:
        return [one for one in self.sessions if shard is None or one.shard == shard]

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        await self.takes.wait()
        socket = web.WebSocketResponse(max_msg_size=4096)
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": self._heartbeat_ms}})
        session: Session | None = None
        sends: deque[datetime] = deque(maxlen=MAX_SENDS)
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    continue
                now = self._clock.now()
                too_many = len(sends) == MAX_SENDS and now - sends[0] < A_MINUTE
                sends.append(now)
                message = _read(frame.data)
                if message is None:
                    await socket.close(code=4002)
                elif too_many:
                    await socket.close(code=4008)
                elif message["op"] == HEARTBEAT:
                    self.counts.heartbeats += 1
                    later = asyncio.get_running_loop().call_later
                    later(ACK_SECONDS, self._send, socket, json.dumps({"op": ACK}))
                elif message["op"] in (IDENTIFY, RESUME) and session is not None:
                    await socket.close(code=4005)
                elif message["op"] == IDENTIFY:
                    session = await self._identify(socket, message["d"])
                    _at(session, request)
                elif message["op"] == RESUME:
                    session = await self._resume(socket, message["d"])
                    _at(session, request)
                elif session is None:
                    await socket.close(code=4003)
                elif message["op"] != PRESENCE:
                    await socket.close(code=4001)
        finally:
            if session is not None and session.socket is socket:
                session.socket = session.transport = None
                # Who says goodbye in these words does not mean to come back to the session.
                session.valid = socket.close_code not in (1000, 1001)
                self._changes.tell()
        return socket

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        shard, shards = data.get("shard") or (0, 1)
        code = self._fault(data, shard, shards)
        if code is not None:
            await socket.close(code=code)
            return None
        for other in self.sessions:
            # A shard that identifies anew has given its old session up.
            if other.shard == shard and other.socket is None:
                other.valid = False
        session = Session(secrets.token_hex(16), shard, shards, data["intents"], socket=socket)
        self._sessions[session.id] = session
        self.counts.identified += 1
        mine = [one for one in self._guilds.values() if one.joined and session.has(one.id)]
        ready: Json = {
            "v": 10,
            "user": user_json(self._bot) | {"verified": True, "mfa_enabled": False, "flags": 0},
            "guilds": [{"id": str(one.id), "unavailable": True} for one in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "application": {"id": str(self._bot.id), "flags": 0},
            "shard": [shard, shards],
            "private_channels": [],
            "relationships": [],
        }
        self._dispatch(session, "READY", ready)
        for guild in mine:
            if session.intents & GUILDS and not guild.unavailable:
                self._dispatch(session, "GUILD_CREATE", guild_event(guild, self._bot))
        self._changes.tell()
        return session

    def _fault(self, data: Json, shard: int, shards: int) -> int | None:
        intents = data.get("intents")
        if data.get("token") != self._token:
            return 4004
        if not 0 <= shard < shards:
            return 4010
        if len([one for one in self._guilds.values() if one.joined]) > MAX_GUILDS * shards:
            return 4011
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            return 4013
        if intents & PRIVILEGED & ~self.allowed_intents:
            return 4014
        return None

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        session = self._sessions.get(data.get("session_id") or "")
        if data.get("token") != self._token:
            await socket.close(code=4004)
            return None
        if session is None or not session.valid:
            await socket.send_json({"op": INVALID_SESSION, "d": False})
            return None
        seen = data.get("seq") or 0
        if seen > len(session.events):
            await socket.close(code=4007)
            return None
        session.socket = socket
        self.counts.resumed += 1
        for text in session.events[seen:]:
            self._send(socket, text)
        self._dispatch(session, "RESUMED", {"_trace": []})
        self._changes.tell()
        return session


def _at(session: Session | None, request: web.Request) -> None:
    if session is not None:
        session.transport = request.transport


def _read(text: str) -> Json | None:
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "op" in message else None


async def _sent(socket: web.WebSocketResponse, text: str) -> None:
    # What does not arrive is told again when the session is resumed.
    if not socket.closed:
        try:
            await socket.send_str(text)
        except ConnectionError:
            return
