"""A damaged index under a bot: put aside and made anew by itself, whenever it is noticed."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.archive.sources import DirectorySource
from bot.errors import IndexFileError, NotYet
from bot.running.first_reading import FirstReading, index_at_once
from bot.running.syncing import Synced, index_path, synchronise, try_to_sync
from bot.settings import Settings
from storage.index.damage import Damage, damage_of, put_aside
from storage.index.database import check
from storage.index.reader import open_reader
from tests.blog import Blog, raw_post
from tests.test_first_reading import Naps

POSTS = 60


@pytest.fixture
async def path(blog: Blog, settings: Settings) -> Path:
    """An index of some size."""
    for number in range(POSTS):
        comments = [f"コメント{number}-{n} についての話" for n in range(20)]
        blog.post(f"post_{number}", raw_post(f"記事{number}", comments, item=number))
    await synchronise(settings)
    return index_path(settings)


def overwrite(path: Path, begin: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\xa5" * (end - begin))


def all_but_the_first_page(path: Path) -> None:
    overwrite(path, 4096, path.stat().st_size)


def behind_the_header(path: Path) -> None:
    overwrite(path, 100, 4096)


def the_header(path: Path) -> None:
    overwrite(path, 0, 100)


def cut_off(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def zeroes(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def text(path: Path) -> None:
    path.write_text("no database\n" * 1000)


SPOIL = pytest.mark.parametrize(
    "spoil", [all_but_the_first_page, behind_the_header, the_header, cut_off, zeroes, text]
)


async def everything(reading: FirstReading) -> int:
    """Ask for all that is there; how many posts are."""
    for number in range(POSTS):
        found = await reading.index.by_slug(f"post_{number}")
        assert found is not None
        await reading.index.post(found.key)
    return await reading.index.count_posts()


@SPOIL
async def test_one_that_is_damaged_when_the_bot_begins_is_made_anew(
    path: Path, settings: Settings, spoil: Callable[[Path], None]
) -> None:
    spoil(path)
    async with index_at_once(settings, Naps()) as reading:
        # Damage that opening does not meet is met later: what is asked, or the sync.
        await reading.run(lambda _: None)
        assert await everything(reading) == POSTS
    await check(path)
    assert path.with_name(path.name + ".damaged").exists()


# What a reader has seen already it does not read again.
@pytest.mark.parametrize("spoil", [all_but_the_first_page, cut_off, zeroes])
async def test_one_that_is_damaged_while_it_serves_is_made_anew(
    path: Path, settings: Settings, spoil: Callable[[Path], None]
) -> None:
    synced = asyncio.Event()
    async with index_at_once(settings, Naps()) as reading:
        keeping = asyncio.create_task(reading.keep_whole(lambda _: synced.set()))
        spoil(path)
        with pytest.raises(NotYet) as raised:
            await everything(reading)
        assert raised.value.key == "index.fetching"
        await asyncio.wait_for(synced.wait(), 30)
        assert await everything(reading) == POSTS
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    await check(path)


async def test_that_is_logged_once_however_many_ask(
    path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    synced = asyncio.Event()
    async with index_at_once(settings, Naps()) as reading:
        all_but_the_first_page(path)
        asked = await asyncio.gather(
            *(reading.index.count_posts() for _ in range(50)), return_exceptions=True
        )
        assert {type(answer) for answer in asked} == {NotYet}
        keeping = asyncio.create_task(reading.keep_whole(lambda _: synced.set()))
        await asyncio.wait_for(synced.wait(), 30)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1
    assert "the index is damaged and is made anew" in told[0]
    assert str(path) in told[0]


async def test_while_the_archive_is_away_people_are_told_so(
    path: Path, settings: Settings, tmp_path: Path
) -> None:
    archive = settings.archive
    assert isinstance(archive, DirectorySource)
    naps = Naps()

    async def sleep(seconds: float) -> None:
        await naps(seconds)
        with pytest.raises(NotYet) as raised:
            await reading.index.count_posts()
        assert raised.value.key == "index.unreadable"
        if len(naps.taken) == 3:
            archive.directory.with_name("away").rename(archive.directory)

    synced = asyncio.Event()
    async with index_at_once(settings, sleep) as reading:
        all_but_the_first_page(path)
        archive.directory.rename(archive.directory.with_name("away"))
        with pytest.raises(NotYet):
            await everything(reading)
        keeping = asyncio.create_task(reading.keep_whole(lambda _: synced.set()))
        await asyncio.wait_for(synced.wait(), 30)
        assert await everything(reading) == POSTS
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert naps.taken == [1, 2, 4]


async def test_a_sync_of_a_bot_that_meets_damage_mends_it(path: Path, settings: Settings) -> None:
    all_but_the_first_page(path)
    with pytest.raises(IndexFileError):
        await synchronise(settings)
    done: Synced | None = await try_to_sync(settings)
    assert done is not None
    assert done.summary.added == POSTS
    async with open_reader(path) as index:
        assert await index.count_posts() == POSTS


async def test_one_that_another_process_has_made_anew_stays(path: Path, settings: Settings) -> None:
    damage = damage_of(path, IndexFileError("index.damaged", path=str(path), cause="x"))
    put_aside(path, damage)
    await synchronise(settings)
    put_aside(path, damage)
    put_aside(path, Damage(None, "x"))
    await check(path)


async def test_only_one_damaged_index_is_kept(path: Path, settings: Settings) -> None:
    for _ in range(3):
        all_but_the_first_page(path)
        assert await try_to_sync(settings) is not None
    assert [file.name for file in path.parent.glob("*.damaged*")] == ["index.sqlite3.damaged"]
