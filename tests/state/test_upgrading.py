"""Upgrading a state: never without a backup, by one of many at once, beside older programs."""

import asyncio
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.address import Server
from bot.errors import StateError
from bot.intent import Help
from bot.locales import LANGUAGES, Texts
from bot.payload import to_text
from storage.state.codes import StoredCodes
from storage.state.database import State, database_at, look_at, open_state, opened
from storage.state.outbox import StoredOutbox
from storage.state.tables import HEAD, METADATA, OUTBOX
from tests.delivery.rows import claimed, done, row
from tests.logged import events
from tests.state.processes import REPLICA, UPGRADE, start
from tests.state.released import REVISIONS, make
from tests.state.samples import NOW, outcomes, put_row

OLDEST, BEFORE_HEAD = REVISIONS[0], REVISIONS[-2]
BACKUP = "before-migration-{}-20261121T120000000000Z.sqlite3"


async def upgraded(address: Path | Server, backups: Path, now: datetime = NOW) -> None:
    async with open_state(address, backups, lambda: now):
        pass


async def refused(address: Path | Server, backups: Path) -> StateError:
    with pytest.raises(StateError) as raised:
        await upgraded(address, backups)
    for language in LANGUAGES:
        assert str(backups) in Texts(language).of(raised.value)
    return raised.value


async def test_a_backup_that_only_its_owner_can_read_is_made_before(
    address: Path | Server, tmp_path: Path
) -> None:
    await make(address, BEFORE_HEAD)
    backups = tmp_path / "data" / "backups"
    await upgraded(address, backups)
    assert [file.name for file in backups.iterdir()] == [BACKUP.format(BEFORE_HEAD)]
    assert stat.S_IMODE(backups.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in backups.iterdir()] == [0o600]
    assert (await look_at(address)).revision == HEAD
    # What is up to date needs none.
    await upgraded(address, backups)
    assert len(list(backups.iterdir())) == 1


async def test_a_new_state_needs_none(address: Path | Server, tmp_path: Path) -> None:
    await upgraded(address, tmp_path / "backups")
    assert not (tmp_path / "backups").exists()


async def test_where_no_backup_can_be_written_nothing_is_migrated(
    address: Path | Server, tmp_path: Path
) -> None:
    await make(address, OLDEST)
    (tmp_path / "file").touch()
    error = await refused(address, tmp_path / "file")
    assert error.key == "state.not_migrated"
    assert (await look_at(address)).revision == OLDEST
    await upgraded(address, tmp_path / "backups")
    assert (await look_at(address)).revision == HEAD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_nor_where_the_directory_may_not_be_written(
    address: Path | Server, tmp_path: Path
) -> None:
    await make(address, OLDEST)
    (tmp_path / "backups").mkdir(0o500)
    assert (await refused(address, tmp_path / "backups")).key == "state.not_migrated"
    assert (await look_at(address)).revision == OLDEST


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let writing fail where a file would grow beyond that, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_nor_on_a_full_disk(address: Path | Server, tmp_path: Path) -> None:
    await make(address, OLDEST)
    async with opened(database_at(address)) as state:
        await StoredCodes(state).keep({"long": "x" * 300_000}, NOW + timedelta(days=1))
    backups = tmp_path / "backups"
    with files_of_at_most(200_000):
        assert (await refused(address, backups)).key == "state.not_migrated"
    assert list(backups.iterdir()) == []
    assert (await look_at(address)).revision == OLDEST
    await upgraded(address, backups)
    assert len(list(backups.iterdir())) == 1


