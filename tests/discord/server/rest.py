"""The way of a request: troubles, who asks, how often, its body, then the handler of its route."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord.server.rates import Rates
from tests.discord.server.refusals import Json, Refusal, not_found, unauthorized
from tests.discord.server.troubles import Doom, Trouble, Way
from tests.discord.server.uploads import Files, read_form

if TYPE_CHECKING:
    from tests.discord.server.state import State

API = "/api/v10"

# What reading a body of the wrong shape ends in.
UNREADABLE = (AssertionError, AttributeError, LookupError, TypeError, ValueError)

Answer = Json | list[Any] | None


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a route; `files` are what came with it.

    `at` is when it began to come, in seconds of `time.monotonic()`.
    """

    state: "State"
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: Files
    at: float

    def id(self, name: str) -> int:
        """An id of the path."""
        value = self.path[name]
        if not value.isdecimal():
            raise Refusal(400, 50035, "Invalid Form Body", _not_snowflake(name, value))
        return int(value)

    @property
    def form(self) -> Json:
        if not isinstance(self.body, dict):
            raise Refusal(400, 50109, "The request body contains invalid JSON.")
        return self.body


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """`major` is the part of the path by which its limit is counted; interactions are `free` of
    the global limit and carry their own token instead of the bot's."""

    method: str
    path: str
    handler: Handler
    major: str = ""
    free: bool = False


def _not_snowflake(name: str, value: str) -> Json:
    message = f'Value "{value}" is not snowflake.'
    return {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": message}]}}


def _json(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """Discord says application/json with no charset, and has passed a proxy."""
    everything = {"Via": "1.1 google", **headers}
    if body is None:
        return web.Response(status=204, headers=everything)
    everything["Content-Type"] = "application/json"
    text = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(status=status, body=text, headers=everything)


def _limited(seconds: float, scope: str, headers: dict[str, str]) -> web.Response:
    body = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": scope == "global",
    }
    said = {**headers, "Retry-After": str(int(seconds) + 1), "X-RateLimit-Scope": scope}
    if scope == "global":
        said["X-RateLimit-Global"] = "true"
    return _json(429, body, said)


class Rest:
    """Serves routes of a state."""

    def __init__(self, state: "State", routes: tuple[Route, ...]) -> None:
        self._state = state
        self._routes = routes

    def add_to(self, app: web.Application) -> None:
        for route in self._routes:
            app.router.add_route(route.method, API + route.path, self._serving(route))
        app.router.add_route("*", "/{path:.*}", self._unknown)

    async def _unknown(self, request: web.Request) -> web.Response:
        self._state.unknown_routes.append(f"{request.method} {request.path}")
        return _json(404, not_found().body, {})

    def _serving(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            state = self._state
            at = time.monotonic()
            state.requests.append((at, f"{route.method} {route.path}"))
            trouble = state.troubles.of(request.method, request.path.removeprefix(API))
            state.changes.tell()
            before = await _before(request, trouble, state.rates)
            if before is not None:
                return before
            answer = await self._answer(route, request, at)
            state.changes.tell()
            if trouble is not None and trouble.way is Way.SLOW:
                await asyncio.sleep(trouble.seconds)
            if trouble is not None and trouble.way is Way.LOST:
                _break(request)
            return answer

        return serve

    async def _answer(self, route: Route, request: web.Request, at: float) -> web.Response:
        state = self._state
        if state.rates.blocked():
            return web.Response(status=429, text="error code: 1015")
        headers: dict[str, str] = {}
        try:
            token = f"Bot {state.token}"
            if not route.free and request.headers.get("Authorization") != token:
                raise unauthorized()
            major = request.match_info.get(route.major, "")
            verdict = state.rates.ask(f"{route.method} {route.path}", major, counts=not route.free)
            headers = dict(verdict.headers)
            if headers:
                reset = time.time() + float(headers["X-RateLimit-Reset-After"])
                headers["X-RateLimit-Reset"] = f"{reset:.3f}"
            if verdict.wait is not None:
                state.rates.note_invalid()
                return _limited(verdict.wait, verdict.scope, headers)
            body, files = await _body(request)
            if (doom := state.troubles.doom_of(body, "sent")) is not None:
                return _struck(doom, request)
            path, query = dict(request.match_info), dict(request.query)
            answer = await route.handler(Call(state, path, query, body, files, at))
            if (doom := state.troubles.doom_of(body, "accepted")) is not None:
                return _struck(doom, request)
        except UNREADABLE as error:
            # Nothing that the real client sends should come here.
            state.odd_bodies.append(f"{route.method} {route.path}: {error!r}")
            return _json(400, {"message": "Invalid Form Body", "code": 50035}, headers)
        except Refusal as refusal:
            state.refusals.append(refusal)
            if refusal.status in (401, 403):
                state.rates.note_invalid()
            return _json(refusal.status, refusal.body, headers)
        return _json(200, answer, headers)


async def _before(
    request: web.Request, trouble: Trouble | None, rates: Rates
) -> web.Response | None:
    """What goes wrong before a request is even looked at."""
    if trouble is None:
        return None
    if trouble.way is Way.STATUS and trouble.code:
        return _json(trouble.status, {"message": "refused", "code": trouble.code}, {})
    if trouble.way is Way.STATUS:
        return web.Response(status=trouble.status, text="upstream connect error")
    if trouble.way is Way.LIMITED:
        return _limited(trouble.seconds, "shared", {})
    if trouble.way is Way.GLOBAL:
        rates.pause(trouble.seconds)
        return _limited(trouble.seconds, "global", {})
    if trouble.way is Way.BANNED:
        return web.Response(status=429, text="error code: 1015")
    if trouble.way is Way.PAGE:
        seconds = math.ceil(trouble.seconds)
        rates.pause(seconds)
        said = {"Retry-After": str(seconds)}
        return web.Response(status=429, text="error code: 1015", headers=said)
    if trouble.way is Way.RESET:
        await request.read()
        _break(request)
        return web.Response()
    return None


def _struck(doom: Doom, request: web.Request) -> web.Response:
    doom.strike()
    _break(request)
    return web.Response()


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _body(request: web.Request) -> tuple[Any, Files]:
    if request.content_type == "multipart/form-data":
        return await read_form(request)
    text = await request.read()
    if not text:
        return None, {}
    if request.headers.get("Content-Type") != "application/json":
        message = 'Expected "Content-Type" header to be one of {"application/json"}.'
        wrong = {"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": message}]}
        raise Refusal(400, 50035, "Invalid Form Body", wrong)
    try:
        return json.loads(text), {}
    except ValueError as error:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from error
