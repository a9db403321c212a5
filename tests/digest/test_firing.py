"""Digests whose time has come, on a real index and a real state."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest

from bot.digest.firing import (
    BATCH,
    MOST_MISSED,
    POSTPONED,
    STALE_GRACE,
    Firing,
    SentNow,
    bring_back,
    fire_due,
    keep_firing,
    send_now,
)
from bot.digest.posts import choose_for
from bot.digest.schedule import Alarm, following
from bot.errors import StateError
from bot.intent import Publish, ShowDigest
from bot.outbox import Op, Outcome, Row, delivery_key
from bot.stores import Stores
from bot.subscription import Due, Place, QuietDay, Subscription, Times, Wishes
from tests.digest.world import (
    DAY,
    DUE,
    GENERAL,
    HOUR,
    MORNING,
    NOW,
    World,
    keys,
    open_stores,
    subscription,
)

LATE = 12 * HOUR
NEXT = Due(DUE.at + DAY, DUE.day + DAY)


def firing(world: World, *platforms: str) -> Firing:
    """What fires in the process of a world."""
    return Firing(platforms or ("discord",), world.index, world.get_stores, LATE, world.clock)


async def fire_at(world: World, at: datetime) -> int:
    world.now = at
    return await fire_due(firing(world))


async def history(world: World, name: str = "s1") -> Sequence[Row]:
    return await world.stores.outbox.history(name, 100)


async def due_of(world: World, name: str = "s1") -> Due | None:
    found = await world.stores.subscriptions.get(name)
    assert found is not None
    return found.due


def days(rows: Sequence[Row]) -> list[tuple[str, Outcome | None]]:
    """The local days of digests with their outcomes, the newest first."""
    return [(row.said.day, row.outcome) for row in rows if isinstance(row.said, ShowDigest)]


async def test_a_digest_is_written_when_it_is_due_with_its_posts(world: World) -> None:
    for day in range(2, 9):
        world.write(f"p{day}", day)
    await world.observe()
    await world.add(subscription())
    assert await fire_at(world, DUE.at - timedelta(seconds=1)) == 0
    assert await fire_at(world, DUE.at) == 1
    (row,) = await history(world)
    versions = await world.index.versions()
    assert row.said == ShowDigest("2026-11-21", 5, "new")
    assert [post.post for post in row.posts] == keys(*(f"p{day}" for day in range(8, 1, -1)))
    assert all(post.version == versions[post.post] for post in row.posts)
    assert (row.target, row.platform, row.op, row.language) == ("C1", "discord", Op.POST, "ja")
    assert (row.due_at, row.deadline) == (DUE.at, DUE.at + LATE)
    assert await due_of(world) == NEXT
    assert await fire_at(world, DUE.at) == 0


async def test_preview_and_digest_are_of_the_same_posts(world: World) -> None:
    for slug in ("a", "b", "c"):
        world.write(slug, 2)
    await world.observe()
    wishes = Wishes(posts=2)
    previewed = await choose_for(GENERAL, wishes, world.index, world.stores, DUE.at)
    await world.add(subscription(wishes=wishes))
    await fire_at(world, DUE.at)
    (row,) = await history(world)
    assert [post.post for post in row.posts] == [post.key for post in previewed.posts]
    assert row.said == ShowDigest("2026-11-21", len(previewed.shown), previewed.source)


async def test_two_digests_of_a_place_share_the_posts(world: World) -> None:
    for slug in ("a", "b"):
        world.write(slug, 2)
    await world.observe()
    wishes = Wishes(posts=1, quiet_day=QuietDay.SAY)
    for name in ("s1", "s2", "s3"):
        await world.add(subscription(name, wishes=replace(wishes, unwanted=(name,))))
    assert await fire_at(world, DUE.at) == 3
    said = [(await history(world, name))[0].said for name in ("s1", "s2", "s3")]
    # The first has the second post among the others.
    assert said == [
        ShowDigest("2026-11-21", 1, "new"),
        ShowDigest("2026-11-21", 0, "none"),
        ShowDigest("2026-11-21", 0, "none"),
    ]


async def test_with_nothing_new_the_archive_serves_until_it_is_at_its_end(world: World) -> None:
    await world.add(subscription())
    await fire_at(world, DUE.at)
    await fire_at(world, NEXT.at)
    second, first = await history(world)
    assert first.said == ShowDigest("2026-11-21", 1, "archive")
    assert second.said == ShowDigest("2026-11-22", 0, "none")


async def test_on_a_silent_day_only_the_next_time_is_written(world: World) -> None:
    await world.add(subscription(wishes=Wishes(quiet_day=QuietDay.SKIP)))
    assert await fire_at(world, DUE.at) == 1
    assert await history(world) == []
    assert await due_of(world) == NEXT


async def test_what_is_to_be_passed_on_follows_the_digest(world: World) -> None:
    await world.add(subscription(wishes=Wishes(publish=True)))
    await fire_at(world, DUE.at)
    (digest,) = await history(world)
    publishing = await world.stores.outbox.row(delivery_key("publish", digest.key))
    assert publishing is not None
    assert (publishing.op, publishing.said) == (Op.PUBLISH, Publish())
    # It is not ready before the digest is there.
    assert publishing.ready_at is None
    assert publishing.deadline > digest.deadline


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


async def test_only_platforms_of_this_process_are_fired(world: World) -> None:
    await world.add(subscription("s1"))
    await world.add(subscription("s2", Place("slack", "C1", "G1")))
    world.now = DUE.at
    assert await fire_due(firing(world, "slack")) == 1
    assert await history(world, "s1") == []


async def test_paused_ones_are_never_due(world: World) -> None:
    await world.add(subscription(due=None))
    assert await fire_at(world, DUE.at + 400 * DAY) == 0


async def test_more_than_a_batch_is_fired(world: World) -> None:
    for number in range(BATCH + 5):
        await world.add(subscription(f"s{number}", Place("discord", f"C{number}", "G1")))
    assert await fire_at(world, DUE.at) == BATCH + 5


# --- several at once ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["sqlite", "postgresql"], indirect=True)
async def test_replicas_that_fire_at_once_write_each_digest_once(world: World) -> None:
    world.write("a", 2)
    await world.observe()
    for number in range(20):
        # Two of each channel, of which one has the post.
        place = Place("discord", f"C{number // 2}", "G1")
        wishes = Wishes(quiet_day=QuietDay.SAY, posts=1 + number % 2)
        await world.add(subscription(f"s{number}", place, wishes=wishes))
    world.now = DUE.at
    async with AsyncExitStack() as until:
        stores = [await until.enter_async_context(open_stores(world.state)) for _ in range(3)]

        async def get(number: int) -> Stores:
            return stores[number]

        replicas = [replace(firing(world), get_stores=partial(get, number)) for number in range(3)]
        fired = await asyncio.gather(*(fire_due(replica) for replica in replicas))
    assert sum(fired) == 20
    rows = [row for number in range(20) for row in await history(world, f"s{number}")]
    assert len(rows) == 20
    had = [(row.target, post.post) for row in rows for post in row.posts]
    assert len(had) == len(set(had)) == 10


async def test_a_post_that_came_to_the_place_meanwhile_is_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a", 2)
    world.write("b", 3)
    await world.observe()
    await world.add(subscription())
    other = await world.add(subscription("s2", due=None, wishes=Wishes(posts=1)))
    had = world.stores.digests.had
    pressed = iter(["now"])

    async def had_then_sent(place: Place, posts: Sequence[str]) -> frozenset[str]:
        found = await had(place, posts)
        for press in pressed:
            # Between choosing and writing somebody asks for a digest.
            await send_now(other, press, world.index, world.stores, world.now)
        return found

    monkeypatch.setattr(world.stores.digests, "had", had_then_sent)
    assert await fire_at(world, DUE.at) == 1
    shown = [
        post.post
        for name in ("s2", "s1")
        for row in await history(world, name)
        for post in row.posts
    ]
    assert sorted(shown) == sorted(keys("a", "b", "2025_06_01_first"))


async def test_a_replica_with_an_older_archive_leaves_what_is_due_to_others_for_a_while(
    world: World,
) -> None:
    await world.add(subscription())
    newer = await world.index.revision() + 1
    await world.stores.seen.observe(await world.index.versions(), newer, world.now)
    assert await fire_at(world, DUE.at + STALE_GRACE - timedelta(seconds=1)) == 0
    assert await fire_at(world, DUE.at + STALE_GRACE) == 1


async def test_what_a_sync_has_brought_is_noted_before_anything_is_fired(world: World) -> None:
    await world.add(subscription())
    world.write("a", 2)
    await world.sync()
    assert await fire_at(world, DUE.at) == 0
    await world.observe()
    assert await fire_at(world, DUE.at) == 1
    assert [post.post for post in (await history(world))[0].posts] == keys("a")


# --- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "times",
    [
        replace(MORNING, zone="Mars/Olympus"),
        replace(MORNING, zone="../etc"),
        replace(MORNING, weekdays=frozenset()),
    ],
)
async def test_one_that_cannot_be_fired_is_postponed_and_the_others_are_not(
    world: World, times: Times, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription("bad", times=times))
    await world.add(subscription("good", Place("discord", "C2", "G1"), due=NEXT))
    await fire_at(world, NEXT.at)
    assert days(await history(world, "good")) == [("2026-11-22", None)]
    assert await due_of(world, "bad") == Due(NEXT.at + POSTPONED, DUE.day)
    assert "incident" in caplog.text
    assert "bad" in caplog.text


async def fired(world: World, name: str = "s1") -> None:
    """Wait until a digest is in the outbox."""
    async with asyncio.timeout(20):
        while not await history(world, name):  # noqa: ASYNC110 (another task's transaction)
            await asyncio.sleep(0.01)


async def test_while_the_state_is_away_it_is_tried_again_with_growing_pauses(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription())
    world.now = DUE.at
    pauses: list[float] = []

    async def get_stores() -> Stores:
        if len(pauses) < 8:
            raise StateError("state.failed", path="state", cause="gone")
        return world.stores

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    caplog.set_level(logging.INFO)
    async with Alarm(world.clock) as alarm:
        service = asyncio.create_task(
            keep_firing(replace(firing(world), get_stores=get_stores), alarm, pause)
        )
        async with asyncio.timeout(20):
            while "goes well" not in caplog.text:  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0.01)
        service.cancel()
        await asyncio.wait([service])
    assert days(await history(world)) == [("2026-11-21", None)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    ours = [record.levelname for record in caplog.records if record.name.startswith("bot")]
    assert ours == ["WARNING", "INFO"]


async def test_it_fires_when_it_is_due_or_told_of_a_new_one(world: World) -> None:
    world.now = datetime.now(UTC)

    async def never(seconds: float) -> None:
        raise AssertionError

    service_of = replace(firing(world), now=lambda: datetime.now(UTC))
    async with Alarm(service_of.now) as alarm:
        service = asyncio.create_task(keep_firing(service_of, alarm, never))
        due = Due(datetime.now(UTC), world.now.date())
        await asyncio.sleep(0.05)
        await world.add(subscription(due=due))
        alarm.ring()
        await fired(world, "s1")
        soon = Due(datetime.now(UTC) + timedelta(seconds=0.2), world.now.date())
        await world.add(subscription("s2", Place("discord", "C2"), due=soon))
        alarm.ring()
        await fired(world, "s2")
        service.cancel()
        await asyncio.wait([service])


async def test_what_a_clock_that_was_years_ahead_has_left_is_brought_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add(subscription())
    await world.add(subscription("weekly", times=replace(MORNING, weekdays=frozenset({4}))))
    assert await fire_at(world, DUE.at + 4000 * DAY) == 2
    far = Due(DUE.at + 4000 * DAY, DUE.day + 4000 * DAY)
    await world.add(subscription("bad", times=replace(MORNING, zone="Mars/Olympus"), due=far))
    world.now = DUE.at - HOUR
    assert await bring_back(firing(world)) == 2
    assert await due_of(world) == DUE
    assert await bring_back(firing(world)) == 0
    assert await fire_at(world, DUE.at) == 1
    assert days(await history(world))[0] == ("2026-11-21", None)
    assert "clock" in caplog.text


async def test_a_clock_that_is_put_back_while_it_runs_is_noticed(world: World) -> None:
    await world.add(subscription(due=Due(NOW + 4000 * DAY, NOW.date() + 4000 * DAY)))
    rounds: list[datetime] = []

    def clock() -> datetime:
        """Ten years ahead at first."""
        rounds.append(NOW)
        return NOW + 3650 * DAY if len(rounds) < 5 else NOW

    async def never(seconds: float) -> None:
        raise AssertionError

    async with Alarm(clock, timedelta(milliseconds=5)) as alarm:
        service = asyncio.create_task(keep_firing(replace(firing(world), now=clock), alarm, never))
        async with asyncio.timeout(20):
            while await due_of(world) != DUE:  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0.01)
        service.cancel()
        await asyncio.wait([service])


# --- now ---------------------------------------------------------------------------------------


async def sent(world: World, made: Subscription, pressed: str = "M1") -> SentNow:
    return await send_now(made, pressed, world.index, world.stores, world.now)


async def test_a_digest_can_be_sent_now_once_for_each_press(world: World) -> None:
    world.write("a", 2)
    await world.observe()
    made = await world.add(subscription(wishes=Wishes(publish=True)))
    assert await sent(world, made) is SentNow.SENDING
    assert await sent(world, made) is SentNow.ALREADY
    (row,) = await history(world)
    assert (row.said, row.due_at) == (ShowDigest("2026-11-20", 1, "new"), None)
    assert row.deadline == NOW + HOUR
    assert await world.stores.outbox.row(delivery_key("publish", row.key)) is not None
    # The one of the day is not changed by that.
    assert await due_of(world) == DUE
    await fire_at(world, DUE.at)
    assert days(await history(world)) == [("2026-11-21", None), ("2026-11-20", None)]


async def test_ten_who_press_at_once_get_one_digest(world: World) -> None:
    world.write("a", 2)
    await world.observe()
    made = await world.add(subscription())
    answers = await asyncio.gather(*(sent(world, made) for _ in range(10)))
    assert SentNow.SENDING in answers
    assert set(answers) <= {SentNow.SENDING, SentNow.ALREADY}
    assert len(await history(world)) == 1


async def test_with_nothing_new_a_silent_digest_says_so_to_who_asked(world: World) -> None:
    made = await world.add(subscription(wishes=Wishes(quiet_day=QuietDay.SKIP)))
    assert await sent(world, made) is SentNow.NOTHING
    assert await history(world) == []
