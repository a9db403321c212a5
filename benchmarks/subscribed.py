"""Run by the figures of subscriptions: a bot with so many of them; prints what it took as JSON."""

import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from random import Random

from sqlalchemy import func, insert, select

from adapters.console.platform import NAME, ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from benchmarks.delivery_storm import memory
from bot.app import opened_bot, opened_index, site_url
from bot.chat.announce import Announcer
from bot.chat.chat import Clocks
from bot.chat.codes import Codes
from bot.chat.library import Library
from bot.cli.logs import open_log
from bot.digest.firing import fire_due
from bot.locales import Texts
from bot.ports import Pace
from bot.settings import Settings, load
from bot.stores import Stores
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from storage.state.database import State, open_state
from storage.state.records import values_of
from storage.state.stores import stores_of
from storage.state.tables import OUTBOX, SUBSCRIPTION

NOW = datetime(2026, 11, 21, tzinfo=UTC)
COMPOSED = 100


def subscription(number: int, due_at: datetime) -> Subscription:
    """The digest of a channel of its own."""
    return Subscription(
        id=f"s{number}",
        place=Place(NAME, f"dm:{number}"),
        times=Times(clock_time(9), EVERY_DAY, "Asia/Tokyo"),
        wishes=Wishes(),
        creator=None,
        created_at=NOW - timedelta(days=1),
        due=Due(due_at, date(2026, 11, 21)),
    )


async def subscribe(state: State, count: int, due_at: datetime) -> None:
    """Make so many subscriptions."""
    values = [values_of(subscription(number, due_at)) for number in range(count)]
    async with state.writing() as connection:
        if values:
            await connection.execute(insert(SUBSCRIPTION), values)


async def measured(settings: Settings, count: int, what: str) -> dict[str, float]:
    """Start a bot, which says what is new and fires what is due."""
    assert isinstance(settings.state, Path)
    async with open_state(settings.state) as state:
        due_at = NOW if what == "fire" else NOW + timedelta(days=1)
        await subscribe(state, count, due_at)
        texts = Texts("ja")

        async def nowhere(text: str) -> None:
            pass

        platform = ConsolePlatform(Screen(nowhere, Paper, texts, UTC), texts, lambda: NOW)
        clocks = Clocks(lambda: NOW, time.monotonic)
        before = memory("VmRSS")
        started = time.perf_counter()
        async with (
            opened_index(settings) as index,
            opened_bot(settings, index, [platform], clocks=clocks) as bot,
        ):
            await bot.delivering.observer.note()
            await fire_due(bot.delivering.firing)
            found = {"seconds": time.perf_counter() - started, "growth": memory("VmHWM") - before}
        async with state.reading() as connection:
            rows = await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0
        if rows:
            found["composing_ms"] = await composing(settings, state, platform)
        return {**found, "rows": rows}


async def composing(settings: Settings, state: State, platform: ConsolePlatform) -> float:
    """How long a digest takes to be composed, in milliseconds."""
    stores = stores_of(state)

    async def get_stores() -> Stores:
        return stores

    async def look_again() -> None:
        pass

    claimed = await stores.outbox.claim(
        NAME, Pace(1e6), platform.channel, NOW, COMPOSED, timedelta(minutes=1), "bench"
    )
    async with opened_index(settings) as index:
        library = Library(index, site_url(settings), Random(1))  # noqa: S311 (no secret)
        codes = Codes(stores.codes)
        announcer = Announcer(library, codes, get_stores, lambda: NOW, look_again)
        started = time.perf_counter()
        for claim in claimed.claims:
            await announcer.compose(claim.row, platform)
    return 1000 * (time.perf_counter() - started) / len(claimed.claims)


def main(data: str, count: str, what: str) -> None:
    """Measure on the index in a data directory, with a new state beside it."""
    open_log(sys.stderr)
    settings = load(os.environ, Path(data) / "no.env")
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory) / "state.sqlite3"
        print(json.dumps(asyncio.run(measured(replace(settings, state=state), int(count), what))))


if __name__ == "__main__":
    main(*sys.argv[1:])
