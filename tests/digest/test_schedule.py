"""When digests are due, and who waits for it."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.schedule import ZONES, computed, searched
from bot.digest.schedule import LONGEST_WAIT, Alarm, first_due, following, overdue
from bot.subscription import EVERY_DAY, Due, Times

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # Friday noon in Tokyo


def tokyo(hour: int, minute: int = 0, weekdays: frozenset[int] = EVERY_DAY) -> Times:
    return Times(time(hour, minute), weekdays, "Asia/Tokyo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "due"),
    [
        (13, Due(utc("2026-11-20T04:00"), date(2026, 11, 20))),
        (11, Due(utc("2026-11-21T02:00"), date(2026, 11, 21))),
        # What is due this very moment is over.
        (12, Due(utc("2026-11-21T03:00"), date(2026, 11, 21))),
        # The local day is another one than that of UTC.
        (7, Due(utc("2026-11-20T22:00"), date(2026, 11, 21))),
    ],
)
def test_the_first_due_time_is_the_next_of_the_local_day(hour: int, due: Due) -> None:
    assert first_due(tokyo(hour), NOW) == due


def test_only_the_weekdays_that_were_asked_for_come() -> None:
    times = tokyo(9, weekdays=frozenset({0, 6}))
    sunday = first_due(times, NOW)
    monday = following(times, sunday.day, sunday.at)
    assert (sunday.day, monday.day) == (date(2026, 11, 22), date(2026, 11, 23))
    assert following(times, monday.day, monday.at).day == date(2026, 11, 29)


def test_a_day_does_not_come_twice_where_the_clock_is_put_back() -> None:
    due = first_due(tokyo(13), NOW)
    assert following(tokyo(13), due.day, NOW - DAY) == Due(due.at + DAY, due.day + DAY)


def test_what_a_clock_left_that_was_years_ahead_counts_for_nothing() -> None:
    assert following(tokyo(13), date(2099, 1, 1), NOW) == first_due(tokyo(13), NOW)


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        # 02:30 is skipped, 01:30 comes twice.
        ("America/New_York", time(2, 30), "2026-03-08", "2026-03-08T07:30"),
        ("America/New_York", time(1, 30), "2026-11-01", "2026-11-01T05:30"),
        # The clock goes on by half an hour only.
        ("Australia/Lord_Howe", time(2, 15), "2026-10-04", "2026-10-03T15:45"),
        # Midnight itself is skipped, or the hour before it.
        ("America/Havana", time(0), "2026-03-08", "2026-03-08T05:00"),
        ("America/Nuuk", time(23, 30), "2024-03-30", "2024-03-31T01:30"),
    ],
)
def test_a_local_time_that_is_skipped_or_repeated_comes_once(
    zone: str, at: time, day: str, expected: str
) -> None:
    wanted = date.fromisoformat(day)
    times = Times(at, EVERY_DAY, zone)
    due = following(times, wanted - DAY, utc(expected) - DAY)
    assert due == Due(utc(expected), wanted)
    assert following(times, wanted, due.at).day == wanted + DAY


def test_a_day_that_never_was_is_never_due() -> None:
    times = Times(time(9), EVERY_DAY, "Pacific/Apia")
    before = Due(utc("2011-12-29T19:00"), date(2011, 12, 29))
    assert following(times, date(2011, 12, 28), before.at - DAY) == before
    assert following(times, before.day, before.at).day == date(2011, 12, 31)
    # 30 December 2011 would have been the Friday.
    fridays = Times(time(9), frozenset({4}), "Pacific/Apia")
    assert following(fridays, date(2011, 12, 23), before.at).day == date(2012, 1, 6)


@pytest.mark.parametrize(
    ("zone", "years"),
    [
        ("Pacific/Apia", range(2009, 2013)),
        ("Australia/Lord_Howe", range(2026, 2027)),
        ("America/Nuuk", range(2023, 2025)),
        ("Africa/Casablanca", range(2018, 2019)),
    ],
)
def test_due_times_are_those_found_by_looking_at_every_moment(zone: str, years: range) -> None:
    times = (time(0), time(2, 30), time(23, 30))
    expected = searched(zone, times, years)
    for at in times:
        assert computed(zone, at, years) == expected[at]


def test_without_a_weekday_nothing_can_be_due() -> None:
    with pytest.raises(ValueError, match="day_of_week"):
        first_due(tokyo(9, weekdays=frozenset()), NOW)


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.datetimes(datetime(2009, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
)
def test_due_times_follow_each_other_without_an_end(
    zone: str, at: time, weekdays: frozenset[int], local: datetime
) -> None:
    now = local.replace(tzinfo=UTC)
    times = Times(at.replace(second=0, microsecond=0), weekdays, zone)
    due = first_due(times, now)
    for _ in range(10):
        after = following(times, due.day, due.at)
        assert due.at < after.at
        assert due.day < after.day
        assert after.day.weekday() in weekdays
        due = after


# --- what was missed -------------------------------------------------------------------------


def test_what_came_due_meanwhile_is_known_the_newest_last() -> None:
    due = Due(utc("2026-11-16T04:00"), date(2026, 11, 16))
    missed = overdue(tokyo(13), due, NOW, 8)
    assert [each.day.day for each in missed] == [16, 17, 18, 19]
    assert missed[0] == due
    assert [each.day.day for each in overdue(tokyo(13), due, NOW, 2)] == [18, 19]
    assert overdue(tokyo(13), first_due(tokyo(13), NOW), NOW, 8) == ()


def test_years_of_missed_days_are_not_all_gone_through() -> None:
    due = Due(utc("1970-01-01T04:00"), date(1970, 1, 1))
    every = overdue(tokyo(13, weekdays=frozenset({0})), due, NOW, 8)
    assert [each.day for each in every] == [
        date(2026, 11, 16) - week * 7 * DAY for week in reversed(range(8))
    ]


def test_other_times_since_then_do_not_make_the_day_come_again() -> None:
    # It was due at 13:00; nothing was sent, and now the time is 9:00.
    due = Due(utc("2026-11-20T00:00"), date(2026, 11, 20))
    assert overdue(tokyo(9), due, NOW, 8) == (due,)


# --- the alarm -------------------------------------------------------------------------------


class Clock:
    """A clock that a test puts forward and back."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time


