"""Platforms side by side in one dispatcher: none keeps another from being looked at."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from time import time
from typing import Any

from aiohttp import ClientSession

from bot.outbox import Row
from bot.ports import Pace, Platform
from bot.stores import Claims
from bot.view import Posting
from storage.state.database import State
from storage.state.outbox import StoredOutbox
from tests.delivery.remote import FakePlatform, Fakes
from tests.delivery.stations import CONTENT, HURRIED, running, station, until

# Nothing is found by looking again.
LONG = 600.0


class Counting(StoredOutbox):
    """Counts how often rows of each platform are asked for."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.asked = Counter[str]()

    async def claim(self, platform: str, *terms: Any) -> Claims:
        """Rows."""
        self.asked[platform] += 1
        return await super().claim(platform, *terms)


async def test_what_others_wrote_is_found_while_another_platform_is_busy(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world, quiet = fakes.world("searchable"), fakes.world("searchable")
    busy = FakePlatform(world, session, pace=Pace(per_second=200), time=time)
    outbox, timing = Counting(state), replace(HURRIED, look=0.5)
    here = station(state, busy, FakePlatform(quiet, session, "quiet"), outbox=outbox, timing=timing)
    loop = asyncio.get_running_loop()
    await here.put(*(here.row(f"k{n}", target=f"k{n}") for n in range(1000)))
    async with running(here.dispatcher):
        began = loop.time()
        await until(lambda: len(world.posted()) >= 10)
        # Nobody says so.
        await here.outbox.put([here.row("a", platform="quiet")], here.now())
        await until(lambda: quiet.posted() == ["a"])
        assert len(world.posted()) < 1000
        await until(lambda: len(world.posted()) == 1000)
        took = loop.time() - began
    # At the start, when its row has ended, and every so often.
    assert outbox.asked["quiet"] <= 3 + took / timing.look


class Gated(StoredOutbox):
    """Finds nothing at first, and says so only when it may."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.has_looked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def claim(self, *terms: Any) -> Claims:
        """Rows."""
        found = await super().claim(*terms)
        self.has_looked.set()
        await self.may_answer.wait()
        return found


async def test_what_is_written_while_rows_are_asked_for_is_sent_at_once(
    state: State, platform: FakePlatform
) -> None:
    outbox = Gated(state)
    timing = replace(HURRIED, look=LONG)
    here = station(state, platform, outbox=outbox, timing=timing)
    async with running(here.dispatcher):
        await outbox.has_looked.wait()
        await here.put(here.row("a"))
        outbox.may_answer.set()
        assert await here.ended("a") == ["done"]


async def test_a_clock_that_is_put_back_keeps_nothing_waiting(
    state: State, platform: FakePlatform, fakes: Fakes, session: ClientSession
) -> None:
    is_composing, may_go_on = asyncio.Event(), asyncio.Event()

    async def compose(row: Row, platform: Platform) -> Posting:
        if row.key == "other":
            is_composing.set()
            await may_go_on.wait()
        return await CONTENT.compose(row, platform)

    other = FakePlatform(fakes.world("searchable"), session, "other")
    content, timing = replace(CONTENT, compose=compose), replace(HURRIED, look=LONG)
    here = station(state, platform, other, content=content, timing=timing)
    async with running(here.dispatcher):
        await here.put(here.row("other", platform="other"))
        await is_composing.wait()
        yesterday = here.now() - timedelta(days=1)
        # Nobody says so, but there is something else to do.
        await here.outbox.put([here.row("a", ready_at=yesterday)], yesterday)
        here.now.off = -timedelta(days=1)
        may_go_on.set()
        assert await here.ended("a") == ["done"]
