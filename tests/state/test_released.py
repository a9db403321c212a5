"""States of every released version come through the upgrade with all that they held and meant."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select

from bot.address import Server
from bot.chat.codes import Codes
from bot.errors import StateError
from bot.intent import (
    OpenPost,
    OpenThread,
    Publish,
    Refresh,
    Search,
    ShowComments,
    ShowDigest,
    Stopped,
)
from bot.outbox import Op, Outcome, PostVersion
from bot.subscription import EVERY_DAY, Due, Place, QuietDay, Subscription, Times, Wishes
from bot.view import Action, Effect
from storage.state import database, migrations
from storage.state.backup import back_up
from storage.state.copying import counts, tables_of
from storage.state.database import State, database_at, look_at, open_state, opened
from storage.state.migrations import upgrade
from storage.state.outbox import StoredOutbox
from storage.state.restoring import _put_aside_unusable, restore
from storage.state.stores import stores_of
from storage.state.tables import HEAD
from tests.delivery.rows import claimed, row
from tests.state.released import REVISIONS, Rows, file_of, make, released, values_of
from tests.state.test_restore import missed

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PLACE = Place("discord", "1100000000000000001", "1000000000000000001")
EVERY_REVISION = pytest.mark.parametrize("revision", REVISIONS)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_table_and_column_of_every_version_has_rows(path: Path, revision: str) -> None:
    assert file_of(revision).exists(), f"a state of {revision} as it was released is missing"
    rows = released(revision)
    await make(path, revision)
    async with opened(database_at(path)) as state, state.reading() as connection:
        tables = await tables_of(connection, revision)
    assert {table.name for table in tables} == set(rows)
    for table in tables:
        told = {
            name for each in rows[table.name] for name, value in each.items() if value is not None
        }
        assert told == {column.name for column in table.columns}, table.name


async def held(address: Path | Server, revision: str) -> Rows:
    """All rows of a state of a revision, as it is."""
    async with opened(database_at(address)) as state, state.reading() as connection:
        found: dict[str, list[dict[str, Any]]] = {}
        for table in await tables_of(connection, revision):
            query = select(table).order_by(*table.primary_key.columns)
            rows = (await connection.execute(query)).mappings().all()
            found[table.name] = [dict(each) for each in rows]
    return found


async def written(address: Path | Server, revision: str) -> Rows:
    """All rows of a revision as they were released, with the values that a database has."""
    async with opened(database_at(address)) as state, state.reading() as connection:
        tables = {table.name: table for table in await tables_of(connection, revision)}
    return {
        name: sorted(
            (values_of(tables[name], each) for each in rows),
            key=lambda values: [values[c.name] for c in tables[name].primary_key.columns],
        )
        for name, rows in released(revision).items()
    }


@EVERY_REVISION
async def test_all_rows_are_there_after_the_upgrade(
    address: Path | Server, tmp_path: Path, revision: str
) -> None:
    await make(address, revision)
    before = await written(address, revision)
    assert in_utf8_order(await held(address, revision)) == before
    async with open_state(address, tmp_path / "backups"):
        pass
    after = in_utf8_order(await held(address, HEAD))
    assert {
        name: [{column: each[column] for column in rows[0]} for each in after[name]]
        for name, rows in before.items()
    } == before


def in_utf8_order(rows: Rows) -> Rows:
    """Rows in the order of their keys, which come first; servers know other orders."""
    return {
        name: sorted(found, key=lambda each: [*each.values()][:3]) for name, found in rows.items()
    }


@EVERY_REVISION
async def test_what_the_rows_mean_is_the_same_after_the_upgrade(
    address: Path | Server, tmp_path: Path, revision: str
) -> None:
    await make(address, revision)
    async with open_state(address, tmp_path / "backups") as state:
        stores = stores_of(state)
        # A button that somebody has had since then.
        pressed = await Codes(stores.codes).decode("1o*cVhhTIhieec~FCzsIQ", NOW)
        words = "ローカル LLM を 動かす ための メモリ帯域 と GPU の 選び方 "
        assert pressed == Action(Search(f"{words}{words}tag:GPU -AMD"), Effect.OPEN)
        if "installation" in released(revision):
            assert await stores.installations.workspaces("slack") == ["E0AS553RN", "T024BE7LH"]
            sealed = await stores.installations.sealed("slack", "T024BE7LH")
            assert sealed == "gAAAAABlsealed-of-T024BE7LH"
            events = ["slack:Ev0PV52K21", "discord:1201", "slack:EvNew"]
            assert await stores.handled.take_all(events, NOW + DAY) == {"slack:EvNew"}
        if "subscription" in released(revision):
            await delivery_means_the_same(state)


SUBSCRIPTIONS = [
    Subscription(
        "a1b2c3",
        PLACE,
        Times(time(9, 30), EVERY_DAY, "Asia/Tokyo"),
        Wishes(),
        "900000000000000001",
        NOW - 30 * DAY,
        Due(NOW, date(2026, 3, 2)),
    ),
    Subscription(
        "d4e5f6",
        Place("slack", "T024BE7LH/C0123ABCD", "T024BE7LH"),
        Times(time(18), frozenset({0, 2, 4}), "Europe/Berlin"),
        Wishes(("GPU", "機械学習"), ("仮想通貨",), 3, "en", QuietDay.ARCHIVE, "S777"),
        "T024BE7LH/U999",
        NOW - 20 * DAY,
        Due(NOW + timedelta(hours=8.5), date(2026, 3, 2)),
    ),
    Subscription(
        "g7h8i9",
        Place("discord", "1100000000000000009"),
        Times(time(7, 5), frozenset({5, 6}), "America/New_York"),
        Wishes(posts=10, quiet_day=QuietDay.SKIP),
        "900000000000000009",
        NOW - 10 * DAY,
        None,
        personal=True,
    ),
    Subscription(
        "j0k1l2",
        Place("discord", "1100000000000000002", "1000000000000000001"),
        Times(time(12), EVERY_DAY, "Asia/Tokyo"),
        Wishes(publish=True, role="123"),
        None,
        NOW - 9 * DAY,
        None,
        stopped="forbidden",
    ),
]

COMMENTS = ShowComments("Xk2pQ9aLm0w", 0, 1, 0, 12, 40, headed=True)
SAID = {
    "digest-sent": (Op.POST, ShowDigest("2026-03-01", 1), Outcome.DONE),
    "digest-waits": (Op.POST, ShowDigest("2026-03-02", 1, "archive"), None),
    "thread": (Op.THREAD, OpenThread("GPUのメモリは遅い？"), Outcome.DONE),
    "comments-1": (Op.POST, COMMENTS, None),
    "comments-2": (Op.POST, ShowComments("Xk2pQ9aLm0w", 1, 12, 40, None), None),
    "edit": (Op.EDIT, Refresh("digest-sent"), Outcome.DONE),
    "publish": (Op.PUBLISH, Publish(), None),
    "share": (Op.POST, OpenPost("n3wPost__02"), None),
    "told": (
        Op.TELL,
        Stopped("j0k1l2", "forbidden", "Send Messages", "900000000000000001"),
        None,
    ),
}


async def delivery_means_the_same(state: State) -> None:
    stores, outbox = stores_of(state), StoredOutbox(state)
    every = await stores.subscriptions.every()
    assert sorted(every, key=lambda one: one.id) == SUBSCRIPTIONS
    (change,) = await stores.subscriptions.changes("d4e5f6", 10)
    assert (change.person, change.what) == ("T024BE7LH/U999", "add")
    assert await stores.hidden.all() == {"Xk2pQ9aLm0w": {17}, "b7RtY1uIo3s": {0}}
    assert await stores.seen.revision() == 1772400000
    assert await stores.seen.new_since(NOW - 14 * DAY) == ["n3wPost__02"]
    posts = ["Xk2pQ9aLm0w", "n3wPost__02", "b7RtY1uIo3s"]
    assert await stores.digests.had(PLACE, posts) == {"Xk2pQ9aLm0w", "n3wPost__02"}
    due = await stores.digests.due(["discord", "slack"], NOW, 10)
    assert [one.id for one in due] == ["a1b2c3"]
    found: Mapping[str, Any] = {key: await stores.outbox.row(key) for key in SAID}
    assert {key: (one.op, one.said, one.outcome) for key, one in found.items()} == SAID
    sent = found["digest-sent"]
    assert sent.posts == (
        PostVersion("Xk2pQ9aLm0w", "1:77de"),
        PostVersion("n3wPost__02", "1:0909"),
    )
    message = "1100000000000000001/1300000000000000001"
    assert await stores.outbox.by_reference("discord", message) == sent
    assert [one.key for one in await stores.outbox.on("thread")] == ["comments-1", "comments-2"]
    assert [one.outcome for one in await stores.outbox.history("d4e5f6", 9)] == [Outcome.MISSED]
    # What a program that was stopped had claimed is free when its lease is over, not before.
    ready = {claim.row.key for claim in await claimed(outbox, NOW - timedelta(minutes=59.5))}
    assert "digest-waits" not in ready
    now = NOW + timedelta(minutes=5)
    ready |= {claim.row.key for claim in await claimed(outbox, now)}
    assert ready >= {"digest-waits", "publish", "told", "comments-1"}
    assert "comments-2" not in ready
    # A number that stands on a button is never given again.
    await stores.outbox.put([row("new")], NOW)
    new = await stores.outbox.row("new")
    assert new is not None
    assert new.id == 13
    # Where it was removed from, data are deleted when their time is over.
    assert await stores.upkeep.forget_expired(NOW + 60 * DAY, timedelta(days=365)) > 0


@EVERY_REVISION
async def test_the_backup_before_is_what_the_older_version_had(
    address: Path | Server, tmp_path: Path, revision: str
) -> None:
    """That is what the older version restores: it finds its own schema and its own rows."""
    await make(address, revision)
    before = in_utf8_order(await held(address, revision))
    async with open_state(address, tmp_path / "backups"):
        pass
    if revision == HEAD:
        assert not (tmp_path / "backups").exists()
        file = tmp_path / "backup"
        await back_up(address, file)
    else:
        (file,) = (tmp_path / "backups").iterdir()
    found = await look_at(file)
    assert (found.revision, found.damages) == (revision, [])
    assert in_utf8_order(await held(file, revision)) == before
    # This version restores it as well.
    done = await restore(address, file, NOW - 10 * DAY, missed, replace=True)
    for name, rows in released(revision).items():
        assert done.contents.rows[name] == len(rows)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_the_way_back_to_an_older_version(
    address: Path | Server, tmp_path: Path, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older program is this one, as far as it does not know the later migrations."""
    await make(address, revision)
    async with open_state(address, tmp_path / "backups") as state:
        await stores_of(state).codes.keep({"since then": "x"}, NOW + DAY)
    (file,) = (tmp_path / "backups").iterdir()
    known = set(REVISIONS[: REVISIONS.index(revision) + 1])
    monkeypatch.setattr(migrations, "is_known", known.__contains__)
    monkeypatch.setattr(database, "HEAD", revision)
    with pytest.raises(StateError) as raised:
        async with open_state(address):
            pass
    assert raised.value.key == "state.newer"
    if isinstance(address, Path):
        # What `matome restore --yes` does first.
        aside = await _put_aside_unusable(address)
        assert aside == address.with_name("state.sqlite3.newer-1")
        # On a server the operator names an empty database.
        with pytest.raises(StateError):
            await look_at(aside)
    assert (await look_at(file)).revision == revision
    async with open_state(file) as state, state.reading() as connection:
        tables = await tables_of(connection, revision)
        rows = await counts(connection, tables)
    assert rows == {name: len(rows) for name, rows in released(revision).items()}


