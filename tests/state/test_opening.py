"""Opening the state: made where it is missing, refused untouched where it is not for us."""

import asyncio
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.errors import StateError
from bot.locales import LANGUAGES, Texts
from storage.index import schema
from storage.state.backup import back_up
from storage.state.database import open_state
from storage.state.sqlite import APPLICATION_ID
from storage.state.tables import HEAD, METADATA, STORED_CODE
from tests.state.processes import OPEN, start
from tests.state.samples import fill

ROOT = Path(__file__).resolve().parent.parent.parent


def run_sql(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Run some SQL on a file without the program; the rows of the last statement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[object, ...]] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            rows = database.execute(statement).fetchall()
    return rows


def digests(directory: Path) -> dict[str, str]:
    """A digest of each file of the data directory."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.iterdir()
    }


async def opened_and_closed(path: Path) -> None:
    async with open_state(path):
        pass


async def refused(path: Path) -> StateError:
    with pytest.raises(StateError) as raised:
        await opened_and_closed(path)
    assert raised.value.details["path"] == str(path)
    for language in LANGUAGES:
        assert str(path) in Texts(language).of(raised.value)
    return raised.value


async def test_a_new_state_is_ours_up_to_date_and_in_wal_mode(path: Path) -> None:
    await opened_and_closed(path)
    assert run_sql(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert run_sql(path, "PRAGMA journal_mode") == [("wal",)]
    assert run_sql(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    tables = {name for (name,) in run_sql(path, "SELECT name FROM sqlite_schema")}
    assert tables >= set(METADATA.tables)
    # Closing has brought the log in, so the file alone is the whole state.
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_opening_again_changes_nothing(path: Path) -> None:
    await opened_and_closed(path)
    before = digests(path.parent)
    await opened_and_closed(path)
    assert digests(path.parent) == before


async def test_an_empty_file_becomes_a_state(path: Path) -> None:
    path.parent.mkdir()
    run_sql(path)
    assert digests(path.parent) == {path.name: hashlib.sha256(b"").hexdigest()}
    await opened_and_closed(path)
    assert run_sql(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_connections_keep_what_was_promised(path: Path) -> None:
    async with open_state(path) as state, state.reading() as connection:
        for pragma, expected in {
            "foreign_keys": 1,
            "synchronous": 2,
            "busy_timeout": 10_000,
        }.items():
            found = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert (pragma, found.scalar_one()) == (pragma, expected)


async def test_two_tasks_may_open_a_new_state_at_once(path: Path) -> None:
    await asyncio.gather(*(opened_and_closed(path) for _ in range(4)))
    assert run_sql(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


@pytest.mark.parametrize("attempt", range(3))
def test_several_processes_may_open_a_new_state_at_once(path: Path, attempt: int) -> None:
    processes = [start(OPEN, path) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate() for process in processes]
    assert [
        (process.returncode, *output) for process, output in zip(processes, outputs, strict=True)
    ] == [(0, "", "")] * 4
    assert run_sql(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_a_migration_that_fails_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    def fail(*arguments: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", fail)
        with pytest.raises(InterruptedError):
            await opened_and_closed(path)
    assert run_sql(path, "SELECT name FROM sqlite_schema") == []
    assert run_sql(path, "PRAGMA application_id") == [(0,)]
    await opened_and_closed(path)


async def test_a_state_of_a_newer_program_is_refused_untouched(path: Path) -> None:
    await opened_and_closed(path)
    run_sql(path, "UPDATE alembic_version SET version_num = '9999'")
    before = digests(path.parent)
    assert (await refused(path)).key == "state.newer"
    assert digests(path.parent) == before


def other_program(path: Path) -> None:
    run_sql(path, "CREATE TABLE note (text)", "INSERT INTO note VALUES ('precious')")


def other_program_with_an_id(path: Path) -> None:
    run_sql(path, "PRAGMA application_id = 7")


def index(path: Path) -> None:
    run_sql(path, f"PRAGMA application_id = {schema.APPLICATION_ID}", *schema.TABLES)


def no_database(path: Path) -> None:
    path.write_bytes(b"no database at all\n" * 100)


def only_the_first_bytes(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)


def zeroes(path: Path) -> None:
    path.write_bytes(bytes(20_000))


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (other_program, "state.unreadable"),
        (other_program_with_an_id, "state.unreadable"),
        (index, "state.unreadable"),
        (no_database, "state.damaged"),
        (only_the_first_bytes, "state.damaged"),
        (zeroes, "state.damaged"),
    ],
)
async def test_what_is_no_state_is_refused_untouched(
    path: Path, make: Callable[[Path], None], key: str
) -> None:
    path.parent.mkdir()
    make(path)
    before = digests(path.parent)
    assert (await refused(path)).key == key
    assert digests(path.parent) == before


def damage(path: Path, begin: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\xa5" * (end - begin))


async def test_a_state_whose_first_page_is_damaged_is_refused_untouched(path: Path) -> None:
    await opened_and_closed(path)
    # Behind the numbers that say whose file it is.
    damage(path, 100, 3000)
    before = digests(path.parent)
    assert (await refused(path)).key == "state.damaged"
    assert digests(path.parent) == before


def damage_table(path: Path, table: str) -> None:
    rows = run_sql(path, "SELECT rootpage, name FROM sqlite_schema")
    (root,) = (page for page, name in rows if name == table and isinstance(page, int))
    damage(path, (root - 1) * 4096, root * 4096)


def cut_off(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)


def filled_with_zeroes(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: damage_table(path, "stored_code"),
        lambda path: damage_table(path, "ix_outbox_on_key"),
        lambda path: damage_table(path, "alembic_version"),
        cut_off,
        filled_with_zeroes,
    ],
    ids=["a table", "an index", "the version", "cut off", "zeroes"],
)
async def test_a_damaged_state_is_refused_with_the_command_that_restores_it(
    path: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    async with open_state(path) as state:
        await fill(state)
    spoil(path)
    before = digests(path.parent)
    error = await refused(path)
    assert error.key == "state.damaged"
    assert "matome restore --yes " in Texts("ja").of(error)
    # Named are only backups: neither other files nor an index.
    backups = tmp_path / "back ups"
    backups.mkdir()
    (backups / "note").write_text("no backup")
    index(backups / "index")
    with pytest.raises(StateError) as raised:
        async with open_state(path, backups):
            pass
    assert raised.value.key == "state.damaged"
    await back_up_another(backups / "older")
    await back_up_another(backups / "newer")
    os.utime(backups / "older", (1, 1))
    with pytest.raises(StateError) as raised:
        async with open_state(path, backups):
            pass
    for language in LANGUAGES:
        told = Texts(language).of(raised.value)
        assert f"matome restore --yes '{backups / 'newer'}'" in told
    assert digests(path.parent) == before


async def back_up_another(file: Path) -> None:
    """Make a backup of some other state."""
    other = file.parent.parent / "other"
    await opened_and_closed(other)
    await back_up(other, file)


async def test_damage_that_is_met_later_is_told_likewise(path: Path) -> None:
    await opened_and_closed(path)
    async with open_state(path) as state:
        # What this connection knows of the file is thrown away.
        await state.engine.dispose()
        damage_table(path, "stored_code")
        with pytest.raises(StateError) as raised:
            async with state.reading() as connection:
                await connection.execute(select(STORED_CODE))
    assert raised.value.key == "state.damaged"


def directory(path: Path) -> None:
    path.mkdir(parents=True)


def file_for_its_directory(path: Path) -> None:
    path.parent.touch()


@pytest.mark.parametrize("make", [directory, file_for_its_directory])
async def test_what_cannot_be_a_file_is_refused(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    assert (await refused(path)).key == "state.unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("made", [False, True])
async def test_a_directory_without_rights_is_refused(path: Path, made: bool) -> None:
    path.parent.mkdir()
    if made:
        await opened_and_closed(path)
    path.parent.chmod(0o500)
    assert (await refused(path)).key == "state.unreadable"


def imported_by(code: str, *arguments: Path) -> set[str]:
    """Which of the slow libraries some code has imported in the end."""
    tail = "\nimport sys; print(*{'sqlalchemy', 'alembic'} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code + tail, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(ran.stdout.split())


def test_nothing_imports_the_slow_libraries_before_there_is_need() -> None:
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for package in ("bot", "adapters", "storage/index")
        for file in (ROOT / package).rglob("*.py")
        if file.name != "__main__.py"
    ]
    assert len(names) > 30
    assert imported_by("\n".join(f"import {name}" for name in names)) == set()


async def test_a_state_that_is_up_to_date_is_opened_without_alembic(path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from storage.state.database import open_state\n"
        "async def main():\n"
        "    async with open_state(Path(sys.argv[1])): pass\n"
        "asyncio.run(main())\n"
    )
    assert imported_by(code, path) == {"sqlalchemy", "alembic"}
    assert imported_by(code, path) == {"sqlalchemy"}


def test_a_connection_that_was_left_open_does_not_keep_the_program_from_ending(
    path: Path,
) -> None:
    left_open = """
import asyncio, sys
from pathlib import Path
from storage.index.database import connect
from storage.state.sqlite import _connect

async def main():
    path = Path(sys.argv[1])
    path.parent.mkdir()
    left.append(await _connect(f"file:{path}", foreign_keys=True))
    left.append(await connect(path.with_name("index.sqlite3")))

left = []
asyncio.run(main())
sys.stdout.write("done")
sys.stdout.flush()
"""
    done = subprocess.run(
        [sys.executable, "-c", left_open, path], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "done"), done.stderr
