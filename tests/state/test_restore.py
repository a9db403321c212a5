"""Restoring: a whole backup or nothing, what came due is missed, what waits is looked for."""

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.address import Server
from bot.errors import StateError
from bot.intent import ShowDigest
from bot.locales import LANGUAGES, Texts
from bot.outbox import NewRow, Op
from bot.subscription import Due, Subscription
from storage.index import schema
from storage.state import postgresql, sqlite
from storage.state.backup import back_up
from storage.state.codes import StoredCodes
from storage.state.database import State, open_state
from storage.state.outbox import StoredOutbox
from storage.state.restoring import Restored, restore
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import OUTBOX, STORED_CODE, SUBSCRIPTION
from tests.delivery.rows import claimed, done, row
from tests.state.processes import RESTORE, start
from tests.state.samples import (
    DAY,
    HOUR,
    MADE,
    NEXT,
    NOW,
    fill,
    outcomes,
    put_row,
    rows_of,
    subscription,
)
from tests.state.test_backup import damage_table, everything, make_old


def missed(one: Subscription, now: datetime) -> tuple[Sequence[NewRow], Due]:
    """The digest of the day when it was due, and the next one a day after now."""
    assert one.due is not None
    row = NewRow(
        key=f"{one.id} {one.due.day}",
        platform=one.place.platform,
        op=Op.POST,
        said=ShowDigest(one.due.day.isoformat(), 0, "none"),
        language="ja",
        ready_at=one.due.at,
        deadline=one.due.at + HOUR,
        target=one.place.target,
        subscription=one.id,
        due_at=one.due.at,
    )
    return [row], Due(now + DAY, (now + DAY).date())


async def restored(
    address: Path | Server, file: Path, now: datetime = NOW, *, replace: bool = False
) -> Restored:
    return await restore(address, file, now, missed, replace=replace)


