"""The tables of the state: made by migrations as the program takes them to be, and explained."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, insert, inspect, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError

from bot.address import Server
from storage.state.database import State, open_state
from storage.state.migrations import is_known, scripts
from storage.state.tables import HEAD, METADATA, STORED_CODE, UtcDateTime


def test_the_newest_migration_is_the_one_that_the_program_expects() -> None:
    assert scripts().get_heads() == [HEAD]
    assert is_known(HEAD)
    assert not is_known("9999")


async def test_migrations_make_the_tables_that_the_program_takes_them_to_be(state: State) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with state.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrated_constraints_have_the_names_that_later_migrations_expect(
    state: State,
) -> None:
    """Of keys these are not compared by Alembic."""

    def names(connection: Connection) -> set[tuple[str, str | None]]:
        inspector = inspect(connection)
        return {
            (table, inspector.get_pk_constraint(table)["name"])
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }

    async with state.reading() as connection:
        found = await connection.run_sync(names)
    # SQLite counts upwards only in keys that have no name.
    nameless = state.engine.dialect.name == "sqlite"
    assert found == {
        (
            table.name,
            None if nameless and table.autoincrement_column is not None else f"pk_{table.name}",
        )
        for table in METADATA.tables.values()
    }


async def test_comments_are_kept_with_the_data(postgres_url: str) -> None:
    def comments(connection: Connection) -> dict[str, list[str | None]]:
        inspector = inspect(connection)
        return {
            table: [
                inspector.get_table_comment(table)["text"],
                *(column["comment"] for column in inspector.get_columns(table)),
            ]
            for table in METADATA.tables
        }

    async with open_state(Server(postgres_url)) as state, state.reading() as connection:
        assert await connection.run_sync(comments) == {
            table.name: [table.comment, *(column.comment for column in table.columns)]
            for table in METADATA.tables.values()
        }


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_every_table_and_column_has_a_comment(table: Table) -> None:
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []


JAPAN = timezone(timedelta(hours=9))


async def test_times_come_back_in_utc_whatever_zone_they_had(state: State) -> None:
    when = datetime(2025, 6, 10, 8, 59, 45, 123456, tzinfo=JAPAN)
    async with state.writing() as connection:
        await connection.execute(insert(STORED_CODE).values(key="a", payload="b", expires_at=when))
    async with state.reading() as connection:
        kept = (await connection.execute(select(STORED_CODE.c.expires_at))).scalar_one()
    assert kept == when
    assert kept.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(state: State) -> None:
    naive = datetime(2025, 6, 10)  # noqa: DTZ001
    with pytest.raises(StatementError, match="a time without a zone"):
        async with state.writing() as connection:
            await connection.execute(
                insert(STORED_CODE).values(key="a", payload="b", expires_at=naive)
            )


def test_times_of_postgresql_are_turned_into_utc() -> None:
    kind = UtcDateTime()
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    given = datetime(2025, 6, 10, 9, tzinfo=JAPAN)
    for time in (
        kind.process_result_value(given, dialect),
        kind.process_bind_param(given, dialect),
    ):
        assert time == given
        assert time.tzinfo is UTC
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None
    assert "WITH TIME ZONE" in kind.compile(dialect=dialect)
