"""Where the bot comes to it says hello once; what it leaves is kept for a while."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from adapters.console.platform import CHANNEL, NAME
from benchmarks.town import Recorder, Town, open_town, recorder
from bot.chat.arrivals import Arrivals
from bot.outbox import Outcome, delivery_key
from bot.stores import Stores
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from storage.index.reader import IndexReader
from tests.chat.slow import slow_recorder

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SERVER = Place(NAME, CHANNEL, "server")
WELCOME = delivery_key("welcome", NAME, "server")


@pytest.fixture
def place() -> Recorder:
    return recorder()


@pytest.fixture
async def town(index: IndexReader, tmp_path: Path, place: Recorder) -> AsyncIterator[Town]:
    async with open_town(tmp_path / "state.sqlite3", index, place) as opened:
        yield opened


def arrivals(town: Town, place: Recorder) -> Arrivals:
    async def get_stores() -> Stores:
        return town.stores

    return Arrivals({NAME: place}, get_stores, town.dispatcher, lambda: datetime.now(UTC))


async def test_it_says_hello_once_however_often_it_comes(town: Town, place: Recorder) -> None:
    for _ in range(3):
        await arrivals(town, place).joined(SERVER, "en")
    assert (await town.done(WELCOME)).outcome is Outcome.DONE
    (hello,) = place.posted[CHANNEL]
    assert hello.posting.language == "en"
    assert hello.posting.silent


async def test_a_welcome_that_was_not_sent_before_it_left_comes_when_it_is_back(
    town: Town, place: Recorder
) -> None:
    async def get_stores() -> Stores:
        return town.stores

    soon = datetime.now(UTC) + timedelta(hours=1)
    waiting = Arrivals({NAME: place}, get_stores, town.dispatcher, lambda: soon)
    await waiting.joined(SERVER, "ja")
    await waiting.left(NAME, "server")
    for _ in range(2):
        await arrivals(town, place).joined(SERVER, "ja")
    again = delivery_key("welcome", NAME, "server", 1)
    assert (await town.done(again)).outcome is Outcome.DONE
    assert len(place.posted[CHANNEL]) == 1


async def test_where_it_never_said_hello_is_known_after_a_start(
    town: Town, place: Recorder
) -> None:
    coming = arrivals(town, place)
    here = ("server", "new", "elsewhere")
    await coming.joined(SERVER, "ja")
    strange = await coming.found(NAME, here, lambda workspace: workspace != "elsewhere")
    assert list(strange) == ["new"]


async def test_where_it_may_not_write_the_manager_is_told(town: Town, place: Recorder) -> None:
    place.lacking = ("SEND_MESSAGES",)
    await arrivals(town, place).joined(SERVER, "ja")
    assert (await town.done(WELCOME)).outcome is Outcome.DONE
    assert list(place.posted) == [f"dm:{CHANNEL}"]


async def test_digests_rest_while_it_is_away_and_go_on_when_it_is_back(
    town: Town, place: Recorder
) -> None:
    due = Due(NOW + timedelta(days=900), NOW.date() + timedelta(days=900))
    made = Subscription(
        "abc", SERVER, Times(time(9), EVERY_DAY, "Asia/Tokyo"), Wishes(), "alice", NOW, due
    )
    await town.stores.subscriptions.add(made, "alice", 50)
    coming = arrivals(town, place)
    await coming.left(NAME, "server")
    kept = await town.stores.subscriptions.get("abc")
    assert kept is not None
    assert kept.paused
    await coming.joined(SERVER, "ja")
    back = await town.stores.subscriptions.get("abc")
    assert back is not None
    assert back.due is not None
    assert back.due.day == due.day


async def test_what_happened_while_it_was_away_is_noticed(town: Town, place: Recorder) -> None:
    due = Due(NOW + timedelta(days=900), NOW.date() + timedelta(days=900))
    for number, workspace in enumerate(("here", "gone", "elsewhere")):
        there = Place(NAME, f"channel{number}", workspace)
        times = Times(time(9), EVERY_DAY, "Asia/Tokyo")
        made = Subscription(workspace, there, times, Wishes(), "alice", NOW, due)
        await town.stores.subscriptions.add(made, "alice", 50)

    async def paused() -> list[str]:
        return [each.id for each in await town.stores.subscriptions.every() if each.paused]

    coming = arrivals(town, place)
    await coming.found(NAME, {"here"}, lambda workspace: workspace != "elsewhere")
    assert await paused() == ["gone"]
    await coming.found(NAME, {"here", "gone"}, lambda workspace: True)
    assert await paused() == ["elsewhere"]


async def test_it_notes_nothing_of_servers_that_are_there_as_before(
    town: Town, place: Recorder
) -> None:
    due = Due(NOW + timedelta(days=900), NOW.date() + timedelta(days=900))
    times, here = (
        Times(time(9), EVERY_DAY, "Asia/Tokyo"),
        {f"server{number}" for number in range(5)},
    )
    for number, workspace in enumerate(sorted(here)):
        there = Place(NAME, f"channel{number}", workspace)
        made = Subscription(workspace, there, times, Wishes(), "alice", NOW, due)
        await town.stores.subscriptions.add(made, "alice", 50)
    begun: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        begun.extend(re.findall(r"^(?:INSERT INTO|UPDATE|DELETE FROM) \w+", statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await arrivals(town, place).found(NAME, here, lambda _: True)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert begun == []


async def test_a_server_without_a_digest_that_is_back_after_a_start_keeps_what_it_has(
    town: Town, place: Recorder
) -> None:
    coming = arrivals(town, place)
    await coming.joined(SERVER, "ja")
    assert (await town.done(WELCOME)).outcome is Outcome.DONE
    await coming.left(NAME, "server")
    assert await town.stores.upkeep.removed(NAME) == {"server"}
    await coming.found(NAME, {"server"}, lambda _: True)
    assert await town.stores.upkeep.removed(NAME) == frozenset()


async def test_nobody_waits_until_a_platform_says_where_it_may_write(
    index: IndexReader, tmp_path: Path
) -> None:
    place = slow_recorder()
    place.slow = CHANNEL
    async with open_town(tmp_path / "state.sqlite3", index, place) as town:
        coming = arrivals(town, place)
        joining = asyncio.create_task(coming.joined(SERVER, "ja"))
        await place.asked.wait()
        async with asyncio.timeout(20):
            await coming.left(NAME, "elsewhere")
            await coming.left(NAME, "server")
        place.may_answer.set()
        await joining
        # It was removed again before it could say hello.
        assert await town.stores.outbox.row(WELCOME) is None
        assert await town.stores.upkeep.removed(NAME) == {"elsewhere", "server"}
