"""Due times against a search through every quarter of an hour of the years, in awkward zones."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from bot.digest.schedule import dues
from bot.subscription import EVERY_DAY, Times

# Clocks that change by half an hour (Lord Howe), at midnight (Havana, Beirut, Santiago, Sao Paulo),
# in the month of fasting (Casablanca, Cairo), to another day (Apia), or never.
ZONES = (
    "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
    "America/Havana", "Asia/Beirut", "America/Santiago", "Asia/Tokyo", "Europe/London",
    "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham", "Africa/Cairo", "America/Sao_Paulo",
    "Asia/Tehran", "America/Nuuk",
)  # fmt: skip
TIMES = (time(0), time(0, 15), time(1, 45), time(2), time(2, 30), time(9), time(23, 30))
YEARS, QUICK_YEARS = range(2009, 2036), range(2010, 2013)

# Every clock has been a multiple of this away from UTC in these years.
STEP = timedelta(minutes=15)


def measure(bench: Bench) -> Iterator[Figure]:
    """How many due times differ, over all zones and times."""
    years = QUICK_YEARS if bench.quick else YEARS
    wrong: list[str] = []
    compared = 0
    for zone in ZONES:
        bench.say(f"due times: {zone}")
        expected = searched(zone, TIMES, years)
        for at in TIMES:
            found = computed(zone, at, years)
            days = expected[at].keys() | found.keys()
            compared += len(days)
            wrong += [
                f"{zone} {day} {at:%H:%M}: {found.get(day)}, not {expected[at].get(day)}"
                for day in sorted(days)
                if expected[at].get(day) != found.get(day)
            ]
    yield Figure(
        f"due times that differ from zoneinfo, {years[0]}-{years[-1]}",
        len(wrong),
        goal=at_most(0),
        note=f"{compared} due times in {len(ZONES)} zones",
        details={"wrong": wrong[:20]},
    )


def computed(zone: str, at: time, years: range) -> Mapping[date, datetime]:
    """The due times of some years as they are computed, by their local days."""
    times = Times(at, EVERY_DAY, zone)
    found = takewhile(
        lambda due: due.day.year <= years[-1], dues(times, date(years[0] - 1, 12, 31))
    )
    listed = list(found)
    by_day = {due.day: due.at for due in listed}
    if len(by_day) < len(listed):
        raise AssertionError(f"a day comes twice in {zone}")
    return by_day


def searched(
    zone: str, times: Sequence[time], years: range
) -> Mapping[time, Mapping[date, datetime]]:
    """What they have to be, found by asking for the local time of every quarter of an hour.

    The first that is the time looked for, else as long after the last one before the gap as if
    the clock had gone on.
    """
    where = ZoneInfo(zone)
    found: dict[time, dict[date, datetime]] = {at: {} for at in times}
    moment = datetime(years[0], 1, 1, tzinfo=UTC) - timedelta(days=2)
    end = datetime(years[-1] + 1, 1, 1, tzinfo=UTC) + timedelta(days=2)
    before: tuple[datetime, datetime] | None = None
    while moment < end:
        local = moment.astimezone(where).replace(tzinfo=None)
        if local.time() in found:
            found[local.time()].setdefault(local.date(), moment)
        if before is not None and local - before[1] > STEP:
            _fill(found, before, moment, local)
        before = moment, local
        moment += STEP
    return {
        at: {day: due for day, due in by_day.items() if day.year in years}
        for at, by_day in found.items()
    }


def _fill(
    found: Mapping[time, dict[date, datetime]],
    before: tuple[datetime, datetime],
    moment: datetime,
    local: datetime,
) -> None:
    """Give those that a gap takes away their time after it; a day of which nothing is left, none.

    A gap goes from the local time of `before` to `local`, that of the next moment.
    """
    for at, by_day in found.items():
        for day in {before[1].date(), local.date()}:
            wanted = datetime.combine(day, at)
            if before[1] < wanted < local:
                by_day.setdefault(day, before[0] + (wanted - before[1]))
    assert moment - before[0] == STEP
