"""Moving a state to another database: whole, once, and never while somebody uses it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from bot.address import Server
from bot.errors import StateError
from bot.locales import LANGUAGES, Texts
from bot.stores import Runner, Wanted
from storage.state.codes import StoredCodes
from storage.state.database import look_at, open_state
from storage.state.holds import StoredHolds
from storage.state.moving import Moved, move
from storage.state.outbox import StoredOutbox
from storage.state.running import alone_on
from storage.state.tables import HEAD
from tests.delivery.rows import row
from tests.postgres import Cluster
from tests.state.processes import MOVE, start
from tests.state.released import REVISIONS, make
from tests.state.samples import DAY, NOW, fill
from tests.state.test_backup import everything

RUNNER = Runner("matome state move", "here", 1, NOW)

Address = Path | Server
Contents = dict[str, list[dict[str, object]]]


@pytest.fixture
async def other_url(postgres: Cluster, postgres_url: str) -> AsyncIterator[str]:
    """The address of a second empty database."""
    name = f"{postgres_url.partition('?')[0].rpartition('/')[2]}_other"
    connection = await asyncpg.connect(postgres.url("postgres"))
    await connection.execute(f"CREATE DATABASE {name}")
    yield postgres.url(name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """Where it is moved to."""
    if request.param == "sqlite":
        return tmp_path / "elsewhere" / "state.sqlite3"
    return Server(request.getfixturevalue("other_url"))


@pytest.fixture
async def filled(address: Address) -> Contents:
    """What is in the state that is moved."""
    async with open_state(address) as state:
        await fill(state)
        return await everything(state)


async def moved(source: Address, target: Address, *, replace: bool = False) -> Moved:
    return await move(source, target, RUNNER, lambda: NOW, replace=replace)


async def refused(source: Address, target: Address) -> StateError:
    with pytest.raises(StateError) as raised:
        await moved(source, target)
    for language in LANGUAGES:
        assert Texts(language).of(raised.value)
    return raised.value


async def held(address: Address) -> Contents:
    async with open_state(address) as state:
        return await everything(state)


async def is_empty(address: Address) -> bool:
    return not any((await held(address)).values())


async def test_all_of_it_is_moved_and_the_old_one_is_out_of_use(
    address: Address, target: Address, filled: Contents
) -> None:
    done = await moved(address, target)
    assert done.contents.rows == {name: len(rows) for name, rows in filled.items()}
    assert not done.was_copied
    assert await held(target) == filled
    async with open_state(target) as state:
        outbox = StoredOutbox(state)
        await outbox.put([row("new")], NOW)
        new = await outbox.row("new")
        assert new is not None
        assert new.id > max(int(str(each["id"])) for each in filled["outbox"])
    if isinstance(address, Path):
        assert done.put_aside == address.with_name("state.sqlite3.moved-1")
        assert not address.exists()
        assert await held(done.put_aside) == filled
        with pytest.raises(StateError) as raised:
            await held(address)
        assert raised.value.key == "state.moved"
        assert not address.exists()
    else:
        assert done.put_aside is None
        with pytest.raises(StateError) as raised:
            await held(address)
        assert raised.value.key == "state.moved"


async def test_it_can_be_moved_back(address: Address, target: Address, filled: Contents) -> None:
    await moved(address, target)
    async with open_state(target) as state:
        await StoredCodes(state).keep({"since then": "x"}, NOW + DAY)
        expected = await everything(state)
    if isinstance(address, Server):
        assert (await refused(target, address)).key == "state.moved"
    await moved(target, address, replace=True)
    assert await held(address) == expected
    # And once more: what was put aside before stays.
    await moved(address, target, replace=True)
    assert await held(target) == expected


async def test_a_target_that_holds_anything_is_replaced_only_when_it_is_said(
    address: Address, target: Address, filled: Contents
) -> None:
    async with open_state(target) as state:
        await StoredCodes(state).keep({"precious": "x"}, NOW + DAY)
        before = await everything(state)
    assert (await refused(address, target)).key == "state.not_empty_to_move"
    assert (await held(target), await held(address)) == (before, filled)
    await moved(address, target, replace=True)
    assert await held(target) == filled


async def test_what_a_killed_bot_held_is_in_nobodys_way(
    address: Address, target: Address, filled: Contents
) -> None:
    async with open_state(target) as state:
        await StoredHolds(state).hold(Wanted("run:somebody", (0,), 1), "somebody", -DAY)
    assert (await moved(address, target)).contents.rows.keys() == filled.keys()
    assert await held(target) == filled


async def test_an_older_state_is_brought_up_to_date_by_it(
    address: Address, target: Address, tmp_path: Path
) -> None:
    await make(address, REVISIONS[0])
    backups = tmp_path / "backups"
    done = await move(address, target, RUNNER, lambda: NOW, backups=backups)
    assert done.contents.revision == HEAD
    assert len(list(backups.iterdir())) == 1
    assert (await look_at(target)).revision == HEAD


async def test_nothing_is_moved_where_there_is_none(address: Address, target: Address) -> None:
    assert (await refused(address, target)).key == "state.none"


async def test_nothing_is_moved_while_a_bot_runs_on_either(
    address: Address, target: Address, filled: Contents
) -> None:
    for busy in (address, target):
        if isinstance(busy, Path):
            async with alone_on(busy, Runner("matome run", "there", 7, NOW)):
                assert (await refused(address, target)).key == "state.in_use"
        else:
            async with open_state(busy) as state, state.reading():
                assert (await refused(address, target)).key == "state.server_in_use"
    assert await held(address) == filled
    assert await is_empty(target)


async def test_it_is_not_moved_to_itself(address: Address, filled: Contents) -> None:
    assert (await refused(address, address)).key in ("state.in_use", "state.server_in_use")
    assert await held(address) == filled


async def test_a_file_whose_log_is_in_use_is_not_moved(path: Path, tmp_path: Path) -> None:
    async with open_state(path) as state:
        await fill(state)
        assert (await refused(path, tmp_path / "target")).key == "state.failed"
        await fill_again(StoredCodes(state))
    await moved(path, tmp_path / "target")
    assert len((await held(tmp_path / "target"))["stored_code"]) == 2


async def fill_again(codes: StoredCodes) -> None:
    await codes.keep({"again": "x"}, NOW + DAY)


async def test_what_a_server_does_not_take_is_told(path: Path, postgres_url: str) -> None:
    async with open_state(path) as state:
        await StoredCodes(state).keep({"odd": "a\0b"}, NOW + DAY)
    before = await held(path)
    assert (await refused(path, Server(postgres_url))).key == "state.not_moved"
    assert await held(path) == before
    assert await is_empty(Server(postgres_url))


def text_of(address: Address) -> str:
    return address.url if isinstance(address, Server) else str(address)


@pytest.mark.parametrize(
    "step",
    ["migrate", "copy_rows", "copy_numbering", "_differ", "_put_out_of_use", "put_aside_moved"],
)
async def test_a_kill_leaves_the_old_one_whole_and_the_other_empty_or_whole(
    address: Address, target: Address, filled: Contents, step: str
) -> None:
    process = start(MOVE, text_of(address), text_of(target), step)
    assert process.stdout is not None
    said = await asyncio.to_thread(process.stdout.readline)
    if step == "put_aside_moved" and isinstance(address, Server):
        assert said == "done\n"
        process.communicate()
        return
    assert said == f"{step}\n"
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert await held(address) == filled
    is_copied = step in ("_put_out_of_use", "put_aside_moved")
    if is_copied:
        assert await held(target) == filled
    else:
        assert await is_empty(target)
    done = await moved(address, target)
    assert done.was_copied == is_copied
    assert await held(target) == filled


async def test_after_a_kill_between_the_two_both_are_never_used(
    address: Address, target: Address, filled: Contents
) -> None:
    """Who went on with the old one is told that the other has something else by now."""
    process = start(MOVE, text_of(address), text_of(target), "_put_out_of_use")
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    process.kill()
    await asyncio.to_thread(process.communicate)
    async with open_state(address) as state:
        await fill_again(StoredCodes(state))
        expected = await everything(state)
    assert (await refused(address, target)).key == "state.not_empty_to_move"
    await moved(address, target, replace=True)
    assert await held(target) == expected