async def waited(wait: Callable[[], Awaitable[None]]) -> float:
    """How long something took, in seconds."""
    started = asyncio.get_running_loop().time()
    async with asyncio.timeout(20):
        await wait()
    return asyncio.get_running_loop().time() - started


async def test_it_wakes_up_when_the_time_has_come() -> None:
    clock = Clock()
    async with Alarm(clock) as alarm:
        soon = clock.time + timedelta(milliseconds=60)
        assert 0.05 < await waited(partial(alarm.wait_until, soon)) < 10
        assert await waited(partial(alarm.wait_until, clock.time - DAY)) < 10


async def test_it_wakes_up_when_it_is_rung_also_where_nobody_waited() -> None:
    clock = Clock()
    async with Alarm(clock) as alarm:
        asyncio.get_running_loop().call_later(0.02, alarm.ring)
        assert await waited(partial(alarm.wait_until, None)) < 10
        alarm.ring()
        assert await waited(partial(alarm.wait_until, clock.time + DAY)) < 10
        # Each ring counts once.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await alarm.wait_until(None)


async def test_nobody_waits_for_longer_than_a_minute() -> None:
    assert timedelta(seconds=60) == LONGEST_WAIT
    clock = Clock()
    async with Alarm(clock, timedelta(milliseconds=30)) as alarm:
        for when in (None, clock.time + DAY):
            assert await waited(partial(alarm.wait_until, when)) < 10


async def test_a_clock_that_is_put_back_while_it_waits_delays_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class YesterdaysClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - DAY

    clock = Clock()
    async with Alarm(clock, timedelta(milliseconds=200)) as alarm:
        waiting = asyncio.create_task(alarm.wait_until(clock.time + DAY))
        await asyncio.sleep(0)
        # From now on the scheduler takes its own wake-up to be a day ahead.
        monkeypatch.setattr("apscheduler.schedulers.base.datetime", YesterdaysClock)
        async with asyncio.timeout(20):
            await waiting


async def test_it_ends_while_somebody_waits_and_leaves_nothing_behind() -> None:
    async with Alarm(Clock()) as alarm:
        waiting = asyncio.create_task(alarm.wait_until(None))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_the_scheduler_is_imported_only_when_it_is_needed() -> None:
    # Most of what is asked for is answered without a due time.
    program = "import sys, bot.digest.firing; assert 'apscheduler' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
