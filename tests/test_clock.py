"""Whether this machine's clock is right: compared with others', told once, never by mistake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web

from bot.address import Server
from bot.watching.clock import ClockWatch, compare
from bot.watching.http_clock import compare_clocks
from storage.state.clock import StoredClock
from storage.state.database import open_state
from tests.logged import events

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machine:
    """A clock that a test sets."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.time = NOW + ahead

    def now(self) -> datetime:
        return self.time


@pytest.mark.parametrize("seconds", [31, 300, 86_400 * 400, -31, -300, -86_400 * 400])
def test_a_wrong_clock_is_told_once_and_that_it_is_right_again(
    seconds: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    machine, told = Machine(seconds * SECOND), list[tuple[str, float]]()
    clock = ClockWatch(machine.now, lambda *skew: told.append(skew))
    for source in ("Discord", "Slack", "Discord"):
        clock.heard(source, machine.now(), NOW)
    assert told == [("Discord", seconds), ("Slack", seconds), ("Discord", seconds)]
    machine.time = NOW
    for source in ("Discord", "Slack", "Slack"):
        clock.heard(source, machine.now(), NOW)
    assert clock.skews == {"Discord": 0, "Slack": 0}
    wrong, right = events(caplog)
    assert (wrong["level"], wrong["ahead_seconds"]) == ("warning", seconds)
    assert (right["level"], right["compared_with"]) == ("info", "Slack")


@pytest.mark.parametrize("seconds", [0, 5, 30, -30])
def test_a_little_is_not_told(seconds: int, caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine(seconds * SECOND)
    clock = ClockWatch(machine.now)
    clock.heard("Discord", machine.now(), NOW)
    assert clock.skews == {"Discord": seconds}
    assert not events(caplog)


@pytest.mark.parametrize("ahead", [0, 1, 3599, 3600])
def test_an_answer_that_was_long_on_its_way_says_nothing_against_the_clock(ahead: int) -> None:
    """Wherever on that way it was dated."""
    machine = Machine()
    clock = ClockWatch(machine.now)
    asked_at = machine.now()
    machine.time += 3600 * SECOND
    clock.heard("Discord", asked_at, asked_at + ahead * SECOND)
    assert clock.skews == {"Discord": 0}


@asynccontextmanager
async def answering(**headers: str) -> AsyncIterator[str]:
    """A server with headers of its own."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(headers=headers)

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def heard(clock: ClockWatch, **headers: str) -> None:
    config = aiohttp.TraceConfig()
    compare_clocks(config, clock, "there")
    async with (
        answering(**headers) as url,
        aiohttp.ClientSession(trace_configs=[config]) as session,
        session.get(url),
    ):
        pass


@pytest.mark.parametrize(("minutes", "least"), [(0, 0), (10, 599), (-10, -600)])
async def test_answers_over_http_say_what_time_it_is(minutes: int, least: int) -> None:
    machine = Machine(timedelta(minutes=minutes))
    clock = ClockWatch(machine.now)
    await heard(clock, Date=format_datetime(NOW, usegmt=True))
    assert clock.skews == {"there": least}


@pytest.mark.parametrize(
    "headers",
    [
        {"Date": "yesterday"},
        {"Date": "Sat, 99 Nov 2026 09:30:00 GMT"},
        {"Date": ""},
        # Kept by somebody on the way.
        {"Date": "Sat, 21 Nov 2026 08:30:00 GMT", "Age": "3600"},
    ],
    ids=str,
)
async def test_what_says_no_time_is_passed_over(headers: dict[str, str]) -> None:
    clock = ClockWatch(Machine().now)
    await heard(clock, **headers)
    assert clock.skews == {}


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(days=-2), timedelta(hours=1)], ids=str)
async def test_postgresql_says_what_time_it_is(postgres_url: str, ahead: timedelta) -> None:
    clock = ClockWatch(lambda: datetime.now(UTC) + ahead)
    async with open_state(Server(postgres_url)) as state:
        await compare(StoredClock(state), clock)
    assert abs(clock.skews["PostgreSQL"] - ahead.total_seconds()) < 10
    assert ahead or clock.skews["PostgreSQL"] == 0
