"""Transactions are whole: whoever is cancelled, killed or kept waiting in the middle of one."""

import asyncio
import resource
import sqlite3
import traceback
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.address import Server
from bot.errors import StateError
from storage.state import sqlite
from storage.state.codes import StoredCodes
from storage.state.database import State, open_state
from storage.state.tables import STORED_CODE
from tests.state.processes import KEEP, start

LATER = datetime(2030, 1, 1, tzinfo=UTC)
ROWS = {f"key-{number}": "x" * 100 for number in range(10)}


async def count(state: State) -> int:
    async with state.reading() as connection:
        counted = await connection.execute(select(func.count()).select_from(STORED_CODE))
        return counted.scalar_one()


async def test_an_exception_takes_the_whole_transaction_back(state: State) -> None:
    row = {"key": "a", "payload": "x", "expires_at": LATER}
    with pytest.raises(ZeroDivisionError):
        async with state.writing() as connection:
            await connection.execute(insert(STORED_CODE), row)
            raise ZeroDivisionError
    assert await count(state) == 0


@pytest.mark.parametrize(
    "moment", ["begin", "before_cursor_execute", "after_cursor_execute", "commit"]
)
async def test_cancelling_leaves_all_or_nothing(state: State, moment: str) -> None:
    codes = StoredCodes(state)
    task = asyncio.create_task(codes.keep(ROWS, LATER))
    cancelled = 0

    def cancel(*arguments: object) -> None:
        nonlocal cancelled
        cancelled += task.cancel()

    event.listen(state.engine.sync_engine, moment, cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    event.remove(state.engine.sync_engine, moment, cancel)
    assert cancelled
    assert await count(state) in (0, len(ROWS))
    # The lock is free again.
    await codes.keep({"another": "y"}, LATER)
    assert await codes.payload("another", LATER.replace(year=2029)) == "y"


async def test_opening_can_be_cancelled(path: Path) -> None:
    async def opened() -> None:
        async with open_state(path):
            pass

    for steps in range(60):
        task = asyncio.create_task(opened())
        for _ in range(steps):
            # Lets the others go on, and waits for nothing.
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await opened()


async def test_who_comes_too_late_opens_no_connection_any_more(address: Path | Server) -> None:
    async with open_state(address) as state:
        pool = state.engine.pool
    for transaction in (state.reading, state.writing):
        with pytest.raises(StateError, match="closed"):
            async with transaction():
                pass
    assert pool is not state.engine.pool
    assert state.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


async def test_tasks_that_write_at_once_take_turns(state: State) -> None:
    codes = StoredCodes(state)
    await asyncio.gather(*(codes.keep({f"{n}": "x", "all": "y"}, LATER) for n in range(40)))
    assert await count(state) == 41


async def test_one_reads_while_another_writes(state: State) -> None:
    async with state.writing() as connection:
        row = {"key": "a", "payload": "x", "expires_at": LATER}
        await connection.execute(insert(STORED_CODE), row)
        assert await count(state) == 0
    assert await count(state) == 1


async def test_a_lock_that_another_program_keeps_is_told_and_passes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    async with open_state(path) as state:
        codes = StoredCodes(state)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StateError) as raised:
                await codes.keep(ROWS, LATER)
            assert raised.value.key == "state.failed"
            assert "locked" in str(raised.value)
        await codes.keep(ROWS, LATER)
        assert await count(state) == len(ROWS)


async def test_a_full_disk_is_told_and_passes(path: Path) -> None:
    async with open_state(path) as state:
        codes = StoredCodes(state)
        await codes.keep({"before": "x"}, LATER)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        try:
            with pytest.raises(StateError) as raised:
                await codes.keep({"long": "x" * 2_000_000}, LATER)
            # Who only reads goes on.
            assert await codes.payload("before", LATER.replace(year=2029)) == "x"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert raised.value.key == "state.failed"
        await codes.keep({"long": "x" * 2_000_000}, LATER)
        assert await count(state) == 2


async def test_a_lost_table_is_told(state: State) -> None:
    async with state.writing() as connection:
        await connection.exec_driver_sql("DROP TABLE stored_code")
    with pytest.raises(StateError) as raised:
        await StoredCodes(state).payload("a", LATER)
    assert raised.value.key == "state.failed"


