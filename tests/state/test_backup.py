"""Backups: whole, of one moment, checked; and nothing is lost where one cannot be written."""

import asyncio
import os
import resource
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.address import Server
from bot.errors import StateError
from bot.locales import LANGUAGES, Texts
from storage.state.backup import _check, back_up
from storage.state.codes import StoredCodes
from storage.state.copying import KEPT, counts
from storage.state.database import State, database_at, look_at, open_state, opened
from storage.state.migrations import upgrade
from storage.state.tables import HEAD, STORED_CODE
from tests.state.processes import BACK_UP, start
from tests.state.samples import DAY, NOW, fill, rows_of


async def refused(address: Path | Server, file: Path, *, force: bool = False) -> StateError:
    with pytest.raises(StateError) as raised:
        await back_up(address, file, force=force)
    for language in LANGUAGES:
        assert Texts(language).of(raised.value)
    return raised.value


def entries(directory: Path) -> set[str]:
    return {entry.name for entry in directory.iterdir()}


async def everything(state: State) -> dict[str, list[dict[str, object]]]:
    return {table.name: await rows_of(state, table) for table in KEPT}


async def test_a_backup_is_a_state_with_all_that_there_was(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    await fill(state)
    file = tmp_path / "backup"
    contents = await back_up(address, file)
    assert contents.revision == HEAD
    assert all(contents.rows.values()), "every table is tried"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    # One file is all of it, and nothing else is left.
    assert entries(tmp_path) - {"data"} == {"backup"}
    content = file.read_bytes()
    async with open_state(file) as backup:
        assert await everything(backup) == await everything(state)
        async with backup.reading() as connection:
            assert await counts(connection, KEPT) == contents.rows
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    # A second one, of the same state, has its own name.
    assert (await refused(address, file)).key == "state.backup_there"
    assert (await look_at(file)).damages == []
    await back_up(address, tmp_path / "second")
    assert len(content) == len((tmp_path / "second").read_bytes())


async def test_another_backup_is_replaced_only_when_it_is_wished(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    await back_up(address, file)
    before = file.read_bytes()
    await StoredCodes(state).keep({"a": "x"}, NOW + DAY)
    assert (await refused(address, file)).key == "state.backup_there"
    assert file.read_bytes() == before
    await back_up(address, file, force=True)
    async with open_state(file) as backup:
        assert await StoredCodes(backup).payload("a", NOW) == "x"


async def test_what_is_written_meanwhile_is_there_as_a_whole_or_not_at_all(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    codes = StoredCodes(state)

    async def write() -> None:
        number = 0
        while True:
            await codes.keep({f"{number}-{n}": "x" * 200 for n in range(10)}, NOW + DAY)
            number += 1

    await codes.keep({f"first-{n}": "x" for n in range(3000)}, NOW + DAY)
    writing = asyncio.create_task(write())
    found = []
    for number in range(3):
        file = tmp_path / f"backup-{number}"
        await back_up(address, file)
        async with open_state(file) as backup:
            keys = [str(row["key"]) for row in await rows_of(backup, STORED_CODE)]
        groups = Counter(key.partition("-")[0] for key in keys)
        assert groups.pop("first") == 3000
        assert set(groups.values()) <= {10}
        found.append(len(groups))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert found == sorted(found)
    assert found[-1] > 0


async def test_an_older_state_keeps_its_schema(address: Path | Server, tmp_path: Path) -> None:
    await make_old(address)
    file = tmp_path / "backup"
    contents = await back_up(address, file)
    assert contents.revision == "0001"
    assert contents.rows == {"stored_code": 1}
    assert (await look_at(file)).revision == "0001"
    assert (await look_at(address)).revision == "0001"
    async with open_state(file) as backup:
        assert await StoredCodes(backup).payload("a", NOW) == "x"


async def make_old(address: Path | Server) -> None:
    """Make a state of the first version, with a row in it."""
    database = database_at(address)
    await database.prepare()
    async with opened(database, wholesale=True) as state, state.writing() as connection:
        await connection.run_sync(upgrade, "0001")
        await connection.run_sync(database.mark)
        row = {"key": "a", "payload": "x", "expires_at": NOW + DAY}
        await connection.execute(STORED_CODE.insert(), row)


async def test_where_there_is_no_state_there_is_nothing_to_back_up(
    address: Path | Server, tmp_path: Path
) -> None:
    assert (await refused(address, tmp_path / "backup")).key == "state.none"
    assert not (tmp_path / "backup").exists()


def text(file: Path) -> None:
    file.write_text("something else")


def database_of_another_program(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE note (text)")


def directory(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("make", [text, database_of_another_program, directory])
async def test_what_is_no_backup_is_never_replaced(
    path: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    async with open_state(path):
        file = tmp_path / "file"
        make(file)
        before = file.read_bytes() if file.is_file() else None
        assert (await refused(path, file, force=True)).key == "state.backup_failed"
        assert (file.read_bytes() if file.is_file() else None) == before


async def test_a_state_is_not_its_own_backup(path: Path, tmp_path: Path) -> None:
    async with open_state(path):
        (tmp_path / "link").symlink_to(path)
        for file in (path, tmp_path / "link"):
            assert (await refused(path, file, force=True)).key == "state.backup_failed"


async def test_a_place_where_nothing_can_be_written_is_told(path: Path, tmp_path: Path) -> None:
    async with open_state(path):
        (tmp_path / "file").touch()
        for place in ("missing/backup", "file/backup", "x" * 300):
            error = await refused(path, tmp_path / place)
            assert error.key == "state.backup_failed"
            assert error.details["path"] == str(tmp_path / place)


async def test_a_full_disk_leaves_the_backup_before(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    async with open_state(path) as state:
        await back_up(path, file)
        before = file.read_bytes()
        await StoredCodes(state).keep({"long": "x" * 3_000_000}, NOW + DAY)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        try:
            error = await refused(path, file, force=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.key == "state.backup_failed"
    assert error.details["path"] == str(file)
    assert file.read_bytes() == before
    assert entries(tmp_path) == {"backup", "data"}


async def test_a_kill_leaves_no_half_of_a_backup(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    async with open_state(path) as state:
        for part in range(20):
            rows = {f"{part}-{n}": "x" * 2000 for n in range(500)}
            await StoredCodes(state).keep(rows, NOW + DAY)
    for _ in range(3):
        process = start(BACK_UP, path, file)
        # It is half-way as soon as there is something of it.
        while not is_begun(tmp_path):
            assert process.poll() is None
        process.kill()
        process.communicate()
        assert not file.exists()
        remove_what_is_left(tmp_path)
    contents = await back_up(path, file)
    assert contents.rows["stored_code"] == 10_000


async def test_a_backup_in_which_something_is_missing_is_noticed(
    path: Path, tmp_path: Path
) -> None:
    async with open_state(path) as state:
        await fill(state)
    contents = await back_up(path, tmp_path / "backup")
    await _check(tmp_path / "backup", contents)
    fewer = replace(contents, rows={**contents.rows, "subscription": 3})
    older = replace(contents, revision="0001")
    for other in (fewer, older):
        with pytest.raises(StateError):
            await _check(tmp_path / "backup", other)
    damage_table(tmp_path / "backup", "outbox")
    with pytest.raises(StateError):
        await _check(tmp_path / "backup", contents)


def damage_table(file: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(file)) as database:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (root,) = database.execute(query, (table,)).fetchone()
    content = bytearray(file.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    file.write_bytes(content)


def is_begun(directory: Path) -> bool:
    for entry in directory.glob(".backup.*.part/*"):
        with suppress(FileNotFoundError):
            if entry.stat().st_size:
                return True
    return False


def remove_what_is_left(directory: Path) -> None:
    (left,) = directory.glob(".backup.*.part")
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    shutil.rmtree(left)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_directory_without_rights_is_told(path: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o500)
    async with open_state(path):
        assert (await refused(path, closed / "backup")).key == "state.backup_failed"