async def refused(address: Path | Server, file: Path, *, replace: bool = True) -> StateError:
    with pytest.raises(StateError) as raised:
        await restored(address, file, replace=replace)
    for language in LANGUAGES:
        assert Texts(language).of(raised.value)
    return raised.value


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A backup of a state with something in every table."""
    file = tmp_path / "backup"
    async with open_state(tmp_path / "was" / "state") as state:
        await fill(state)
        await back_up(tmp_path / "was" / "state", file)
    return file


async def contents_of(file: Path) -> dict[str, list[dict[str, object]]]:
    async with open_state(file) as state:
        return await everything(state)


async def test_a_new_state_gets_all_that_was_in_the_backup(
    address: Path | Server, backup: Path
) -> None:
    before = hash_of(backup)
    done = await restored(address, backup)
    assert (done.missed, done.put_aside) == (0, None)
    assert all(done.contents.rows.values())
    assert hash_of(backup) == before
    expected = await contents_of(backup)
    for waiting in expected["outbox"]:
        if waiting["key"] == "waits":
            waiting.update(tries=1, worker=None, lease_until=None)
    async with open_state(address) as state:
        assert await everything(state) == expected


async def test_a_state_moves_to_another_database_and_back(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    await fill(state)
    await back_up(address, tmp_path / "first")
    await restored(tmp_path / "other" / "state", tmp_path / "first")
    await back_up(tmp_path / "other" / "state", tmp_path / "second")
    await restored(address, tmp_path / "second", replace=True)
    assert await everything(state) == await contents_of(tmp_path / "second")


async def test_numbers_are_never_given_twice(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    for key in ("a", "b", "c"):
        await put_row(state, key)
    async with state.writing() as connection:
        await connection.execute(OUTBOX.delete().where(OUTBOX.c.key == "c"))
    await back_up(address, tmp_path / "backup")
    for key in ("d", "e"):
        await put_row(state, key)
    await restored(address, tmp_path / "backup", replace=True)
    await put_row(state, "f")
    numbers = {row["key"]: row["id"] for row in await rows_of(state, OUTBOX)}
    assert numbers == {"a": 1, "b": 2, "f": 6}
    # Also where nothing is known of them but what the backup says.
    other = tmp_path / "other" / "state"
    await restored(other, tmp_path / "backup")
    async with open_state(other) as elsewhere:
        await put_row(elsewhere, "f")
        assert [row["id"] for row in await rows_of(elsewhere, OUTBOX)] == [1, 2, 4]


async def test_what_came_due_is_missed_and_the_next_one_is_to_come(
    address: Path | Server, tmp_path: Path
) -> None:
    was = tmp_path / "was"
    later = subscription("later", due=Due(NEXT.at + HOUR, NEXT.day))
    paused = subscription("paused", due=None)
    async with open_state(was) as state:
        for one in (MADE, later, paused):
            await StoredSubscriptions(state).add(one, "alice", 50)
        await put_row(state, "tried", tries=3, worker="w", lease_until=NOW)
        await put_row(state, "done", tries=1, outcome="done", worker="w")
        await back_up(was, tmp_path / "backup")
    done = await restored(address, tmp_path / "backup", NEXT.at)
    assert done.missed == 1
    async with open_state(address) as state:
        due = {one.id: one.due for one in await StoredSubscriptions(state).every()}
        after = Due(NEXT.at + DAY, (NEXT.at + DAY).date())
        assert due == {"s1": after, "later": later.due, "paused": None}
        assert await outcomes(state) == {"tried": None, "done": "done", "s1 2026-11-22": "missed"}
        rows = {row["key"]: row for row in await rows_of(state, OUTBOX)}
    assert rows["s1 2026-11-22"]["due_at"] == NEXT.at
    assert rows["s1 2026-11-22"]["subscription"] == "s1"
    assert [rows["tried"][name] for name in ("tries", "worker", "lease_until")] == [3, None, None]
    assert [rows["done"][name] for name in ("tries", "worker")] == [1, "w"]


async def test_a_state_that_holds_something_is_replaced_only_when_it_is_wished(
    state: State, address: Path | Server, backup: Path
) -> None:
    await StoredSubscriptions(state).add(replace(MADE, id="precious"), "alice", 50)
    before = await everything(state)
    error = await refused(address, backup, replace=False)
    assert error.key == "state.not_empty"
    assert error.details["digests"] == 1
    assert await everything(state) == before
    await restored(address, backup, replace=True)
    assert [row["id"] for row in await rows_of(state, SUBSCRIPTION)] == ["p1", "s1"]


async def test_an_older_backup_is_migrated(address: Path | Server, tmp_path: Path) -> None:
    old = tmp_path / "old" / "state"
    await make_old(old)
    await back_up(old, tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    await restored(address, tmp_path / "backup")
    assert (tmp_path / "backup").read_bytes() == before
    async with open_state(address) as state:
        assert await StoredCodes(state).payload("a", NOW) == "x"


async def test_who_reads_and_writes_meanwhile_sees_one_or_the_other(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    codes = StoredCodes(state)
    await codes.keep({f"old-{n}": "x" for n in range(500)}, NOW + DAY)
    was = tmp_path / "was"
    async with open_state(was) as other:
        rows = {f"new-{n}": "x" for n in range(800)}
        await StoredCodes(other).keep(rows, NOW + DAY)
        await back_up(was, tmp_path / "backup")
    seen: set[int] = set()
    has_read, has_written = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        while True:
            seen.add(len(await rows_of(state, STORED_CODE)))
            has_read.set()

    async def write() -> None:
        while True:
            await codes.keep({"old-0": "x"}, NOW + 2 * DAY)
            has_written.set()

    tasks = [asyncio.create_task(read()), asyncio.create_task(write())]
    await has_read.wait()
    await has_written.wait()
    await restored(address, tmp_path / "backup", replace=True)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    # What is written afterwards comes on top.
    assert seen <= {500, 800, 801}
    await codes.keep({"old-0": "x"}, NOW + 2 * DAY)
    assert len(await rows_of(state, STORED_CODE)) == 801


async def test_in_the_middle_nobody_else_writes_and_a_kill_changes_nothing(
    address: Path | Server, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.1)
    async with open_state(address) as state:
        await StoredCodes(state).keep({"precious": "x"}, NOW + DAY)
        before = await everything(state)
        where = address.url if isinstance(address, Server) else str(address)
        process = start(RESTORE, where, str(backup))
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        assert await everything(state) == before
        with pytest.raises(StateError):
            # It would be in the restored state, of which it is no part.
            await StoredCodes(state).keep({"another": "x"}, NOW + DAY)
        process.kill()
        process.communicate()
        assert await everything(state) == before
    monkeypatch.undo()
    await restored(address, backup, replace=True)


def nothing(file: Path) -> None:
    file.unlink()


def a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def other_bytes(file: Path) -> None:
    file.write_bytes(b"no database at all\n" * 1000)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def damaged(file: Path) -> None:
    damage_table(file, "outbox")


def of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE note (text)")


def an_index(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")


def marked_but_empty(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")


@pytest.mark.parametrize(
    "spoil",
    [
        nothing,
        a_directory,
        empty,
        other_bytes,
        truncated,
        damaged,
        of_another_program,
        an_index,
        marked_but_empty,
    ],
)
async def test_what_is_no_sound_backup_is_refused(
    path: Path, backup: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(backup)
    async with open_state(path) as state:
        await StoredCodes(state).keep({"precious": "x"}, NOW + DAY)
        before = await everything(state)
        error = await refused(path, backup)
        assert error.key == "state.no_backup"
        assert error.details["path"] == str(backup)
        assert await everything(state) == before


async def test_a_backup_of_a_newer_program_is_refused(path: Path, backup: Path) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    error = await refused(path, backup)
    assert (error.key, error.details["path"]) == ("state.newer", str(backup))


async def test_a_copy_that_was_made_by_hand_with_its_log_is_taken_whole(
    address: Path | Server, tmp_path: Path
) -> None:
    was, copied = tmp_path / "was", tmp_path / "copied"
    async with open_state(was) as state:
        await StoredCodes(state).keep({"a": "x"}, NOW + DAY)
        for suffix in ("", "-wal"):
            shutil.copy(f"{was}{suffix}", f"{copied}{suffix}")
    await restored(address, copied)
    async with open_state(address) as state:
        assert await StoredCodes(state).payload("a", NOW) == "x"


def make_foreign(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    of_another_program(path)


def hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("spoil", [other_bytes, damaged])
async def test_a_damaged_state_is_put_aside(
    path: Path, backup: Path, spoil: Callable[[Path], None]
) -> None:
    async with open_state(path) as state:
        await fill(state)
    spoil(path)
    spoiled = hash_of(path)
    await refused_as_it_is(path, backup)
    assert hash_of(path) == spoiled
    done = await restored(path, backup, replace=True)
    assert done.put_aside == path.with_name("state.sqlite3.damaged-1")
    assert hash_of(done.put_aside) == spoiled
    async with open_state(path) as state:
        assert len(await rows_of(state, SUBSCRIPTION)) == 2


async def refused_as_it_is(path: Path, backup: Path) -> None:
    error = await refused(path, backup, replace=False)
    assert error.key in ("state.damaged", "state.not_empty")


async def test_the_database_of_another_program_is_not_put_aside(path: Path, backup: Path) -> None:
    make_foreign(path)
    before = hash_of(path)
    assert (await refused(path, backup)).key == "state.unreadable"
    assert hash_of(path) == before


async def test_a_locked_state_is_left_as_it_is(
    path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    async with open_state(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await refused(path, backup)).key == "state.failed"
        assert not any(hits for hits in (await contents_of(path)).values())


async def test_a_row_that_cannot_be_taken_takes_everything_back(
    state: State, address: Path | Server, backup: Path
) -> None:
    await StoredCodes(state).keep({"precious": "x"}, NOW + DAY)
    before = await everything(state)

    def fail(one: Subscription, now: datetime) -> tuple[Sequence[NewRow], Due]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await restore(address, backup, NEXT.at, fail, replace=True)
    assert await everything(state) == before
    async with state.writing() as connection:
        row = {"key": "b", "payload": "y", "expires_at": NOW}
        await connection.execute(insert(STORED_CODE), row)


async def test_a_bot_that_runs_settles_what_it_claimed_before(
    state: State, address: Path | Server, tmp_path: Path
) -> None:
    outbox = StoredOutbox(state)
    await outbox.put([row("in it")], NOW)
    await back_up(address, tmp_path / "backup")
    await outbox.put([row("not in it")], NOW)
    claims = await claimed(outbox)
    assert len(claims) == 2
    await restored(address, tmp_path / "backup", replace=True)
    await outbox.settle([done(claim) for claim in claims], NOW)
    assert await outcomes(state) == {"in it": "done"}
    (kept,) = await rows_of(state, OUTBOX)
    assert kept["reference"] == "ref-in it"
