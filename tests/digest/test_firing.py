"""Digests whose time has come, on a real index and a real state."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.digest.firing import (
    BATCH,
    SentNow,
    fire_due,
    send_now,
)
from bot.digest.posts import choose_for
from bot.intent import Publish, ShowDigest
from bot.outbox import Op, delivery_key
from bot.stores import Stores
from bot.subscription import Place, QuietDay, Subscription, Wishes
from tests.digest.fire import LATE, NEXT, days, due_of, fire_at, firing, history
from tests.digest.world import (
    DAY,
    DUE,
    GENERAL,
    HOUR,
    NOW,
    World,
    keys,
    open_stores,
    subscription,
)


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


# --- what goes wrong ---------------------------------------------------------------------------


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
