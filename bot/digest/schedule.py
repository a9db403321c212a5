"""When digests are due, and waiting for it.

APScheduler knows the calendar (which weekdays) and wakes up; what a local time means in a zone is
zoneinfo's matter. What is due is kept in the state, never in the scheduler.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.subscription import Due, Times

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.cron import CronTrigger

# A clock that jumps is noticed after this at the latest.
LONGEST_WAIT = timedelta(seconds=60)
# Farther ahead than any digest can be due: one of a single weekday whose day never was comes after
# two weeks.
FARTHEST = timedelta(days=16)

_DAY = timedelta(days=1)
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_JOB = "wake"


def following(times: Times, after_day: date, now: datetime) -> Due:
    """The next due time after now (UTC) that is of a later local day than `after_day`.

    Each local day has one: a time that the clock jumps over comes by as much later, of one that
    comes twice it is the first. Days that never were have none. A day that no running clock can
    have reached (one that jumped far ahead has) counts for nothing.
    """
    zone = ZoneInfo(times.zone)
    today = now.astimezone(zone).date()
    start = after_day if after_day - today < FARTHEST else today - _DAY
    # What was due before yesterday is over in any zone, so the days need not be gone through.
    start = max(start, today - 2 * _DAY)
    return next(due for due in dues(times, start) if due.at > now)


def first_due(times: Times, now: datetime) -> Due:
    """The first due time after now (UTC)."""
    return following(times, date.min, now)


def overdue(times: Times, due: Due, now: datetime, most: int) -> Sequence[Due]:
    """What has come due since a due time, which is the first; the last `most`, the newest last."""
    first = max(due.day, now.astimezone(ZoneInfo(times.zone)).date() - most * 7 * _DAY - FARTHEST)
    found: deque[Due] = deque((due,) if due.at <= now else (), maxlen=most)
    for later in dues(times, first):
        if later.at > now:
            break
        if later.day > due.day:
            found.append(later)
    return tuple(found)


def dues(times: Times, after_day: date) -> Iterator[Due]:
    """The due times of all later days, one after the other."""
    zone = ZoneInfo(times.zone)
    trigger = _calendar(times.at, times.weekdays)
    # The calendar's own days have no zone; it is asked in UTC, where each has its time once.
    reached = datetime.combine(after_day, time.max, UTC)
    while (found := trigger.get_next_fire_time(None, reached)) is not None:
        reached = found + timedelta(minutes=1)
        local = found.replace(tzinfo=None)
        if _was(local.date(), zone):
            yield Due(_instant(local, zone), local.date())


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """When a local time is (UTC): the first of two; one in a gap, as if there were no gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _was(day: date, zone: ZoneInfo) -> bool:
    """Whether any moment had this local day: Apia went from 29 to 31 December 2011."""
    ends = datetime.combine(day, time.min), datetime.combine(day, time.max)
    return any(_instant(end, zone).astimezone(zone).replace(tzinfo=None) == end for end in ends)


@lru_cache(maxsize=1024)
def _calendar(at: time, weekdays: frozenset[int]) -> "CronTrigger":
    """The trigger for a time of weekdays, by their names: its numbers are not those of cron.

    Raises ValueError where there is no weekday.
    """
    # Takes as long to import as everything that a first answer needs.
    from apscheduler.triggers.cron import CronTrigger

    names = ",".join(_NAMES[weekday] for weekday in sorted(weekdays))
    return CronTrigger(day_of_week=names, hour=at.hour, minute=at.minute, timezone=UTC)


class Alarm:
    """Wakes up who waits, at a time or because something has changed.

    One job of APScheduler does it, to be used as an asynchronous context. `now` gives the time in
    UTC; nobody waits for more than `longest`.
    """

    def __init__(self, now: Callable[[], datetime], longest: timedelta = LONGEST_WAIT) -> None:
        self._now = now
        self._longest = longest
        self._rung = asyncio.Event()
        self._scheduler: AsyncIOScheduler

    async def __aenter__(self) -> "Alarm":
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        # It tells of every single wake-up.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scheduler.shutdown(wait=False)
        # It only asks the loop to shut it down, which may be the last that the loop does.
        await asyncio.sleep(0)

    def ring(self) -> None:
        """Wake up at once: something has changed. Nobody waiting, the next one does not wait."""
        self._rung.set()

    async def wait_until(self, when: datetime | None) -> None:
        """Wait for a time (UTC), for a ring, or as long as may be, whatever comes first.

        So whoever waits looks at the clock again before it can have been wrong for long. The
        longest wait is measured by the loop's own clock, which does not jump.
        """
        wait = self._longest if when is None else min(self._longest, when - self._now())
        if wait > timedelta(0):
            self._set(wait)
            try:
                async with asyncio.timeout(self._longest.total_seconds()):
                    await self._rung.wait()
            except TimeoutError:
                pass
        self._rung.clear()

    def _set(self, wait: timedelta) -> None:
        from apscheduler.triggers.date import DateTrigger

        async def wake() -> None:
            self.ring()

        self._scheduler.add_job(
            wake,
            DateTrigger(datetime.now(UTC) + wait),
            id=_JOB,
            replace_existing=True,
            # Late is not too late.
            misfire_grace_time=None,
            coalesce=True,
        )
