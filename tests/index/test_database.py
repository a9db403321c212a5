"""The index file: whose it is, which version, and what is done about a damaged one."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import opened_index
from bot.errors import IndexFileError
from bot.locales import LANGUAGES, Texts
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from storage.index.database import check
from storage.index.reader import open_reader
from storage.index.writer import open_writer
from tests.blog import Blog, raw_post
from tests.contents import contents


def digests(directory: Path) -> dict[str, str]:
    """A digest of each file of the data directory but the lock, which is always empty."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in directory.iterdir()
        if file.name != "sync.lock"
    }


def put(path: Path, *statements: str) -> None:
    """Run some SQL on a database of its own or on the index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def other_program(path: Path) -> None:
    put(path, "CREATE TABLE note (text)", "INSERT INTO note VALUES ('precious')")


def other_program_with_an_id(path: Path) -> None:
    put(path, "PRAGMA application_id = 7")


def other_program_with_a_log(path: Path) -> None:
    """One that was killed, so that its last changes are in the log only."""
    other_program(path)
    statements = "PRAGMA journal_mode = WAL; INSERT INTO note VALUES ('last');"
    code = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        f"for sql in {statements.split(';')[:-1]!r}: database.execute(sql).fetchall()\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True)
    assert path.with_name(path.name + "-wal").stat().st_size > 0


FOREIGN = [other_program, other_program_with_an_id, other_program_with_a_log]


@pytest.mark.parametrize("make", FOREIGN)
@pytest.mark.parametrize("rebuild", [False, True])
async def test_the_database_of_another_program_is_refused_untouched(
    small_blog: Blog, settings: Settings, make: Callable[[Path], None], rebuild: bool
) -> None:
    make(index_path(settings))
    before = digests(settings.data)
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings, rebuild=rebuild)
    assert raised.value.key == "index.foreign"
    with pytest.raises(IndexFileError):
        async with opened_index(settings):
            pass
    after = digests(settings.data)
    # The file that its programs share memory in is no content.
    assert {**after, "index.sqlite3-shm": ""} == {**before, "index.sqlite3-shm": ""}


@pytest.mark.parametrize("rebuild", [False, True])
async def test_an_index_of_a_newer_program_is_refused_untouched(
    small_blog: Blog, settings: Settings, rebuild: bool
) -> None:
    await synchronise(settings)
    put(index_path(settings), "PRAGMA user_version = 99000000")
    before = digests(settings.data)
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings, rebuild=rebuild)
    assert raised.value.key == "index.newer"
    assert "99" in Texts("ja").of(raised.value)
    assert digests(settings.data) == before


@pytest.mark.parametrize(
    "content", [b"no database at all\n" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
async def test_a_file_that_is_no_database_is_refused_untouched(
    small_blog: Blog, settings: Settings, content: bytes
) -> None:
    settings.data.mkdir()
    index_path(settings).write_bytes(content)
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings)
    assert raised.value.key == "index.damaged"
    assert digests(settings.data) == {"index.sqlite3": hashlib.sha256(content).hexdigest()}


async def test_rebuilds_keep_the_last_file_that_was_no_database_under_another_name(
    small_blog: Blog, settings: Settings
) -> None:
    settings.data.mkdir()
    for content in (b"no database", b"none either"):
        index_path(settings).write_bytes(content)
        synced = await synchronise(settings, rebuild=True)
        assert synced.put_aside == settings.data / "index.sqlite3.damaged"
        assert synced.put_aside.read_bytes() == content
        assert synced.summary.added == 4
    assert list(settings.data.glob("*.damaged*")) == [settings.data / "index.sqlite3.damaged"]


async def test_an_empty_file_becomes_an_index(small_blog: Blog, settings: Settings) -> None:
    settings.data.mkdir()
    index_path(settings).touch()
    assert (await synchronise(settings)).summary.added == 4


async def test_a_directory_in_the_place_of_the_index_is_named(
    small_blog: Blog, settings: Settings
) -> None:
    index_path(settings).mkdir(parents=True)
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings)
    assert raised.value.key == "index.cannot_open"


@pytest.mark.parametrize(
    "aged",
    ["PRAGMA user_version = 0", "PRAGMA user_version = 1000000"],
)
async def test_an_index_of_an_older_program_is_built_anew_by_itself(
    small_blog: Blog, settings: Settings, aged: str
) -> None:
    await synchronise(settings)
    before = contents(index_path(settings))
    put(index_path(settings), aged, "UPDATE comment SET body = 'old'")
    with pytest.raises(IndexFileError) as raised:
        async with open_reader(index_path(settings)):
            pass
    assert raised.value.key == "index.outdated"
    async with opened_index(settings) as index:
        assert await index.count_posts() == 3
    assert contents(index_path(settings)) == before


def damage(path: Path, at: int, size: int = 600) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * size)


async def damaged_index(blog: Blog, settings: Settings) -> Path:
    """An index large enough that a page of it can be hit."""
    for number in range(30):
        blog.post(f"post_{number}", raw_post(f"記事{number}", [f"コメント{n}" for n in range(30)]))
    await synchronise(settings)
    return index_path(settings)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8])
async def test_a_rebuild_mends_an_index_that_is_damaged_wherever_it_may_be(
    blog: Blog, settings: Settings, share: float
) -> None:
    path = await damaged_index(blog, settings)
    before = contents(path)
    size = path.stat().st_size
    # Of the header only the part behind the numbers that say whose file it is.
    damage(path, max(int(size * share) // 4096 * 4096, 100))
    synced = await synchronise(settings, rebuild=True)
    assert synced.put_aside is not None
    assert synced.put_aside.stat().st_size == size
    assert contents(path) == before


async def test_a_damaged_index_is_named_with_what_to_do(blog: Blog, settings: Settings) -> None:
    path = await damaged_index(blog, settings)
    for page_number in range(1, path.stat().st_size // 4096):
        damage(path, page_number * 4096)
    blog.post("new", raw_post())
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings)
    assert raised.value.key == "index.damaged"
    for language in LANGUAGES:
        assert "--rebuild" in Texts(language).of(raised.value)
    with pytest.raises(IndexFileError):
        await check(path)


async def test_a_missing_table_counts_as_damage(small_blog: Blog, settings: Settings) -> None:
    await synchronise(settings)
    put(index_path(settings), "DROP TABLE word")
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings)
    assert raised.value.key == "index.damaged"
    synced = await synchronise(settings, rebuild=True)
    assert synced.put_aside is not None
    assert synced.summary.added == 4


async def test_a_text_in_the_index_that_is_no_utf8_counts_as_damage(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    put(index_path(settings), "UPDATE comment SET body = CAST(x'ff41' AS TEXT)")
    with pytest.raises(IndexFileError) as raised:
        async with opened_index(settings) as index:
            _ = [post async for post in index.export()]
    assert raised.value.key == "index.damaged"


async def test_readers_see_the_old_index_until_a_rebuild_is_finished(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    before = contents(index_path(settings))
    async with opened_index(settings) as reader, open_writer(index_path(settings)) as writer:
        assert await writer.prepare_tables(rebuild=True)
        assert await reader.count_posts() == 3
        assert [post.slug async for post in reader.export()] == sorted(
            row[0] for row in before["posts"]
        )
        async with open_reader(index_path(settings)) as another:
            assert len(await another.newest(10)) == 3
        await writer.finish()
        assert await reader.count_posts() == 0


async def test_a_rebuild_that_is_not_finished_never_was(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    before = contents(index_path(settings))
    async with open_writer(index_path(settings)) as writer:
        await writer.prepare_tables(rebuild=True)
    assert contents(index_path(settings)) == before


async def test_a_reader_that_stays_on_the_old_index_does_not_hold_up_a_rebuild(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    async with opened_index(settings) as reader:
        exported = reader.export()
        first = await anext(exported)
        begun = time.monotonic()
        synced = await synchronise(settings, rebuild=True)
        # Others wait half a minute for a lock.
        assert time.monotonic() - begun < 15
        assert synced.summary.added == 4
        rest = [post.slug async for post in exported]
    assert len({first.slug, *rest}) == 4


async def test_an_index_that_may_only_be_read_is_said_to_be_so(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    if os.geteuid() == 0:
        pytest.skip("root may write every file")
    index_path(settings).chmod(0o400)
    small_blog.post("new", raw_post())
    with pytest.raises(IndexFileError) as raised:
        await synchronise(settings)
    assert raised.value.key == "index.read_only"


async def test_a_reader_follows_the_file_that_takes_the_place_of_its_own(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    path = index_path(settings)
    async with open_reader(path) as index:
        assert await index.count_posts() == 3
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        # Nothing has taken its place yet.
        assert await index.count_posts() == 3
        path.touch()
        # Nor is this an index.
        assert await index.count_posts() == 3
        small_blog.post("new", raw_post("新しい記事"))
        await synchronise(settings, rebuild=True)
        assert await index.count_posts() == 4
        assert len(await index.newest(10)) == 4
