"""The one HTTP server: what platforms ask of the bot, and whether the program lives."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from bot.errors import OperatorError
from bot.running.faces import LEAVE_WITHIN, Route
from bot.watching.health import Health

# No platform sends more than some hundred kilobytes at once.
MOST_BYTES = 2**20
# For what is answered to be on its way, in seconds.
_SENT_WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that listens at `address`, "" where nobody has asked for one."""

    address: str = ""


class _UnderWay:
    """The requests that are not answered yet."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @web.middleware
    async def counted(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer a request."""
        self._count += 1
        self._none.clear()
        try:
            return await handler(request)
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def ended(self, seconds: float) -> None:
        """Wait until there is none, but no longer than some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none.wait()


@asynccontextmanager
async def served(
    endpoint: tuple[str, int] | None,
    routes: Sequence[Route],
    seconds_left: Callable[[], float] = lambda: LEAVE_WITHIN,
) -> AsyncIterator[Serving]:
    """A server on a host and port, which answers from now on.

    GET /livez says that the program runs, whatever its platforms do. Port 0 is any that is free. In
    the end nothing more is taken, and what is under way is answered in the seconds that are left.
    Raises OperatorError where nothing can listen there.
    """
    if endpoint is None:
        yield Serving()
        return
    under_way = _UnderWay()
    application = web.Application(client_max_size=MOST_BYTES, middlewares=[under_way.counted])
    application.router.add_get("/livez", _alive)
    for route in routes:
        application.router.add_route(route.method, route.path, route.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SENT_WITHIN)
    await runner.setup()
    try:
        await _listen(runner, *endpoint)
        host, port = runner.addresses[0][:2]
        yield Serving(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    finally:
        for site in runner.sites:
            await site.stop()
        await under_way.ended(seconds_left())
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        key = "settings.http_taken" if taken else "settings.http_refused"
        # What asyncio says of it repeats the address.
        number = error.errno or 0
        cause = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise OperatorError(key, address=f"{host}:{port}", cause=cause) from error


def readiness(health: Health) -> Route:
    """GET /readyz: 200 where the program is ready, else 503 with the reasons.

    A line each, "NAME: SENTENCE"; as an object in JSON for who accepts that only by its name.
    """

    async def answer(request: web.Request) -> web.Response:
        reasons = await health.reasons()
        status = 503 if reasons else 200
        if "application/json" in request.headers.get("Accept", ""):
            said = {"ready": not reasons, "reasons": dict(reasons)}
            return web.json_response(said, status=status)
        lines = [f"{name}: {reason}" for name, reason in reasons.items()] or ["ready"]
        return web.Response(text="\n".join((*lines, "")), status=status)

    return Route("GET", "/readyz", answer)


# What is exposed of the metrics to who accepts some types: a type, and the bytes.
Expose = Callable[[str], Awaitable[tuple[str, bytes]]]


def metrics(expose: Expose) -> Route:
    """GET /metrics, in the form that is asked for."""

    async def answer(request: web.Request) -> web.Response:
        kind, body = await expose(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    return Route("GET", "/metrics", answer)


async def _alive(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
