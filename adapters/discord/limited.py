"""What Discord asks to wait for is told to whoever asks, where the library would sit it out.

The library sleeps away a 429, tries five times after a 5xx, and gives the answer that uses up the
limit of a route only when that limit is over. Whoever sends from the outbox has something else to
do meanwhile, a deadline, and a pace that counts each request. So answers are looked at before the
library gets them, by the means it has for that (`http_trace`); its own books of the limits, which
are private and say nothing of what is left, are neither read nor changed.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord

from bot.meter import NO_METER, Meter

Answer = TypeVar("Answer")

# After a refused token or a ban of the address nothing is asked for a while: 10,000 such answers in
# ten minutes would shut this address out.
LONG_PAUSE = 300.0

# Of what is not sent from the outbox, what is over within so many seconds is left to the library.
_SHORT = 1.0
# So much later a limit is over for the library too, which began to count with the whole answer.
_LATER = 0.05
# Whatever an answer says, it is asked again after so many seconds.
_LONGEST = 3600.0
# Answers to people have nothing else to do than to wait.
_ANSWERS = ("/interactions/", "/webhooks/")
_REMEMBERED = 10_000


class Limited(discord.RateLimited):
    """A request was not taken: again after `retry_after` seconds, `everywhere` or of its route."""

    def __init__(self, retry_after: float, *, everywhere: bool) -> None:
        super().__init__(retry_after)
        self.everywhere = everywhere


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of a request, before the library says so."""

    answer: Any = None
    error: discord.DiscordException | None = None


@dataclass(frozen=True, slots=True)
class _Asking:
    route: str
    heard: "asyncio.Future[_Heard]"


class RateLimits:
    """What Discord has said about limits to one client."""

    def __init__(self, meter: Meter = NO_METER) -> None:
        self._meter = meter
        self._asking: dict[asyncio.Task[Any], _Asking] = {}
        # By the running loop's clock, in seconds.
        self._used_up: OrderedDict[str, float] = OrderedDict()
        self._paused_until = 0.0

    def trace(self, config: aiohttp.TraceConfig) -> None:
        """Look at the answers of the session that is made with a configuration."""
        config.on_request_end.append(self._look)

    async def ask(self, route: str, request: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer to a request of this client, as soon as it is there; asked for once.

        `route` names what shares a limit. Raises Limited, without asking where the limit is known
        to be used up, and what the library raises.
        """
        loop = asyncio.get_running_loop()
        limited = self._limited(route, loop.time())
        if limited is not None:
            request.close()
            raise limited
        asking = _Asking(route, loop.create_future())
        task = loop.create_task(request)
        self._asking[task] = asking
        task.add_done_callback(self._over)
        try:
            ends: set[asyncio.Future[Any]] = {task, asking.heard}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The library may sleep even then, for which nobody waits.
            task.cancel()
            raise
        if not asking.heard.done():
            return task.result()
        heard = asking.heard.result()
        if heard.error is not None:
            raise heard.error
        answer: Answer = heard.answer
        return answer

    def _over(self, task: "asyncio.Task[Any]") -> None:
        del self._asking[task]
        if not task.cancelled():
            # It has been told to whoever asked, or nobody asks any more.
            task.exception()

    def _limited(self, route: str, now: float) -> Limited | None:
        if self._paused_until > now:
            return Limited(self._paused_until - now, everywhere=True)
        until = self._used_up.get(route, now)
        return Limited(until - now, everywhere=False) if until > now else None

    async def _look(
        self, session: aiohttp.ClientSession, context: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        response = ended.response
        task = asyncio.current_task()
        asking = None if task is None else self._asking.get(task)
        if asking is not None:
            await self._hear(asking, response)
        elif response.status == 429:
            limited = self._measured(_limit_of(response))
            if any(part in ended.url.path for part in _ANSWERS):
                return
            # Without "Via" it is not Discord that answers, which the library tells by itself.
            if "Via" in response.headers and (limited.everywhere or limited.retry_after > _SHORT):
                response.close()
                raise limited

    async def _hear(self, asking: _Asking, response: aiohttp.ClientResponse) -> None:
        """Note what an answer says about limits; what the library would sit out ends here."""
        if response.status == 429:
            limited = self._measured(_limit_of(response, await _body(response)))
            self._note(asking.route, limited)
            asking.heard.set_result(_Heard(error=limited))
            raise limited
        if response.status >= 500:
            failed = discord.DiscordServerError(response, await response.text())
            asking.heard.set_result(_Heard(error=failed))
            raise failed
        if response.headers.get("X-RateLimit-Remaining") == "0":
            self._note(asking.route, Limited(_seconds(response), everywhere=False))
        if response.status < 300:
            # The library reads the same body after this, and then may sleep.
            asking.heard.set_result(_Heard(await _body(response)))

    def _measured(self, limited: Limited) -> Limited:
        self._meter.limited("discord", limited.retry_after, everywhere=limited.everywhere)
        return limited

    def _note(self, route: str, limited: Limited) -> None:
        until = asyncio.get_running_loop().time() + limited.retry_after
        if limited.everywhere:
            self._paused_until = max(self._paused_until, until)
            return
        self._used_up[route] = until + _LATER
        self._used_up.move_to_end(route)
        if len(self._used_up) > _REMEMBERED:
            self._used_up.popitem(last=False)


async def _body(response: aiohttp.ClientResponse) -> Any:
    """An answer as the library reads it."""
    is_json = response.content_type == "application/json"
    return await (response.json() if is_json else response.text())


def _limit_of(response: aiohttp.ClientResponse, body: Any = None) -> Limited:
    """What a 429 says. One that has not passed Discord is of the network before it: for all."""
    scope = response.headers.get("X-RateLimit-Scope")
    is_page = "Via" not in response.headers
    everywhere = is_page or scope == "global" or "X-RateLimit-Global" in response.headers
    exact = body.get("retry_after") if isinstance(body, dict) else None
    seconds = (
        float(exact)
        if isinstance(exact, int | float)
        else _seconds(response, LONG_PAUSE if is_page else _SHORT)
    )
    return Limited(min(max(0.0, seconds), _LONGEST), everywhere=everywhere)


def _seconds(response: aiohttp.ClientResponse, otherwise: float = _SHORT) -> float:
    """How long to wait: the limit of a route says it more exactly than in whole seconds."""
    for name in ("X-RateLimit-Reset-After", "Retry-After"):
        try:
            return float(response.headers[name])
        except (KeyError, ValueError):
            continue
    return otherwise
