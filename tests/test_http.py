"""The HTTP server: whether the program lives, what is under way at its end, and taken ports."""

import asyncio
import errno
import os
from io import BytesIO

import aiohttp
import pytest
from aiohttp import web

from bot.errors import OperatorError
from bot.locales import Texts
from bot.running.faces import Route
from bot.running.http import MOST_BYTES, served

LOOPBACK = ("127.0.0.1", 0)


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def test_it_says_that_the_program_lives() -> None:
    async with served(LOOPBACK, []) as serving, aiohttp.ClientSession() as session:
        async with session.get(f"{serving.address}/livez") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")
        async with session.get(f"{serving.address}/other") as answer:
            assert answer.status == 404


async def test_nobody_listens_where_no_address_is_set() -> None:
    async with served(None, [Route("POST", "/x", echo)]) as serving:
        assert not serving.address


async def test_no_body_may_be_huge() -> None:
    async with (
        served(LOOPBACK, [Route("POST", "/x", echo)]) as serving,
        aiohttp.ClientSession() as session,
    ):
        for size, status in ((MOST_BYTES, 200), (MOST_BYTES + 1, 413)):
            async with session.post(f"{serving.address}/x", data=BytesIO(b"x" * size)) as answer:
                assert answer.status == status


async def test_what_is_under_way_is_answered_and_nothing_more_is_taken() -> None:
    came, goes = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        came.set()
        await goes.wait()
        return web.Response(text="done")

    async with aiohttp.ClientSession() as session:
        server = served(LOOPBACK, [Route("GET", "/slow", slow)])
        serving = await server.__aenter__()
        asking = asyncio.create_task(session.get(f"{serving.address}/slow"))
        await came.wait()
        leaving = asyncio.create_task(server.__aexit__(None, None, None))
        await refuses(session, serving.address)
        assert not leaving.done()
        goes.set()
        async with await asking as answer:
            assert (answer.status, await answer.text()) == (200, "done")
        await leaving


async def refuses(session: aiohttp.ClientSession, address: str) -> None:
    """Wait until nobody listens any more."""
    while True:
        try:
            async with session.get(f"{address}/livez"):
                pass
        except aiohttp.ClientConnectionError:
            return


async def test_what_takes_longer_than_there_is_time_is_given_up() -> None:
    came = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        came.set()
        await asyncio.Event().wait()
        return web.Response()

    async with aiohttp.ClientSession() as session:
        async with served(LOOPBACK, [Route("GET", "/never", never)], lambda: 0.0) as serving:
            asking = asyncio.create_task(session.get(f"{serving.address}/never"))
            await came.wait()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_a_port_that_is_taken_is_told() -> None:
    async with served(LOOPBACK, []) as serving:
        port = int(serving.address.rpartition(":")[2])
        with pytest.raises(OperatorError) as raised:
            async with served(("127.0.0.1", port), []):
                """It does not come so far."""
    said = Texts("en").of(raised.value)
    assert said.startswith(f"Another program listens on 127.0.0.1:{port} of MATOME_HTTP.")


async def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(OperatorError) as raised:
        async with served(("203.0.113.1", 8080), []):
            """It does not come so far."""
    assert "203.0.113.1:8080" in Texts("en").of(raised.value)
    assert os.strerror(errno.EADDRNOTAVAIL) in Texts("en").of(raised.value)