async def test_a_failure_does_not_show_what_was_to_be_written(state: State) -> None:
    """Not even on the way to it: there are texts in it that people have typed."""
    async with state.writing() as connection:
        await connection.exec_driver_sql("DROP TABLE stored_code")
    typed = {"key": "秘密の検索"}
    with pytest.raises(StateError) as raised:
        await StoredCodes(state).keep(typed, LATER)
    whole = "".join(traceback.format_exception(raised.value))
    assert "stored_code" in whole
    assert "秘密" not in whole


async def test_a_file_that_goes_is_told_and_one_in_its_place_is_used(path: Path) -> None:
    other = path.with_name("other.sqlite3")
    async with open_state(other) as state:
        await StoredCodes(state).keep(ROWS, LATER)
    async with open_state(path) as state:
        assert await count(state) == 0
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        with pytest.raises(StateError) as raised:
            await count(state)
        assert raised.value.key == "state.unreadable"
        other.rename(path)
        assert await count(state) == len(ROWS)


async def test_our_own_mistakes_are_not_put_down_to_the_database(state: State) -> None:
    row = {"key": "a", "payload": "x", "expires_at": LATER}
    with pytest.raises(IntegrityError):
        async with state.writing() as connection:
            await connection.execute(insert(STORED_CODE), [row, row])
    assert await count(state) == 0


@pytest.mark.parametrize("lines", [1, 20, 60])
async def test_a_kill_leaves_whole_transactions_and_all_that_were_told_of(
    path: Path, lines: int
) -> None:
    process = start(KEEP, path)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    told += process.communicate()[0].splitlines(keepends=True)
    numbers = {line.strip() for line in told if line.endswith("\n")}
    async with open_state(path) as state:
        async with state.reading() as connection:
            checked = await connection.exec_driver_sql("PRAGMA quick_check")
            assert checked.scalars().all() == ["ok"]
            keys = (await connection.execute(select(STORED_CODE.c.key))).scalars().all()
        found = Counter(key.partition("-")[0] for key in keys)
        assert set(found.values()) == {10}
        assert numbers <= set(found)
        await StoredCodes(state).keep(ROWS, LATER)


async def test_who_is_cancelled_before_all_rows_came_back_keeps_no_lock(path: Path) -> None:
    """On SQLite a statement outlives its connection, as long as somebody has the exception."""
    statement = insert(STORED_CODE).returning(STORED_CODE.c.key)
    rows = [{"key": key, "payload": "x", "expires_at": LATER} for key in ROWS]
    kept: list[object] = []

    async with open_state(path) as state:

        async def write() -> None:
            async with state.writing() as connection:
                await connection.execute(statement, rows)

        for steps in range(0, 24, 2):
            task = asyncio.create_task(write())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            kept += await asyncio.gather(task, return_exceptions=True)
            async with asyncio.timeout(5), state.writing() as connection:
                await connection.execute(delete(STORED_CODE))
    assert any(isinstance(error, asyncio.CancelledError) for error in kept)


async def test_connections_of_tasks_that_are_just_being_cancelled_are_closed(path: Path) -> None:
    async def work(state: State) -> None:
        while True:
            async with state.writing() as connection:
                await connection.execute(text("SELECT 1"))

    for _ in range(5):
        async with open_state(path) as state:
            pool = state.engine.pool
            tasks = [asyncio.create_task(work(state)) for _ in range(4)]
            await asyncio.wait(tasks, timeout=0.01)
            for task in tasks:
                task.cancel()
        assert pool.checkedout() == 0  # type: ignore[attr-defined]
        await asyncio.wait(tasks)


async def test_who_comes_first_writes_first(path: Path) -> None:
    came, wrote = [], []
    async with open_state(path) as state:
        leave, is_in = asyncio.Event(), asyncio.Event()

        async def stay() -> None:
            async with state.writing():
                is_in.set()
                await leave.wait()

        async def write(number: int) -> None:
            came.append(number)
            async with state.writing() as connection:
                wrote.append(number)
                row = {"key": f"key-{number}", "payload": "x", "expires_at": LATER}
                await connection.execute(insert(STORED_CODE), row)

        first = asyncio.create_task(stay())
        await is_in.wait()
        others = [asyncio.create_task(write(number)) for number in range(30)]
        # Who reads waits for nobody, however many want to write.
        assert await count(state) == 0
        assert came == list(range(30))
        # One that is cancelled keeps nobody waiting.
        others[3].cancel()
        leave.set()
        await first
        await asyncio.gather(*others, return_exceptions=True)
        assert wrote == [number for number in range(30) if number != 3]
        assert await count(state) == len(others) - 1
