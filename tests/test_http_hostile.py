"""The HTTP server before whoever reaches it: odd paths, methods and heads, and the slow."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from adapters.slack.http import SignedRequests
from bot.running.faces import Route
from bot.running.http import served

LOOPBACK = ("127.0.0.1", 0)
# More than there are ever of Slack's at a time.
MANY = 200
PATHS = (
    "/", "//livez", "/livez/", "/livez/..", "/./livez/../.env", "/.env", "/.git/config", "/data",
    "/state.sqlite3", "/slack", "/slack/events/", "/slack/events/../../.env", "/%2e%2e/.env",
    "/..%2f..%2fetc%2fpasswd", "/slack/events%00", "/static/../bot/settings.py", "/%", "/\\..\\",
    "http://other.example/livez/x", "/livez%0d%0aX-Evil:%201",
)  # fmt: skip


async def fail(request: web.Request) -> web.Response:
    raise RuntimeError("a SECRET that is only for the log")


@asynccontextmanager
async def serving(*more: Route) -> AsyncIterator[int]:
    """A server with Slack's requests; its port."""
    signed = SignedRequests("a-signing-secret")
    routes = [Route("POST", "/slack/events", signed.answer), *more]
    async with served(LOOPBACK, routes) as found:
        yield int(found.address.rpartition(":")[2])


async def sent(port: int, *lines: str) -> str:
    """The answer to a request as it is written."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1"))
    async with asyncio.timeout(10):
        answer = await reader.read(100_000)
    writer.close()
    return answer.decode("latin-1")


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_served_but_what_there_is(path: str) -> None:
    async with serving() as port:
        answer = await sent(port, f"GET {path} HTTP/1.1", "Host: x", "Connection: close")
    status = int(answer.split()[1])
    assert status in (400, 404, 405)
    assert "X-Evil" not in answer.partition("\r\n\r\n")[0]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "X"])
@pytest.mark.parametrize("path", ["/livez", "/slack/events"])
async def test_other_methods_are_not_taken(method: str, path: str) -> None:
    async with serving() as port:
        head = (f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", "Content-Length: 0")
        override = "X-HTTP-Method-Override: POST"
        answer = await sent(port, *head, override)
    assert int(answer.split()[1]) in (400, 404, 405)


@pytest.mark.parametrize(
    "lines",
    [
        ["GET /livez HTTP/1.1", "Host: x", f"X-Long: {'x' * 100_000}"],
        ["GET /livez HTTP/1.1", "Host: x", f"{'x' * 100_000}: y"],
        [f"GET /{'x' * 100_000} HTTP/1.1", "Host: x"],
        ["GET /livez HTTP/1.1", "Host: x", *(f"X-{number}: y" for number in range(5_000))],
        # Of two lengths, or one beside chunks, what stands before the server may believe another.
        ["POST /slack/events HTTP/1.1", "Host: x", "Content-Length: 1", "Content-Length: 2"],
        [
            "POST /slack/events HTTP/1.1",
            "Host: x",
            "Content-Length: 1",
            "Transfer-Encoding: chunked",
        ],
        ["POST /slack/events HTTP/1.1", "Host: x", "Content-Length: -1"],
        ["POST /slack/events HTTP/1.1", "Host: x", "Content-Length: 1e9"],
    ],
    ids=["value", "name", "path", "many", "two lengths", "two ends", "negative", "no number"],
)
async def test_a_head_that_is_huge_or_unclear_is_refused(lines: list[str]) -> None:
    async with serving() as port:
        assert (await sent(port, *lines)).split()[1] == "400"
        # And the next one is answered.
        good = ("GET /livez HTTP/1.1", "Host: x", "Connection: close")
        assert (await sent(port, *good)).startswith("HTTP/1.1 200")


async def test_a_small_body_that_becomes_huge_is_not_unfolded() -> None:
    """Decompression has the same limit: a megabyte of nothing takes a kilobyte to send."""
    body = gzip.compress(b"x" * 2**26)
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            "POST /slack/events HTTP/1.1",
            "Host: x",
            "Content-Encoding: gzip",
            "Connection: close",
            f"Content-Length: {len(body)}",
        )
        writer.write("".join(f"{line}\r\n" for line in (*head, "")).encode() + body)
        async with asyncio.timeout(10):
            answer = await reader.read(1000)
        writer.close()
    assert answer.split()[1] in (b"413", b"400")


async def test_the_slow_keep_nobody_else_waiting() -> None:
    """Who never comes to the end of a head, or of a body."""
    async with serving() as port, AsyncExitStack() as connections:
        for number in range(MANY):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            connections.callback(writer.close)
            if number % 2:
                writer.write(b"GET /livez HTTP/1.1\r\nX-Slow: ")
            else:
                writer.write(
                    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"
                )
        async with asyncio.timeout(2):
            good = ("GET /livez HTTP/1.1", "Host: x", "Connection: close")
            assert (await sent(port, *good)).startswith("HTTP/1.1 200")


async def test_a_body_that_never_ends_is_given_up() -> None:
    async with serving() as port:
        head = ("POST /slack/events HTTP/1.1", "Host: x", "Content-Length: 9", "Connection: close")
        assert (await sent(port, *head)).startswith("HTTP/1.1 408")


async def test_a_failure_tells_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Route("GET", "/failing", fail)) as port:
        answer = await sent(port, "GET /failing HTTP/1.1", "Host: x", "Connection: close")
    assert answer.startswith("HTTP/1.1 500")
    for inside in ("SECRET", "Traceback", "RuntimeError", "test_http"):
        assert inside not in answer
    assert "SECRET" in caplog.text
