"""The dispatcher when something is wrong: lost answers, limits, outages, clocks, the end."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import update

from bot.digest.observing import Whereabouts
from bot.errors import StateError
from bot.outbox import Cause, Outcome, Row
from bot.ports import Pace, Platform
from bot.stores import Claims
from bot.view import Posting
from storage.state import sqlite
from storage.state.database import State, open_state
from storage.state.outbox import StoredOutbox
from storage.state.slots import pause
from storage.state.tables import OUTBOX
from tests.delivery.remote import FakePlatform, Fakes
from tests.delivery.stations import CONTENT, HURRIED, Station, compose, running, station, until
from tests.logged import only_incident
from tests.state.samples import MADE, NEXT

DAY = timedelta(days=1)


async def test_a_message_whose_answer_was_lost_is_not_sent_again(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable", lost=1.0)
    here = station(state, FakePlatform(world, session))
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        await until(lambda: len(world.posted()) >= 1)
        world.set(lost=0.0)
        assert await here.ended("a") == ["done"]
    assert world.posted() == ["a"]
    row = await here.outbox.row("a")
    assert row is not None
    assert row.reference == "C1/0"


async def test_a_platform_that_does_not_answer_is_named_as_the_cause(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable", slow=1.0, slow_seconds=60.0)
    here = station(state, FakePlatform(world, session))
    await here.put(here.row("a"))
    async with running(here.dispatcher):
        row = None
        async with asyncio.timeout(20):
            while row is None or row.cause is None:
                await here.dispatcher.settled("a", 0.05)
                row = await here.outbox.row("a")
        assert row.cause == Cause.NO_ANSWER.value
        world.set(slow=0.0)
        assert await here.ended("a") == ["done"]
    assert world.posted() == ["a"]


async def test_who_may_not_look_for_messages_may_send_them_all_the_same(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable", failed=1.0, unreadable=True)
    here = station(state, FakePlatform(world, session))
    await here.stores.subscriptions.add(MADE, "alice", 9)
    async with running(here.dispatcher):
        await here.put(here.row("a", subscription="s1", due_at=NEXT.at))
        await until(lambda: world.stats()["requests"] >= 1)
        world.set(failed=0.0)
        assert await here.ended("a") == ["done"]
    assert world.posted() == ["a"]


async def test_what_was_sent_in_time_is_no_miss_though_its_answer_was_lost(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable", lost=1.0)
    here = station(state, FakePlatform(world, session))
    async with running(here.dispatcher):
        await here.put(here.row("a", deadline=here.now() + timedelta(seconds=30)))
        await until(lambda: len(world.posted()) >= 1)
        here.now.off = timedelta(minutes=2)
        world.set(lost=0.0)
        assert await here.ended("a") == ["done"]
    assert world.posted() == ["a"]


async def test_a_limit_is_waited_for_and_nothing_is_looked_for(
    here: Station, platform: FakePlatform
) -> None:
    platform.world.set(limited=1.0)
    async with running(here.dispatcher):
        await here.put(here.row("a"), here.row("b"))
        await until(lambda: platform.world.stats()["requests"] >= 2)
        platform.world.set(limited=0.0)
        assert await here.ended("a", "b") == ["done", "done"]
    row = await here.outbox.row("a")
    assert row is not None
    # What was refused for sure was never tried.
    assert row.tries == 1


async def test_a_row_that_cannot_be_read_keeps_no_others_waiting(
    here: Station, platform: FakePlatform, state: State
) -> None:
    await here.put(here.row("a"), here.row("b"), here.row("on a", after_key="a"))
    async with state.writing() as connection:
        newer = update(OUTBOX).where(OUTBOX.c.key == "a").values(said='{"is": "Newer"}')
        await connection.execute(newer)
    async with running(here.dispatcher):
        assert await here.ended("b") == ["done"]
        here.now.off = timedelta(hours=13)
        here.dispatcher.kick()
        assert await here.ended("on a") == ["dropped"]
    assert platform.world.posted() == ["b"]


class Garbling(FakePlatform):
    """Answers for one message what no database keeps: half of a surrogate pair."""

    async def post(self, target: str, posting: Posting, key: str) -> str:
        reference = await super().post(target, posting, key)
        return "\ud800" if key == "garbled" else reference


async def test_an_answer_that_cannot_be_noted_keeps_no_others_from_it(
    state: State, fakes: Fakes, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    here = station(state, Garbling(fakes.world("searchable"), session))
    keys = [f"k{n}" for n in range(20)]
    await here.put(here.row("garbled"), *(here.row(key) for key in keys))
    async with running(here.dispatcher):
        assert await here.ended(*keys) == ["done"] * 20
    assert "cannot be noted" in caplog.text


async def test_what_was_claimed_before_a_long_pause_is_given_back(
    state: State, platform: FakePlatform
) -> None:
    claims: list[int] = []

    async def is_held(row: Row) -> Whereabouts:
        claims.append(row.tries)
        if len(claims) == 1:
            async with state.writing() as connection:
                now = datetime.now(UTC)
                await pause(connection, "fake", None, now, now + timedelta(minutes=5))
            # Its slot is over meanwhile, so it needs another.
            await asyncio.sleep(0.1)
        return Whereabouts.HERE

    here = station(state, platform, content=replace(CONTENT, held=is_held))
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        assert await here.ended("a", seconds=1) == ["open"]
        row = await here.outbox.row("a")
        assert row is not None
        assert row.ready_at is not None
        assert (claims, row.tries) == ([1], 0)
        assert timedelta(minutes=4) < row.ready_at - row.created_at < timedelta(minutes=6)
        assert platform.world.stats()["requests"] == 0
        here.now.off = timedelta(minutes=6)
        here.dispatcher.kick()
        assert await here.ended("a") == ["done"]
    assert claims == [1, 1]


class ZerosError(Exception):
    """A failure whose representation no text of PostgreSQL can hold."""

    def __repr__(self) -> str:
        return "Zeros(\0)" * 200


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("so"), ValueError("long" * 500), ZerosError()], ids=type
)
async def test_a_failure_nobody_thought_of_is_logged_once_and_tried_again(
    state: State, platform: FakePlatform, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    failures = 0

    async def failing(row: Row, platform: Platform) -> Posting:
        nonlocal failures
        failures += 1
        if failures <= 3:
            raise error
        return await compose(row, platform)

    here = station(state, platform, content=replace(CONTENT, compose=failing))
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        assert await here.ended("a") == ["done"]
    assert only_incident(caplog)["key"] == "a"


async def test_at_the_end_what_is_under_way_is_noted_and_the_rest_given_back(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable", slow=1.0, slow_seconds=0.4)
    outbox, told = StoredOutbox(state), set[str]()

    async def on_done(row: Row) -> None:
        # What follows reads the state, which is closed soon after.
        assert await outbox.row(row.key) is not None
        told.add(row.key)

    platform = FakePlatform(world, session, pace=Pace(per_second=20))
    here = station(state, platform, content=replace(CONTENT, on_done=on_done))
    keys = [f"k{n}" for n in range(40)]
    await here.put(*(here.row(key, target=key) for key in keys))
    async with running(here.dispatcher):
        await until(lambda: len(world.posted()) >= 5)
    told_in_time = set(told)
    rows = [await here.outbox.row(key) for key in keys]
    sent = {row.key for row in rows if row and row.outcome is Outcome.DONE}
    assert sent == set(world.posted()) == told_in_time
    assert {row.tries for row in rows if row and row.outcome is None} == {0}
    # Nothing waits for a lease to end.
    world.set(slow=0.0)
    again = station(state, FakePlatform(world, session))
    async with running(again.dispatcher):
        assert await again.ended(*keys, seconds=0.9) == ["done"] * 40
    assert sorted(world.posted()) == sorted(keys)


def locking(path: Path) -> sqlite3.Connection:
    """A connection of another program."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


