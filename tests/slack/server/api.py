"""The way of a request to the Web API: troubles, arguments, token, how often, then its method."""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.server.app import Token
from tests.slack.server.call import Call, Method
from tests.slack.server.refusals import Json, Limited, Refusal
from tests.slack.server.troubles import Trouble, Way

if TYPE_CHECKING:
    from tests.slack.server.state import State

# What reading arguments of the wrong shape ends in.
UNREADABLE = (AssertionError, AttributeError, LookupError, TypeError, ValueError)


# slack-bolt sends the workspace with everything.
EVERYWHERE = {"token", "team_id"}


class Api:
    """Serves methods of a state at /api/."""

    def __init__(self, state: "State", methods: Mapping[str, Method]) -> None:
        self._state = state
        self._methods = methods

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        state = self._state
        state.requests.append((state.clock.seconds(), name))
        return await with_troubles(state, request, name, self._answer(request, name))

    async def _answer(self, request: web.Request, name: str) -> web.Response:
        headers: dict[str, str] = {"X-Slack-Req-Id": self._state.names.next("req")}
        body: Json
        try:
            body = {"ok": True, **await self._called(request, name, headers)}
        except Limited as limited:
            return too_many(limited.seconds, headers)
        except Refusal as refusal:
            self._state.refusals.append(refusal)
            body = refusal.body
        except UNREADABLE as error:
            # Nothing that the real client sends should come here.
            self._state.odd_requests.append(f"{name}: {error!r}")
            body = {"ok": False, "error": "fatal_error"}
        if request.headers.get("Content-Type") == "application/json":
            body |= {"warning": "missing_charset"}
            body.setdefault("response_metadata", {})["warnings"] = ["missing_charset"]
        return web.json_response(body, headers=headers)

    async def _called(self, request: web.Request, name: str, headers: dict[str, str]) -> Json:
        state, method = self._state, self._methods.get(name)
        if method is None:
            state.unknown_methods.append(name)
            raise Refusal("unknown_method", req_method=name)
        arguments = await arguments_of(request)
        odd = set(arguments) - method.arguments - EVERYWHERE
        if odd:
            state.odd_requests.append(f"{name}: unknown arguments {sorted(odd)}")
        call = Call(state, name, arguments, basic=_basic(request))
        if method.kind:
            token = self._token(request, arguments, method)
            call = Call(state, name, arguments, token, call.basic)
            headers["X-OAuth-Scopes"] = ",".join(token.scopes)
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
            call.need(*method.scopes)
        state.rates.ask(name, _counted(call))
        return await method.handler(call)

    def _token(self, request: web.Request, arguments: Json, method: Method) -> Token:
        header = request.headers.get("Authorization", "")
        value = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
        return checked_token(self._state, value or str(arguments.get("token") or ""), method.kind)


def checked_token(state: "State", value: str, kind: str) -> Token:
    """A token that is known, of the right kind, and still good."""
    if not value:
        raise Refusal("not_authed")
    token = state.registry.tokens.get(value)
    if token is None:
        raise Refusal("invalid_auth")
    if token.revoked:
        raise Refusal("token_revoked")
    if token.installation is not None and token.installation.removed:
        raise Refusal("account_inactive")
    if token.expires is not None and token.expires <= state.clock.seconds():
        raise Refusal("token_expired")
    if kind not in (token.kind, "any"):
        raise Refusal("not_allowed_token_type")
    return token


def _counted(call: Call) -> str:
    """By what a request is counted: the installation, else the app."""
    if call.token is None or call.token.installation is None:
        return call.state.app.id
    return call.token.installation.id


def _basic(request: web.Request) -> tuple[str, str] | None:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return None
    try:
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return name, secret


async def arguments_of(request: web.Request) -> Json:
    """The arguments of the address and of the body, a form or JSON."""
    found: Json = dict(request.query)
    if request.method == "GET":
        return found
    if request.content_type == "application/json":
        text = await request.text()
        if not text:
            return found
        try:
            body = json.loads(text)
        except ValueError as error:
            raise Refusal("invalid_json") from error
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return found | body
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if await request.read():
            raise Refusal("invalid_post_type")
        return found
    return found | dict(await request.post())


def too_many(seconds: float, headers: Mapping[str, str]) -> web.Response:
    said = {**headers, "Retry-After": str(max(1, int(seconds)))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=said)


async def with_troubles(
    state: "State", request: web.Request, name: str, answering: Any
) -> web.StreamResponse:
    """The answer, or what goes wrong with it."""
    trouble = state.troubles.of(name)
    if trouble is not None and trouble.way in (Way.STATUS, Way.LIMITED, Way.RESET, Way.BODY):
        answering.close()
        return await _refused(request, trouble)
    answer: web.Response = await answering
    if trouble is not None and trouble.way is Way.SLOW:
        await asyncio.sleep(trouble.seconds)
    if trouble is not None and trouble.way is Way.LOST:
        _break(request)
    return answer


async def _refused(request: web.Request, trouble: Trouble) -> web.Response:
    await request.read()
    if trouble.way is Way.LIMITED:
        return too_many(trouble.seconds, {})
    if trouble.way is Way.RESET:
        _break(request)
    if trouble.way is Way.BODY:
        headers = {"Content-Type": trouble.kind, **trouble.headers}
        return web.Response(status=trouble.status, body=trouble.body, headers=headers)
    return web.Response(status=trouble.status, text="upstream connect error")


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
