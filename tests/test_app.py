"""What runs beside the chat: syncs again and again, and the clearing away of expired codes."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import opened_bot, opened_index, opened_stores
from bot.archive.files import Archive
from bot.archive.sources import DirectorySource
from bot.chat.chat import Clocks
from bot.cli.run import serve
from bot.cli.serving import Problems
from bot.running.delivering import LOOK_AT_INDEX
from bot.running.syncing import index_path, keep_in_step, synchronise
from bot.settings import Settings
from bot.view import Button, Buttons, View
from storage.index.reader import open_reader
from tests.blog import Blog, raw_post
from tests.logged import events, only_incident
from tests.views import LONG

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WITH_A_LONG_CODE = View("", (Buttons((Button("x", LONG),)),))

Step = Callable[[], object]


class EnoughError(Exception):
    """The program has run for long enough."""


class Sleep:
    """Takes no time, but something happens in each of the naps; then the program has run enough."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        if not self._steps:
            raise EnoughError
        self._steps.pop(0)()


class FaultySource(DirectorySource):
    """An archive whose updates fail in a way that nobody thought of, while `broken` is set."""

    broken = threading.Event()

    async def update(self) -> Archive:
        if self.broken.is_set():
            raise ZeroDivisionError
        return await super().update()


async def posts_in(settings: Settings) -> int:
    async with open_reader(index_path(settings)) as index:
        return await index.count_posts()


async def test_whatever_goes_wrong_the_archive_is_read_again_next_time(
    small_blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = small_blog.root.with_name("away")
    source = FaultySource(settings.archive.directory)
    settings = replace(settings, archive=source)
    await synchronise(settings)

    def come_back() -> None:
        away.rename(small_blog.root)
        small_blog.post("new", raw_post())

    def mend() -> None:
        source.broken.clear()
        small_blog.post("newer", raw_post(item=2))

    sleep = Sleep(
        lambda: small_blog.root.rename(away),
        come_back,
        source.broken.set,
        mend,
        lambda: None,
    )
    with caplog.at_level(logging.INFO), pytest.raises(EnoughError):
        await keep_in_step(settings, sleep)

    assert sleep.asked == [settings.sync_every.total_seconds()] * 6
    gone, new, incident, newer = events(caplog)
    assert (gone["level"], gone["event"]) == ("warning", "the archive could not be read")
    assert gone["cause"].startswith("The archive directory ")
    assert "exc_info" not in gone
    for event in (new, newer):
        assert (event["level"], event["event"]) == ("info", "the archive was read")
        assert (event["added"], event["changed"], event["removed"]) == (1, 0, 0)
    assert (incident["level"], incident["event"]) == ("error", "a sync failed")
    assert "exc_info" in incident
    assert await posts_in(settings) == 5


async def test_what_of_the_archive_cannot_be_read_is_told_once_whenever_it_comes(
    small_blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    problems = Problems()

    def write(slug: str, text: str) -> Step:
        return lambda: small_blog.post(slug, text)

    sleep = Sleep(
        write("odd", "no front matter"),
        write("new", raw_post(item=1)),
        write("odd", raw_post(item=2)),
        write("odd", "no front matter, again"),
    )
    with pytest.raises(EnoughError):
        await keep_in_step(settings, sleep, lambda done: problems.tell(done.summary))
    told = [event for event in events(caplog) if event["event"] == "a file was refused"]
    assert [Path(event["file"]).parent.name for event in told] == ["odd", "odd"]
    assert str(told[0]["cause"])


async def test_with_no_time_between_them_there_are_no_syncs(settings: Settings) -> None:
    sleep = Sleep()
    await keep_in_step(replace(settings, sync_every=timedelta()), sleep)
    assert sleep.asked == []
    assert not index_path(settings).exists()


async def test_what_is_new_is_found_while_the_program_talks(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    synced = asyncio.Event()
    naps = 0

    async def sleep(seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 1:
            small_blog.post("new", raw_post())
        else:
            synced.set()
            await asyncio.Event().wait()

    async def talking() -> None:
        await asyncio.wait_for(synced.wait(), 30)
        assert await posts_in(settings) == 4

    async with opened_index(settings) as index, opened_bot(settings, index, []) as bot:
        await serve(settings, bot, talking, sleep)


async def test_a_part_of_what_is_sent_that_fails_for_good_is_told_while_the_others_go_on(
    small_blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, str]] = []
    is_told = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds == LOOK_AT_INDEX:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    def stopped(name: str, number: str) -> None:
        told.append((name, number))
        is_told.set()

    opening = opened_index(settings)
    async with opening as index, opened_bot(settings, index, [], sleep=sleep) as bot:
        await bot.get_stores()
        running = asyncio.create_task(bot.delivering.run(stopped=stopped))
        await asyncio.wait_for(is_told.wait(), 30)
        assert not running.done()
        running.cancel()
        await asyncio.wait({running})
    assert told == [("looking at the index", only_incident(caplog)["incident"])]


def kept(settings: Settings) -> list[str]:
    """The keys of the codes that lie in the state, whether expired or not."""
    with closing(sqlite3.connect(settings.data / "state.sqlite3")) as state:
        return [key for (key,) in state.execute("SELECT key FROM stored_code ORDER BY key")]


async def keep_for_a_day(settings: Settings, key: str, now: datetime) -> None:
    async with opened_stores(settings) as stores:
        await stores.codes.keep({key: "x"}, now + DAY)


async def test_expired_codes_are_deleted_at_the_first_use_and_then_daily(
    small_blog: Blog, settings: Settings
) -> None:
    now = NOW
    clocks = Clocks(lambda: now, lambda: 0.0)
    settings.data.mkdir()
    await keep_for_a_day(settings, "a", NOW - 2 * DAY)
    async with (
        opened_index(settings) as index,
        opened_bot(settings, index, [], clocks=clocks) as bot,
    ):
        assert kept(settings) == ["a"]
        (code,) = (await bot.chat.codes_of(WITH_A_LONG_CODE.actions())).values()
        key = code[3:-7]
        assert kept(settings) == [key]
        await keep_for_a_day(settings, "b", NOW - 2 * DAY)
        now = NOW + timedelta(hours=23)
        await bot.chat.codes_of(WITH_A_LONG_CODE.actions())
        assert set(kept(settings)) == {"b", key}
        now = NOW + DAY
        await bot.chat.codes_of(WITH_A_LONG_CODE.actions())
        assert kept(settings) == [key]


async def test_the_state_is_made_only_when_it_is_needed(
    small_blog: Blog, settings: Settings
) -> None:
    async with opened_index(settings) as index, opened_bot(settings, index, []) as bot:
        await bot.chat.codes_of([])
    assert not (settings.data / "state.sqlite3").exists()
