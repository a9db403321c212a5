"""The state on a server: whose it is, what it does not show, and a server that goes away."""

import asyncio
import traceback
from time import monotonic

import asyncpg
import pytest
from sqlalchemy import select

from bot.address import Server
from bot.errors import StateError
from bot.locales import LANGUAGES, Texts
from storage.state import postgresql
from storage.state.codes import StoredCodes
from storage.state.database import State, open_state
from storage.state.statements import locked_fact
from storage.state.tables import HEAD, STORED_CODE
from tests.postgres import Cluster
from tests.state.samples import DAY, NOW


async def run_sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run some SQL without the program; the rows of the last statement."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return [tuple(row) for row in await connection.fetch(statements[-1])]
    finally:
        await connection.close()


async def opened_and_closed(url: str) -> None:
    async with open_state(Server(url)):
        pass


async def refused(url: str) -> StateError:
    with pytest.raises(StateError) as raised:
        await opened_and_closed(url)
    assert raised.value.details["path"] == str(Server(url))
    for language in LANGUAGES:
        assert str(Server(url)) in Texts(language).of(raised.value)
    return raised.value


async def test_several_may_open_a_new_state_at_once(postgres_url: str) -> None:
    await asyncio.gather(*(opened_and_closed(postgres_url) for _ in range(6)))
    version = await run_sql(postgres_url, "SELECT version_num FROM alembic_version")
    assert version == [(HEAD,)]


async def test_closing_leaves_no_connection(postgres_url: str) -> None:
    async with open_state(Server(postgres_url)) as state:
        codes = StoredCodes(state)
        await asyncio.gather(*(codes.payload("a", NOW) for _ in range(30)))
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'matome'"
    here = " AND datname = current_database()"
    # The server notices it a moment later.
    while await run_sql(postgres_url, query + here) != [(0,)]:
        pass


async def test_a_state_of_a_newer_program_is_refused_untouched(postgres_url: str) -> None:
    await opened_and_closed(postgres_url)
    await run_sql(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    assert (await refused(postgres_url)).key == "state.newer"
    assert await run_sql(postgres_url, "SELECT version_num FROM alembic_version") == [("9999",)]


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE note (text text)"],
        [
            "CREATE TABLE alembic_version (version_num text)",
            "INSERT INTO alembic_version VALUES ('0001')",
        ],
    ],
    ids=["any", "by the same library"],
)
async def test_another_programs_database_is_refused_untouched(
    postgres_url: str, statements: list[str]
) -> None:
    await run_sql(postgres_url, *statements)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    before = await run_sql(postgres_url, tables)
    assert (await refused(postgres_url)).key == "state.unreadable"
    assert await run_sql(postgres_url, tables) == before


async def test_a_database_that_is_not_there_or_without_rights_is_told(
    postgres: Cluster, postgres_url: str
) -> None:
    missing = await refused(postgres.url("missing"))
    assert missing.key == "state.unreachable"
    assert "does not exist" in str(missing)
    await run_sql(
        postgres_url,
        "DROP ROLE IF EXISTS nobody_special",
        "CREATE ROLE nobody_special LOGIN",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "SELECT 1",
    )
    powerless = await refused(postgres_url.replace("matome@", "nobody_special@"))
    assert powerless.key == "state.unreadable"
    assert "permission denied" in str(powerless)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://guarded:TopSecret@/postgres?host={directory}",
        "postgresql://guarded@/postgres?host={directory}&password=TopSecret",
        "postgresql://guarded:TopSecret@127.0.0.1:1/postgres",
        "postgresql://guarded:TopSecret@/postgres?host=/nowhere",
        "postgresql://guarded:TopSecret@/postgres?host={directory}&sslmode=TopSecret",
        "postgresql://guarded:TopSecret@host.invalid/postgres",
    ],
)
async def test_a_password_is_shown_nowhere(postgres: Cluster, address: str) -> None:
    await run_sql(
        postgres.url("postgres"),
        "DROP ROLE IF EXISTS guarded",
        "CREATE ROLE guarded LOGIN PASSWORD 'another'",
        "SELECT 1",
    )
    server = Server(address.format(directory=postgres.directory))
    with pytest.raises(StateError) as raised:
        async with open_state(server):
            pass
    assert raised.value.key == "state.unreachable"
    told = "".join(traceback.format_exception(raised.value))
    for shown in (told, repr(server), str(server), f"{State(postgresql.Database(server), None)}"):  # type: ignore[arg-type]
        assert "TopSecret" not in shown
    assert "guarded@" in str(server)


