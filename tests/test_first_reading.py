"""The index of a bot that begins: when it serves, and what is said until then."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import opened_bot
from bot.archive.files import Archive
from bot.archive.sources import DirectorySource
from bot.chat.context import Frame
from bot.errors import ArchiveError, IndexFileError, UserError
from bot.intent import Newest
from bot.locales import Texts
from bot.running.first_reading import LONGEST_PAUSE, FirstReading, HowFar, index_at_once
from bot.running.syncing import Synced, index_path, synchronise
from bot.settings import Settings
from tests.blog import Blog, raw_post
from tests.conftest import settings_of, write_small_blog
from tests.limits import ROOMY
from tests.sync.repositories import Repository


class AwaySource(DirectorySource):
    """An archive that is out of reach."""

    async def update(self) -> Archive:
        raise ArchiveError("archive.git_failed", url="somewhere", cause="away")


class Naps:
    """Takes no time, and notes for how long it should have slept."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def told(reading: FirstReading) -> str:
    with pytest.raises(UserError) as raised:
        await reading.index.count_posts()
    return raised.value.key


def test_it_is_never_said_that_less_is_read_than_before_nor_all() -> None:
    far = HowFar()
    assert far.told().key == "index.fetching"
    far.progress(0, 0)
    assert far.told().key == "index.fetching"
    said = []
    for done, total in [(0, 10), (4, 10), (10, 10), (0, 3), (3, 3)]:
        far.progress(done, total)
        said.append(far.told().details["percent"])
    assert said == [0, 40, 99, 99, 99]


def test_that_it_cannot_be_read_is_said_until_something_is() -> None:
    far = HowFar(percent=40)
    far.failed()
    far.progress(0, 0)
    assert far.told().key == "index.unreadable"
    far.progress(1, 100)
    assert far.told().details == {"percent": 1}


async def test_it_serves_once_the_archive_has_been_read(
    small_blog: Blog, settings: Settings
) -> None:
    naps, done = Naps(), list[Synced]()
    async with index_at_once(settings, naps) as reading:
        assert await told(reading) == "index.fetching"
        await reading.run(done.append)
        assert await reading.index.count_posts() == 3
        await reading.opened()
        await reading.tried()
    assert (len(done), naps.taken) == (1, [])
    async with index_at_once(settings, naps) as again:
        assert await again.index.count_posts() == 3


async def test_the_index_of_another_archive_does_not_serve(
    small_blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    await synchronise(settings)
    other = Blog(tmp_path / "other")
    other.post("only", raw_post())
    async with index_at_once(settings_of(other.root, settings.data), Naps()) as reading:
        assert await told(reading) == "index.fetching"
        await reading.run(lambda _: None)
        assert await reading.index.count_posts() == 1


async def test_an_archive_that_is_away_is_tried_again_with_growing_pauses(
    small_blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = replace(settings, archive=AwaySource(settings.archive.directory))
    naps = Naps()

    async def sleep(seconds: float) -> None:
        await naps(seconds)
        assert await told(reading) == "index.unreadable"
        if len(naps.taken) == 12:
            # Another process, which reaches the archive.
            await synchronise(settings)

    async with index_at_once(away, sleep) as reading:
        await reading.run(lambda _: pytest.fail("nothing was synced"))
        assert await reading.index.count_posts() == 3
    assert naps.taken == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_PAUSE, LONGEST_PAUSE, 300]
    assert len(caplog.records) == 13
    assert {record.levelname for record in caplog.records} == {"WARNING"}


async def test_an_index_that_is_there_serves_where_the_archive_is_away(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    away = replace(settings, archive=AwaySource(settings.archive.directory))
    naps = Naps()
    async with index_at_once(away, naps) as reading:
        await reading.run(lambda _: pytest.fail("nothing was synced"))
        assert await reading.index.count_posts() == 3
        await reading.tried()
    assert naps.taken == []


async def test_an_index_that_no_sync_would_mend_is_told(settings: Settings) -> None:
    index_path(settings).parent.mkdir(parents=True)
    with closing(sqlite3.connect(index_path(settings))) as another_programs:
        another_programs.execute("CREATE TABLE note (text)")
    with pytest.raises(IndexFileError) as raised:
        async with index_at_once(settings, Naps()):
            pass
    assert raised.value.key == "index.foreign"


async def test_links_to_the_site_are_known_once_a_repository_was_cloned(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "repository")
    write_small_blog(repository.blog)
    repository.commit()
    settings = settings_of(repository.setting, tmp_path / "data")
    async with (
        index_at_once(settings, Naps()) as reading,
        opened_bot(settings, reading.index, []) as bot,
    ):
        await reading.run(lambda _: bot.archive_read())
        view = await bot.chat.compose(Newest(), Frame(Texts("ja"), ROOMY))
    assert "https://blog.example/posts/" in str(view)
