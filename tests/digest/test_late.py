"""Digests that are late or missed, and clocks and times that change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.digest.firing import (
    MOST_MISSED,
    fire_due,
)
from bot.digest.schedule import following
from bot.outbox import Outcome
from bot.subscription import Due, Place, Times
from tests.digest.fire import LATE, NEXT, days, due_of, fire_at, firing, history
from tests.digest.world import (
    DAY,
    DUE,
    HOUR,
    MORNING,
    World,
    keys,
    subscription,
)
from tests.watch.told import Heard


async def test_a_late_digest_is_written_until_its_window_is_over(world: World) -> None:
    await world.add(subscription("s1"))
    await world.add(subscription("s2", Place("discord", "C2", "G1")))
    world.now = DUE.at + LATE - timedelta(seconds=1)
    await fire_due(firing(world))
    assert days(await history(world, "s1")) == [("2026-11-21", None)]
    assert await due_of(world) == NEXT


async def test_one_that_is_too_late_is_missed_and_its_posts_come_the_next_day(
    world: World,
) -> None:
    world.write("a", 2)
    await world.observe()
    await world.add(subscription())
    assert await fire_at(world, DUE.at + LATE) == 1
    (row,) = await history(world)
    assert (row.outcome, row.posts) == (Outcome.MISSED, ())
    assert await due_of(world) == NEXT
    await fire_at(world, NEXT.at)
    assert [post.post for post in (await history(world))[0].posts] == keys("a")


async def test_of_several_missed_days_the_last_is_sent(world: World) -> None:
    await world.add(subscription())
    assert await fire_at(world, DUE.at + 3 * DAY + HOUR) == 1
    assert days(await history(world)) == [
        ("2026-11-24", None),
        ("2026-11-23", Outcome.MISSED),
        ("2026-11-22", Outcome.MISSED),
        ("2026-11-21", Outcome.MISSED),
    ]
    assert await due_of(world) == Due(DUE.at + 4 * DAY, DUE.day + 4 * DAY)


async def test_what_was_missed_while_nobody_ran_is_counted_once(world: World) -> None:
    await world.add(subscription())
    heard = Heard()
    measured = replace(firing(world), meter=heard)
    world.now = DUE.at + 3 * DAY + HOUR
    await fire_due(measured)
    await fire_due(measured)
    assert heard.told == [("discord", "digest", "missed", None)] * 3
    world.now = NEXT.at + 4 * DAY + LATE
    await fire_due(measured)
    assert len(heard.told) == 3 + 2


async def test_of_a_year_only_a_week_of_missed_days_is_kept(world: World) -> None:
    await world.add(subscription())
    assert await fire_at(world, DUE.at + 400 * DAY) == 1
    rows = days(await history(world))
    assert len(rows) == MOST_MISSED + 1
    assert [outcome for _, outcome in rows] == [None] + [Outcome.MISSED] * MOST_MISSED


async def test_what_was_missed_between_two_weekdays_is_no_day_without_one(world: World) -> None:
    times = Times(time(9), frozenset({0}), "Asia/Tokyo")
    monday = Due(datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23))
    await world.add(subscription(times=times, due=monday))
    await fire_at(world, monday.at + 8 * DAY)
    assert days(await history(world)) == [
        ("2026-11-30", Outcome.MISSED),
        ("2026-11-23", Outcome.MISSED),
    ]
    assert await due_of(world) == Due(monday.at + 14 * DAY, date(2026, 12, 7))


async def test_a_digest_comes_once_a_day_whatever_the_clock_does(world: World) -> None:
    await world.add(subscription())
    assert await fire_at(world, DUE.at + DAY) == 1
    # The clock was a day ahead, and is put right.
    assert await fire_at(world, DUE.at) == 0
    assert await fire_at(world, DUE.at + DAY) == 0
    assert await fire_at(world, DUE.at + 2 * DAY) == 1
    sent = [day for day, outcome in days(await history(world)) if outcome is None]
    assert sent == ["2026-11-23", "2026-11-22"]


async def test_an_edited_time_does_not_bring_the_same_day_again(world: World) -> None:
    await world.add(subscription())
    await fire_at(world, DUE.at)
    evening = replace(MORNING, at=time(20))
    again = following(evening, DUE.day - DAY, DUE.at)
    assert again.day == DUE.day
    edited = subscription(times=evening, due=again)
    assert await world.stores.subscriptions.change(edited, "alice", "edit", "", world.now)
    await fire_at(world, again.at)
    assert days(await history(world)) == [("2026-11-21", None)]
    assert await due_of(world) == Due(again.at + DAY, DUE.day + DAY)