async def test_a_state_that_is_locked_for_a_while_delays_and_loses_nothing(
    path: Path,
    fakes: Fakes,
    session: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    world = fakes.world("searchable")
    async with open_state(path) as state:
        here = station(state, FakePlatform(world, session, pace=Pace(per_second=40)))
        keys = [f"k{n}" for n in range(40)]
        await here.put(*(here.row(key, target=key) for key in keys))
        with caplog.at_level(logging.INFO):
            async with running(here.dispatcher):
                await until(lambda: len(world.posted()) >= 3)
                with closing(locking(path)) as other:
                    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
                    await until(lambda: caplog.records)
                    # For longer than leases last.
                    await asyncio.sleep(HURRIED.lease.total_seconds() + 0.3)
                assert await here.ended(*keys) == ["done"] * 40
                await until(lambda: len(caplog.records) > 1)
    assert sorted(world.posted()) == sorted(keys)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


class Flickering(StoredOutbox):
    """The outbox of a damaged state: now one part of it is read, now another."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.asked = 0
        self.is_damaged = True

    async def claim(self, *terms: Any) -> Claims:
        """Rows, or every other time nothing."""
        self.asked += 1
        if self.is_damaged and self.asked % 2:
            raise StateError("state.failed", path="state", cause="damaged")
        return await super().claim(*terms)


async def test_what_goes_well_only_now_and_then_is_one_outage_in_the_log(
    state: State, platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Flickering(state)
    here = station(state, platform, outbox=outbox)
    with caplog.at_level(logging.INFO):
        async with running(here.dispatcher):
            await until(lambda: outbox.asked >= 8)
            assert [record.levelname for record in caplog.records] == ["WARNING"]
            outbox.is_damaged = False
            await until(lambda: len(caplog.records) > 1)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def has_posted(platform: FakePlatform, count: int) -> bool:
    """Whether so many messages have come."""
    return len(platform.world.posted()) >= count


async def test_a_clock_that_jumps_makes_nothing_twice_and_nothing_stuck(
    here: Station, platform: FakePlatform
) -> None:
    platform.pace = Pace(per_second=100)
    keys = [f"k{n}" for n in range(120)]
    await here.put(*(here.row(key, target=key, deadline=here.now() + 3 * DAY) for key in keys))
    async with running(here.dispatcher):
        for days in (1, -1, 0, -1, 1, 0):
            await until(partial(has_posted, platform, len(platform.world.posted()) + 8))
            here.now.off = days * DAY
            keys.append(f"{len(keys)} at {days}")
            await here.put(here.row(keys[-1], deadline=here.now() + 3 * DAY))
        assert await here.ended(*keys) == ["done"] * len(keys)
    assert sorted(platform.world.posted()) == sorted(keys)