def test_what_is_no_address_is_refused_without_being_shown() -> None:
    for url in ("postgresql://u:Top/Secret@host/x", "mysql://u:TopSecret@h/x", "postgresql://[/x"):
        with pytest.raises(ValueError, match="not an address") as raised:
            Server(url)
        assert "Top" not in "".join(traceback.format_exception(raised.value))


async def test_a_server_that_is_stopped_is_told_and_used_again_when_it_is_back(
    postgres: Cluster, postgres_url: str
) -> None:
    async with open_state(Server(postgres_url)) as state:
        codes = StoredCodes(state)
        await codes.keep({"a": "x"}, NOW + DAY)
        postgres.stop()
        try:
            for _ in range(2):
                with pytest.raises(StateError) as raised:
                    await codes.payload("a", NOW)
                assert raised.value.key in ("state.unreachable", "state.failed")
        finally:
            postgres.start()
        assert await codes.payload("a", NOW) == "x"
        await codes.keep({"b": "y"}, NOW + DAY)


async def test_a_server_that_was_away_while_nobody_asked_is_not_noticed(
    postgres: Cluster, postgres_url: str
) -> None:
    async with open_state(Server(postgres_url)) as state:
        codes = StoredCodes(state)
        await asyncio.gather(*(codes.keep({f"{n}": "x"}, NOW + DAY) for n in range(5)))
        postgres.stop()
        postgres.start()
        found = await asyncio.gather(*(codes.payload(f"{n}", NOW) for n in range(5)))
        assert found == ["x"] * 5


async def test_a_server_that_is_stopped_in_the_middle_of_a_transaction_takes_it_back(
    postgres: Cluster, postgres_url: str
) -> None:
    async with open_state(Server(postgres_url)) as state:
        with pytest.raises(StateError):
            async with state.writing() as connection:
                await locked_fact(connection, "something")
                postgres.stop()
                try:
                    await connection.execute(select(STORED_CODE))
                finally:
                    postgres.start()
        async with state.writing() as connection:
            assert await locked_fact(connection, "something") == ""


async def test_a_server_that_does_not_answer_is_noticed(
    postgres: Cluster, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "QUERY_SECONDS", 0.3)
    monkeypatch.setattr(postgresql, "CONNECT_SECONDS", 0.3)
    async with open_state(Server(postgres_url)) as state:
        codes = StoredCodes(state)
        await codes.keep({"a": "x"}, NOW + DAY)
        postgres.freeze()
        try:
            began = monotonic()
            results = await asyncio.gather(
                *(codes.payload("a", NOW) for _ in range(20)), return_exceptions=True
            )
            assert all(isinstance(result, StateError) for result in results)
            assert monotonic() - began < 5
        finally:
            postgres.thaw()
        assert await codes.payload("a", NOW) == "x"


async def test_who_waits_for_a_lock_for_too_long_is_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.1)
    async with open_state(Server(postgres_url)) as state, state.writing() as connection:
        await locked_fact(connection, "something")
        with pytest.raises(StateError) as raised:
            async with state.writing() as other:
                await locked_fact(other, "something")
        assert raised.value.key == "state.failed"


async def test_who_stops_in_a_transaction_does_not_keep_others_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 0.2)
    async with open_state(Server(postgres_url)) as state:
        with pytest.raises(StateError):
            async with state.writing() as connection:
                await locked_fact(connection, "something")
                async with state.writing() as other:
                    await locked_fact(other, "something")
                await connection.execute(select(STORED_CODE))


async def test_two_that_wait_for_each_other_are_told(postgres_url: str) -> None:
    async with open_state(Server(postgres_url)) as state:
        met = asyncio.Barrier(2)

        async def both(first: str, second: str) -> None:
            async with state.writing() as connection:
                await locked_fact(connection, first)
                await met.wait()
                await locked_fact(connection, second)

        async with state.writing() as connection:
            for name in ("a", "b"):
                await locked_fact(connection, name)
        results = await asyncio.gather(both("a", "b"), both("b", "a"), return_exceptions=True)
        (failed,) = [result for result in results if result is not None]
        assert isinstance(failed, StateError)
        assert failed.key == "state.failed"
        assert "deadlock" in str(failed)


async def test_reading_sees_everything_as_of_one_moment(state: State, another: State) -> None:
    query = select(STORED_CODE.c.key)
    async with state.reading() as connection:
        assert (await connection.scalars(query)).all() == []
        await StoredCodes(another).keep({"a": "x"}, NOW + DAY)
        assert (await connection.scalars(query)).all() == []
    async with state.reading() as connection:
        assert (await connection.scalars(query)).all() == ["a"]