async def test_a_migration_that_fails_leaves_no_backup_that_pushes_others_out(
    address: Path | Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    create_index = op.create_index

    def fail(name: str, *arguments: Any, **terms: Any) -> None:
        # The backup has to have the indexes of the old version.
        if "stored_code" not in name:
            raise ZeroDivisionError
        create_index(name, *arguments, **terms)

    await make(address, OLDEST)
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", fail)
        with pytest.raises(ZeroDivisionError):
            await upgraded(address, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    assert (await look_at(address)).revision == OLDEST


async def test_a_bounded_number_is_kept_and_none_that_somebody_else_has_made(
    path: Path, tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    by_hand = {"before-0003.sqlite3", "before-migration-0002.sqlite3", "state.backup", "note"}
    backups.mkdir()
    for name in by_hand:
        (backups / name).write_text("by hand")
    # What a program that was killed has left.
    (backups / ".before-migration-0001.part").mkdir()
    for day in range(4):
        for revision in (OLDEST, BEFORE_HEAD):
            state = tmp_path / f"{day}-{revision}"
            await make(state, revision)
            await upgraded(state, backups, NOW + timedelta(days=day))
    made = sorted({file.name for file in backups.iterdir()} - by_hand)
    assert [(name.split("-")[2], name.split("-")[3][:8]) for name in made] == [
        (OLDEST, "20261123"),
        (OLDEST, "20261124"),
        (BEFORE_HEAD, "20261123"),
        (BEFORE_HEAD, "20261124"),
    ]
    # Of more versions than are kept those of the newest ones.
    for revision in ("0008", "0009"):
        for day in range(2):
            name = BACKUP.format(revision).replace("21T", f"2{day}T")
            (backups / name).touch()
    await make(path, BEFORE_HEAD)
    await upgraded(path, backups, NOW + timedelta(days=9))
    made = sorted({file.name for file in backups.iterdir()} - by_hand)
    assert [name.split("-")[2] for name in made] == [BEFORE_HEAD, *["0008"] * 2, *["0009"] * 2]


async def test_old_backups_that_cannot_be_deleted_are_no_reason_to_fail(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    backups = tmp_path / "backups"
    for day in range(2):
        (backups / BACKUP.format(OLDEST).replace("21T", f"0{day + 1}T")).mkdir(parents=True)
    await make(path, OLDEST)
    await upgraded(path, backups)
    assert (await look_at(path)).revision == HEAD
    warnings = [event["event"] for event in events(caplog) if event["level"] == "warning"]
    assert warnings == ["old backups could not be deleted"]


@pytest.mark.parametrize("attempt", range(2))
async def test_of_several_programs_that_start_at_once_one_migrates(
    address: Path | Server, tmp_path: Path, attempt: int
) -> None:
    await make(address, OLDEST)
    where = address.url if isinstance(address, Server) else str(address)
    backups = [tmp_path / f"backups-{number}" for number in range(4)]
    processes = [start(UPGRADE, where, directory) for directory in backups]
    for process in processes:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert [complaints for _, complaints in outputs] == [""] * 4
    # Only the one that has done it says so.
    assert sum("the state was brought up to date" in said for said, _ in outputs) == 1
    made = [file for one in backups if one.exists() for file in one.iterdir()]
    assert len(made) == 1
    assert (await look_at(address)).revision == HEAD


# What the next version does to a state: it only adds.
NEXT = [
    *(
        f"ALTER TABLE {table} ADD COLUMN newer TEXT {default}"
        for table in METADATA.tables
        for default in ("", "NOT NULL DEFAULT 'x'")[len(table) % 2 :][:1]
    ),
    "CREATE TABLE newest (id INTEGER PRIMARY KEY, outbox INTEGER REFERENCES outbox (id))",
    "UPDATE alembic_version SET version_num = '9999'",
]


async def migrate_to_the_next_version(state: State) -> None:
    async with state.writing() as connection:
        for statement in NEXT:
            await connection.execute(text(statement))


async def put_row_of_a_newer_program(state: State, key: str) -> None:
    await put_row(state, key, said=Help(), created_at=NOW)
    async with state.writing() as connection:
        values = {"said": to_text(Help()).replace("Help", "NobodyKnows")}
        await connection.execute(OUTBOX.update().where(OUTBOX.c.key == key).values(**values))


async def test_an_older_program_goes_on_beside_a_newer_schema(
    address: Path | Server, state: State, another: State
) -> None:
    outbox = StoredOutbox(state)
    await outbox.put([row("before")], NOW)
    assert len(await claimed(outbox)) == 1
    await migrate_to_the_next_version(another)
    # Twice, since what a connection has prepared may be of the old schema once.
    for number in range(2):
        await StoredCodes(state).keep({f"code {number}": "x"}, NOW + timedelta(days=1))
        assert await StoredCodes(state).payload(f"code {number}", NOW) == "x"
    await put_row_of_a_newer_program(another, "unknown")
    await outbox.put([row("after")], NOW)
    claims = await claimed(outbox, NOW + timedelta(minutes=1))
    await outbox.settle([done(claim) for claim in claims], NOW)
    # What it does not know is left for who does.
    found = await outcomes(state)
    assert {key: found[key] for key in ("before", "after", "unknown")} == {
        "before": "done",
        "after": "done",
        "unknown": None,
    }
    # But none starts on it: nobody can say what a newer version needs to be true.
    with pytest.raises(StateError) as raised:
        await upgraded(address, Path("nowhere"))
    assert raised.value.key == "state.newer"


async def test_a_replica_of_an_older_version_goes_on_in_a_process_of_its_own(
    postgres_url: str, tmp_path: Path
) -> None:
    address = Server(postgres_url)
    await make(address, HEAD)
    replica = start(REPLICA, postgres_url)
    assert replica.stdin is not None
    assert replica.stdout is not None
    written, read = replica.stdin, replica.stdout

    async def turn() -> str:
        written.write("\n")
        written.flush()
        return await asyncio.to_thread(read.readline)

    assert await asyncio.to_thread(read.readline) == "open\n"
    first = await turn()
    assert "of the replica 1" in first
    async with open_state(address) as newer:
        await put_row_of_a_newer_program(newer, "unknown")
        # Meanwhile the replica is in the middle of its work.
        working = asyncio.create_task(turn())
        while True:
            # Of two that wait for each other's tables the server stops one, which tries again.
            with suppress(StateError):
                await migrate_to_the_next_version(newer)
                break
        during = await working
        assert "of the replica 2" in during or "deadlock" in during or "lock timeout" in during
        for number in (3, 4, 5):
            assert f"of the replica {number}" in await turn()
        found = await outcomes(newer)
    assert found["unknown"] is None
    assert found["of the replica 5"] == "done"
    _, complaints = await asyncio.to_thread(replica.communicate)
    assert (replica.returncode, complaints) == (0, "")
