"""The dispatcher on a real state with fake platforms over HTTP: everything once, in order."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from time import time

import pytest
from aiohttp import ClientSession

from bot.digest.observing import Whereabouts
from bot.digest.sending import COMPOSED_AT_ONCE
from bot.errors import NotYet
from bot.intent import OpenThread, Publish, Stopped
from bot.outbox import NewRow, Op, Row
from bot.ports import Pace, Platform
from bot.view import Posting
from storage.state.database import State
from tests.delivery.remote import FakePlatform, Fakes
from tests.delivery.rows import showing
from tests.delivery.stations import CONTENT, Station, running, station, until
from tests.state.samples import MADE, NEXT

DAY = timedelta(days=1)


def unfolding(here: Station) -> list[NewRow]:
    """A message, its thread, and five messages in that; the message is passed on."""
    return [
        here.row("m"),
        here.row("p", op=Op.PUBLISH, said=Publish(), target=None, on_key="m"),
        here.row("t", op=Op.THREAD, said=OpenThread("題"), target=None, on_key="m"),
        *(
            here.row(f"c{n}", target=None, on_key="t", after_key=f"c{n - 1}" if n else "t")
            for n in range(5)
        ),
    ]


async def test_everything_is_sent_once(here: Station, platform: FakePlatform) -> None:
    keys = [f"k{n}" for n in range(50)]
    await here.put(*(here.row(key, target=key) for key in keys))
    async with running(here.dispatcher):
        assert await here.ended(*keys) == ["done"] * 50
    assert sorted(platform.world.posted()) == sorted(keys)
    row = await here.outbox.row("k7")
    assert row is not None
    # A machine that stands still for half a second has it looked for before it is done.
    assert row.tries in (1, 2)
    (message,) = [post for post in platform.world.did("post") if post["key"] == "k7"]
    assert message["reference"] == row.reference


async def test_messages_are_made_few_at_a_time_those_claimed_first_before_others(
    state: State, platform: FakePlatform
) -> None:
    begun: list[str] = []
    may_go_on = asyncio.Event()

    async def compose(row: Row, platform: Platform) -> Posting:
        begun.append(row.key)
        await may_go_on.wait()
        return await CONTENT.compose(row, platform)

    here = station(state, platform, content=replace(CONTENT, compose=compose))
    keys = [f"k{n}" for n in range(3 * COMPOSED_AT_ONCE)]
    await here.put(*(here.row(key, target=key) for key in keys))
    async with running(here.dispatcher):
        await until(lambda: len(begun) >= COMPOSED_AT_ONCE)
        # A while later all of them have been claimed.
        assert await here.dispatcher.settled(keys[0], 0.2) is None
        assert begun == keys[:COMPOSED_AT_ONCE]
        may_go_on.set()
        assert set(await here.ended(*keys)) == {"done"}


async def test_a_thread_is_filled_in_order(here: Station, platform: FakePlatform) -> None:
    rows = unfolding(here)
    async with running(here.dispatcher):
        await here.put(*rows)
        assert await here.ended(*(row.key for row in rows)) == ["done"] * len(rows)
    posts = platform.world.did("post")
    assert [post["key"] for post in posts] == ["m", "c0", "c1", "c2", "c3", "c4"]
    reference = posts[0]["reference"]
    assert {post["target"] for post in posts[1:]} == {f"thread:{reference}"}
    assert [thread["title"] for thread in platform.world.did("thread")] == ["題"]
    assert [each["reference"] for each in platform.world.did("publish")] == [reference]


async def test_what_follows_is_told_of_rows_that_are_done(
    state: State, platform: FakePlatform
) -> None:
    told: list[tuple[str, str | None]] = []

    async def on_done(row: Row) -> None:
        told.append((row.key, row.reference))
        raise ValueError("what follows must not stop anything")

    here = station(state, platform, content=replace(CONTENT, on_done=on_done))
    async with running(here.dispatcher):
        await here.put(here.row("a"), here.row("nothing"))
        assert await here.ended("a", "nothing") == ["done", "dropped"]
    assert told == [("a", "C1/0")]


async def test_a_place_that_is_gone_stops_its_digest_and_tells_once(
    here: Station, platform: FakePlatform
) -> None:
    platform.world.set(gone=["C1"])
    await here.stores.subscriptions.add(MADE, "alice", 9)
    rows = [here.row(f"d{n}", subscription="s1", due_at=NEXT.at) for n in range(2)]
    async with running(here.dispatcher):
        await here.put(*rows)
        assert await here.ended("d0", "d1") == ["gone", "gone"]
        await until(platform.world.posted)
    (notice,) = platform.world.did("post")
    assert notice["target"] == "dm:alice"
    row = await here.outbox.row(notice["key"])
    assert row is not None
    assert row.said == Stopped("s1", "gone", "", "alice")
    stopped = await here.stores.subscriptions.get("s1")
    assert stopped is not None
    assert (stopped.due, stopped.stopped) == (None, "gone")


async def test_missing_rights_are_named(here: Station, platform: FakePlatform) -> None:
    platform.world.set(forbidden=["C1", "dm:alice"])
    await here.stores.subscriptions.add(MADE, "alice", 9)
    async with running(here.dispatcher):
        await here.put(here.row("d", subscription="s1", due_at=NEXT.at))
        assert await here.ended("d") == ["forbidden"]
        await until(platform.world.posted)
    # Who made it takes no messages: the next one is told.
    (notice,) = platform.world.did("post")
    assert notice["target"] == "dm:manager"
    row = await here.outbox.row(notice["key"])
    assert row is not None
    assert isinstance(row.said, Stopped)
    assert row.said.missing == "SEND_MESSAGES"


async def test_a_notice_that_reaches_nobody_is_logged(
    here: Station, platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.world.set(gone=["alice"], forbidden=["dm:manager"])
    said = Stopped("s1", "gone", "", "alice")
    async with running(here.dispatcher):
        await here.put(here.row("n", op=Op.TELL, said=said))
        assert await here.ended("n") == ["forbidden"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "s1" in caplog.text


async def test_a_thread_that_may_not_be_ends_what_hangs_on_it_alone(
    here: Station, platform: FakePlatform
) -> None:
    rows = unfolding(here)
    await here.put(rows[0])
    async with running(here.dispatcher):
        assert await here.ended("m") == ["done"]
        platform.world.set(forbidden=["C1"])
        await here.put(*rows)
        assert await here.ended("p", "t", "c0", "c4") == ["forbidden"] * 2 + ["dropped"] * 2


async def test_what_is_over_is_missed_without_a_request(
    here: Station, platform: FakePlatform
) -> None:
    async with running(here.dispatcher):
        await here.put(here.row("a", deadline=here.now()))
        assert await here.ended("a") == ["missed"]
    assert platform.world.stats()["requests"] == 0


async def test_a_platform_that_stays_away_makes_it_missed(
    here: Station, platform: FakePlatform
) -> None:
    platform.world.set(failed=1.0)
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        await until(lambda: platform.world.stats()["requests"] >= 3)
        # Beyond its time, and beyond that for which it is still looked for.
        here.now.off = timedelta(hours=14)
        assert await here.ended("a") == ["missed"]
    row = await here.outbox.row("a")
    assert row is not None
    assert "503" in (row.cause or "")
    assert platform.world.posted() == []


@pytest.mark.parametrize("until_then", [Whereabouts.ELSEWHERE, Whereabouts.NOT_NOTED])
async def test_a_replica_gives_back_what_it_does_not_hold(
    state: State, platform: FakePlatform, until_then: Whereabouts
) -> None:
    asked: list[int] = []

    async def held(row: Row) -> Whereabouts:
        asked.append(row.tries)
        return Whereabouts.HERE if len(asked) > 3 else until_then

    here = station(state, platform, content=replace(CONTENT, held=held))
    async with running(here.dispatcher):
        await here.put(here.row("a", posts=showing("p")))
        assert await here.ended("a") == ["done"]
    assert asked == [1, 1, 1, 1]
    row = await here.outbox.row("a")
    assert row is not None
    # What it showed in the end is noted.
    assert [post.version for post in row.posts] == ["1:new"]


async def test_what_is_to_be_sent_waits_for_an_index_that_is_made_anew(
    state: State, platform: FakePlatform
) -> None:
    asked: list[int] = []

    async def held(row: Row) -> Whereabouts:
        asked.append(row.tries)
        if len(asked) <= 3:
            raise NotYet("index.fetching")
        return Whereabouts.HERE

    here = station(state, platform, content=replace(CONTENT, held=held))
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        assert await here.ended("a") == ["done"]
    assert asked == [1, 1, 1, 1]
    assert len(platform.world.posted()) == 1


async def test_edits_come_together_and_every_five_seconds_at_most(
    here: Station, platform: FakePlatform
) -> None:
    async with running(here.dispatcher):
        await here.put(here.row("a"))
        assert await here.ended("a") == ["done"]
        for _ in range(4):
            now = here.now()
            await asyncio.gather(*(here.outbox.refresh(["a"], now, now + DAY) for _ in range(10)))
            here.dispatcher.kick()
            await until(lambda: len(platform.world.did("edit")) >= 1)
        assert len(platform.world.did("edit")) == 1
        here.now.off += timedelta(seconds=6)
        here.dispatcher.kick()
        await until(lambda: len(platform.world.did("edit")) >= 2)
        here.now.off += timedelta(seconds=6)
        await here.put(here.row("b"))
        assert await here.ended("b") == ["done"]
    assert len(platform.world.did("edit")) == 2


async def test_who_waits_comes_before_what_is_due(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable")
    here = station(state, FakePlatform(world, session, pace=Pace(per_second=100), time=time))
    await here.put(*(here.row(f"k{n}", target=f"C{n}") for n in range(400)))
    async with running(here.dispatcher):
        await until(lambda: len(world.posted()) >= 1)
        await here.put(here.row("asked", asked=True))
        assert await here.ended("asked") == ["done"]
    # Behind what had its slot already, within the second.
    assert world.posted().index("asked") < 200
    assert world.stats()["most_in_a_second"] <= 100


async def test_two_messages_of_a_channel_keep_their_distance(
    state: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable")
    slow = Pace(per_second=1000, channel_seconds=0.2)
    here = station(state, FakePlatform(world, session, pace=slow, time=time))
    keys = [f"k{n}" for n in range(12)]
    async with running(here.dispatcher):
        await here.put(*(here.row(key, target=f"C{n % 3}") for n, key in enumerate(keys)))
        assert await here.ended(*keys) == ["done"] * 12
    assert world.stats()["closest_in_a_channel"] >= 0.2 - 0.03


async def test_two_dispatchers_send_everything_once_within_the_pace(
    state: State, another: State, fakes: Fakes, session: ClientSession
) -> None:
    world = fakes.world("searchable")
    platform = FakePlatform(world, session, pace=Pace(per_second=200), time=time)
    first, second = station(state, platform), station(another, platform, seed=2)
    keys = [f"k{n}" for n in range(300)]
    await first.put(*(first.row(key, target=key) for key in keys))
    async with running(first.dispatcher), running(second.dispatcher):
        assert await first.ended(*keys) == ["done"] * 300
    assert sorted(world.posted()) == sorted(keys)
    assert world.stats()["most_in_a_second"] <= 200


async def test_who_waits_for_a_row_is_told_when_it_ends_or_that_it_has_not(
    here: Station, platform: FakePlatform
) -> None:
    await here.put(here.row("a"))
    assert await here.dispatcher.settled("a", 0.01) is None
    async with running(here.dispatcher):
        waiting = [asyncio.create_task(here.dispatcher.settled("a", 20)) for _ in range(3)]
        rows = await asyncio.gather(*waiting)
    assert [row.reference if row else None for row in rows] == ["C1/0"] * 3
    assert (await here.dispatcher.settled("a", 0)) == rows[0]
