"""The one HTTP server: what platforms ask of the bot, and whether the program lives."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.errors import OperatorError
from bot.faces import LEAVE_WITHIN, Route

# No platform sends more than some hundred kilobytes at once.
MOST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that listens at `address`; with neither where nobody has asked for one."""

    runner: web.AppRunner | None = None
    address: str = ""

    async def stay(self) -> None:
        """Listen until cancelled; then nothing more is taken, and what is under way is answered."""
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Take nothing more, and end what is under way within the usual time."""
        if self.runner is not None:
            await self.runner.cleanup()


@asynccontextmanager
async def served(
    endpoint: tuple[str, int] | None, routes: Sequence[Route]
) -> AsyncIterator[Serving]:
    """A server on a host and port, which answers from now on.

    GET /livez says that the program runs, whatever its platforms do. Port 0 is any that is free.
    Raises OperatorError where nothing can listen there.
    """
    if endpoint is None:
        yield Serving()
        return
    application = web.Application(client_max_size=MOST_BYTES)
    application.router.add_get("/livez", _alive)
    for route in routes:
        application.router.add_route(route.method, route.path, route.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=LEAVE_WITHIN)
    await runner.setup()
    try:
        await _listen(runner, *endpoint)
        host, port = runner.addresses[0][:2]
        serving = Serving(runner, f"http://{f'[{host}]' if ':' in host else host}:{port}")
        yield serving
    finally:
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


async def _alive(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
