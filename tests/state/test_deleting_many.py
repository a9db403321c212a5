"""Deleting where the outbox is large: by indexes, some rows at a time, each place for itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.errors import StateError
from bot.intent import Stopped
from bot.outbox import Op
from bot.subscription import Place
from storage.state import workspaces
from storage.state.codes import StoredCodes
from storage.state.database import State
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import OUTBOX, WORKSPACE
from storage.state.upkeep import GRACE, StoredUpkeep
from tests.state.samples import DAY, NOW, note_had, outcomes, put_row, rows_of, subscription

KEEP = 365 * DAY
MANY = 4000

# Messages of other servers, as a large installation has them: each with an edit.
OTHERS = """
WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :many)
INSERT INTO outbox (key, platform, op, said, language, target, message, on_key, after_key,
  workspace, reference, created_at, ready_at, deadline, priority, wish, tries, outcome,
  done_at)
SELECT 'other' || n, 'discord', CASE n % 2 WHEN 0 THEN 'post' ELSE 'edit' END, '{}', 'ja',
  CASE n % 2 WHEN 0 THEN 'other' || n END, CASE n % 2 WHEN 1 THEN 'other' || n END,
  CASE n % 2 WHEN 1 THEN 'other' || (n - 1) END, CASE n % 2 WHEN 1 THEN 'other' || (n - 1) END,
  CASE n % 2 WHEN 0 THEN 'other' || n / 20 END, 'other/' || n,
  created_at, ready_at, deadline, 1, 1, 1, 'done', created_at
FROM counted, outbox WHERE key = 'pattern'
"""


async def fill_up(state: State) -> None:
    """Many rows of others, of which the database knows how many they are."""
    await put_row(state, "pattern", outcome="done", done_at=NOW)
    async with state.writing() as connection:
        await connection.execute(text(OTHERS), {"many": MANY})
        await connection.execute(text("ANALYZE"))


@contextmanager
def noted(state: State) -> Iterator[list[tuple[str, Any]]]:
    """The statements about the outbox that are executed within, with their values."""
    statements: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        if re.search(r"\boutbox\b", statement) and not statement.startswith("INSERT"):
            statements.append((statement, values))

    event.listen(state.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(state.engine.sync_engine, "before_cursor_execute", note)


async def scans(state: State, statements: list[tuple[str, Any]]) -> list[str]:
    """The steps of statements that look through the whole outbox."""
    explain = "EXPLAIN QUERY PLAN" if state.engine.dialect.name == "sqlite" else "EXPLAIN"
    found = []
    async with state.reading() as connection:
        for statement, values in statements:
            steps = await connection.exec_driver_sql(f"{explain} {statement}", values)
            plan = [str(step[-1]) for step in steps]
            if any(re.search(r"(SCAN|Seq Scan on) outbox(?!_post)", step) for step in plan):
                found.append("\n".join((statement, *plan)))
    return found


async def a_server(state: State, name: str) -> None:
    """A server with a digest, whose messages have edits and threads."""
    place = Place("discord", f"{name}-C", name)
    done: dict[str, Any] = {"outcome": "done", "done_at": NOW}
    await StoredSubscriptions(state).add(subscription(name, place), "alice", 50)
    await note_had(state, place, ["a"])
    for number in range(3):
        key, message = f"{name} {number}", f"{name}-C/{number}"
        where: dict[str, Any] = {"target": place.target, "workspace": name, "reference": message}
        await put_row(state, key, subscription=name, **where, **done)
        await put_row(state, f"{key} edit", op=Op.EDIT, target=None, message=message, **done)
        await put_row(state, f"{key} thread", op=Op.THREAD, target=None, on_key=key, **done)
        await put_row(state, f"{key} in it", on_key=f"{key} thread", target=f"T{key}", **done)


async def test_nothing_is_looked_through_for_what_is_deleted(state: State) -> None:
    await a_server(state, "left")
    personal = subscription("p", Place("discord", "D-ann"), personal=True, creator="ann")
    await StoredSubscriptions(state).add(personal, "ann", 50)
    await put_row(state, "sent", target="D-ann", reference="D-ann/1", outcome="done", done_at=NOW)
    told = Stopped("left", "gone", person="ann")
    await put_row(state, "told", op=Op.TELL, said=told, outcome="done", reference="D-ann/2")
    await fill_up(state)
    before = len(await outcomes(state))
    upkeep = StoredUpkeep(state)
    with noted(state) as statements:
        await upkeep.workspace_removed("discord", "left", NOW)
        await upkeep.forget_expired(NOW + GRACE, KEEP)
        await StoredSubscriptions(state).forget_person("discord", "ann", "D-ann")
    assert len(await outcomes(state)) == before - 13
    assert statements
    assert await scans(state, statements) == []


async def test_years_of_a_place_are_deleted_some_at_a_time(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "BATCH", 2)
    for name in ("left", "stays"):
        await a_server(state, name)
    upkeep = StoredUpkeep(state)
    await upkeep.workspace_removed("discord", "left", NOW)
    assert await upkeep.forget_expired(NOW + GRACE, KEEP) == 1
    assert {key.partition(" ")[0] for key in await outcomes(state)} == {"stays"}
    assert len(await outcomes(state)) == 12


REFUSE = {
    "sqlite": [
        "CREATE TRIGGER refuse BEFORE DELETE ON outbox WHEN old.workspace = 'first'"
        " BEGIN SELECT json('no JSON'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'refused' USING ERRCODE = '57014'; END $$",
        "CREATE TRIGGER refuse BEFORE DELETE ON outbox FOR EACH ROW"
        " WHEN (old.workspace = 'first') EXECUTE FUNCTION refuse()",
    ],
}


async def test_what_cannot_be_deleted_keeps_nothing_else_from_it(state: State) -> None:
    upkeep = StoredUpkeep(state)
    for number, name in enumerate(("first", "second")):
        await a_server(state, name)
        await upkeep.workspace_removed("discord", name, NOW + number * timedelta(seconds=1))
    await StoredCodes(state).keep({"old": "x"}, NOW)
    async with state.writing() as connection:
        for statement in REFUSE[state.engine.dialect.name]:
            await connection.exec_driver_sql(statement)
    with pytest.raises(StateError):
        await upkeep.forget_expired(NOW + GRACE + DAY, KEEP)
    assert await StoredCodes(state).payload("old", NOW - DAY) is None
    assert [row["workspace"] for row in await rows_of(state, WORKSPACE)] == ["first"]
    left = await rows_of(state, OUTBOX)
    assert len(left) == 12
    assert {row["key"].partition(" ")[0] for row in left} == {"first"}