def shapes(connection: Connection) -> Mapping[str, Mapping[str, tuple[str, bool, bool]]]:
    """Of each column its type, whether it may be empty, and whether it fills itself."""
    inspector = inspect(connection)
    return {
        name: {
            column["name"]: (
                str(column["type"]),
                column["nullable"],
                column["default"] is not None,
            )
            for column in inspector.get_columns(name)
        }
        for name in inspector.get_table_names()
    }


def refusals(connection: Connection) -> Mapping[str, set[str]]:
    """What each table refuses: names of its unique keys, foreign keys and checks."""
    inspector = inspect(connection)
    return {
        name: {
            str(found["name"])
            for found in [
                *inspector.get_unique_constraints(name),
                *inspector.get_foreign_keys(name),
                *inspector.get_check_constraints(name),
                *(index for index in inspector.get_indexes(name) if index["unique"]),
            ]
        }
        for name in inspector.get_table_names()
    }


async def test_migrations_only_add(address: Path | Server) -> None:
    """So an older program that runs beside goes on: all that it reads and writes is as it was."""
    kind = database_at(address)
    await kind.prepare()
    async with opened(kind, wholesale=True) as state:
        before: Mapping[str, Mapping[str, tuple[str, bool, bool]]] = {}
        refused: Mapping[str, set[str]] = {}
        for revision in REVISIONS:
            async with state.writing() as connection:
                await connection.run_sync(upgrade, revision)
                after = await connection.run_sync(shapes)
                refuses = await connection.run_sync(refusals)
            for table, columns in before.items():
                assert after[table].items() >= columns.items(), f"{revision} changes {table}"
                for name in after[table].keys() - columns.keys():
                    _, may_be_empty, fills_itself = after[table][name]
                    assert may_be_empty or fills_itself, f"{revision} needs {table}.{name}"
                assert refuses[table] <= refused[table], f"{revision} refuses more in {table}"
            before, refused = after, refuses
