"""What is deleted when its time is over, and what is kept for a workspace that may return."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.chat.threads import thread_of
from bot.intent import ShowComments
from bot.outbox import Op, delivery_key
from bot.stores import Upkeep
from bot.subscription import Due
from storage.state.codes import StoredCodes
from storage.state.database import State, open_state
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import (
    OUTBOX,
    OUTBOX_POST,
    PACE,
    SUBSCRIPTION_CHANGE,
    WORKSPACE,
)
from storage.state.upkeep import StoredUpkeep
from tests.state.samples import (
    DAY,
    DIRECT,
    GENERAL,
    HOUR,
    MADE,
    NEXT,
    NOW,
    had,
    note_had,
    outcomes,
    put_row,
    rows_of,
    subscription,
)

KEEP = 30 * DAY
LONG_AGO = NOW - 31 * DAY
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def upkeep(state: State) -> Upkeep:
    """Of a new state."""
    return StoredUpkeep(state)


async def test_expired_codes_go(upkeep: Upkeep, state: State) -> None:
    await StoredCodes(state).keep({"old": "x"}, NOW)
    await StoredCodes(state).keep({"new": "y"}, NOW + MOMENT)
    assert await upkeep.forget_expired(NOW, KEEP) == 1
    assert await upkeep.forget_expired(NOW, KEEP) == 0
    assert await StoredCodes(state).payload("new", NOW) == "y"


async def test_of_old_rows_stays_what_must_not_be_made_again(upkeep: Upkeep, state: State) -> None:
    done: dict[str, Any] = {"outcome": "done", "done_at": LONG_AGO, "posts": ["a"]}
    gone: dict[str, Any] = {**done, "outcome": "gone", "cause": "why"}
    for op in Op:
        await put_row(state, f"{op.value} done", op=op, **done)
        await put_row(state, f"{op.value} gone", op=op, **gone)
    await put_row(state, "digest done", subscription="s1", **done)
    await put_row(state, "digest gone", subscription="s1", **gone)
    await put_row(state, "open", created_at=LONG_AGO, cause="why")
    await put_row(state, "lately", outcome="missed", done_at=NOW - KEEP, cause="why")
    assert await upkeep.forget_expired(NOW, KEEP) == 6
    assert await outcomes(state) == {
        "post done": "done",
        "post gone": "gone",
        "thread done": "done",
        "thread gone": "gone",
        "digest done": "done",
        "publish done": "done",
        "open": None,
        "lately": "missed",
    }
    kept = {row["key"]: row["cause"] for row in await rows_of(state, OUTBOX)}
    assert kept["post gone"] is kept["thread gone"] is None
    assert kept["open"] == kept["lately"] == "why"
    assert len(await rows_of(state, OUTBOX_POST)) == 6


async def test_messages_that_stay_are_not_even_looked_at(path: Path) -> None:
    async with open_state(path) as state:
        statements: list[tuple[str, Any]] = []

        def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
            statements.append((statement, values))

        event.listen(state.engine.sync_engine, "before_cursor_execute", note)
        await StoredUpkeep(state).forget_expired(NOW, KEEP)
        event.remove(state.engine.sync_engine, "before_cursor_execute", note)
        plans: list[str] = []
        async with state.reading() as connection:
            for statement, values in statements:
                if re.match("(DELETE FROM|UPDATE) outbox ", statement):
                    steps = await connection.exec_driver_sql(
                        f"EXPLAIN QUERY PLAN {statement}", values
                    )
                    plans += [step.detail for step in steps if " outbox " in step.detail]
    used = [plan.split("INDEX ")[1] for plan in plans]
    assert used == [
        f"ix_outbox_{name} (done_at<?)" for name in ("makes_nothing", *["not_done"] * 2)
    ]


async def test_a_thread_that_took_the_place_of_one_that_was_deleted_is_the_thread_still(
    upkeep: Upkeep, state: State
) -> None:
    first, second = delivery_key("thread", "m"), delivery_key("thread", "m", 1)
    ended: dict[str, Any] = {"done_at": LONG_AGO, "said": ShowComments("a", 0, 1, 0, None)}
    for thread, outcome in ((first, "gone"), (second, "done")):
        await put_row(state, thread, op=Op.THREAD, outcome="done", **ended)
        await put_row(state, f"in {thread}", on_key=thread, outcome=outcome, **ended)
    await upkeep.forget_expired(NOW, KEEP)
    assert (await thread_of(StoredOutbox(state), "m")).key == second


async def test_old_changes_and_paces_go(upkeep: Upkeep, state: State) -> None:
    subscriptions = StoredSubscriptions(state)
    await subscriptions.add(replace(MADE, created_at=LONG_AGO), "alice", 50)
    await subscriptions.change(MADE, "alice", "edit", "", NOW - KEEP)
    async with state.writing() as connection:
        for scope, free_at in (("old", NOW - DAY - MOMENT), ("new", NOW - DAY)):
            await connection.execute(PACE.insert().values(scope=scope, free_at=free_at))
    assert await upkeep.forget_expired(NOW, KEEP) == 2
    assert [row["what"] for row in await rows_of(state, SUBSCRIPTION_CHANGE)] == ["edit"]
    assert [row["scope"] for row in await rows_of(state, PACE)] == ["new"]
    assert len(await subscriptions.every()) == 1


async def test_nothing_is_sent_where_the_bot_was_removed(upkeep: Upkeep, state: State) -> None:
    subscriptions = StoredSubscriptions(state)
    elsewhere = subscription("e", replace(GENERAL, target="C9", workspace="G9"))
    for one in (MADE, elsewhere):
        await subscriptions.add(one, "alice", 50)
    await put_row(state, "sent", outcome="done")
    await put_row(state, "waits")
    await put_row(state, "hangs", target=None, after_key="waits", on_key="waits")
    await put_row(state, "elsewhere", target="C9", workspace="G9")
    await put_row(state, "shared", target="C2", workspace="G1")
    await upkeep.workspace_removed("discord", "G1", NOW)
    assert await subscriptions.every() == [elsewhere, replace(MADE, due=None)]
    assert await outcomes(state) == {
        "sent": "done",
        "waits": "dropped",
        "hangs": "dropped",
        "elsewhere": None,
        "shared": "dropped",
    }


async def test_a_workspace_that_returns_goes_on_but_not_what_somebody_paused(
    upkeep: Upkeep, state: State
) -> None:
    subscriptions = StoredSubscriptions(state)
    paused = subscription("p", due=None)
    for one in (MADE, paused):
        await subscriptions.add(one, "alice", 50)
    for _ in range(2):
        await upkeep.workspace_removed("discord", "G1", NOW)
    await upkeep.workspace_returned("discord", "G1", NOW + DAY)
    assert await subscriptions.every() == [paused, MADE]
    assert await rows_of(state, WORKSPACE) == []
    # What happens twice or was never noted does nothing.
    await subscriptions.change(replace(MADE, due=None), "alice", "pause", "", NOW)
    await upkeep.workspace_returned("discord", "G1", NOW + DAY)
    assert [one.due for one in await subscriptions.every()] == [None, None]


async def test_what_was_due_meanwhile_is_late_when_the_workspace_returns(
    upkeep: Upkeep, state: State
) -> None:
    subscriptions = StoredSubscriptions(state)
    # The clocks are turned between the two days.
    winter = Due(datetime(2026, 3, 7, 14, 30, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC).date())
    times = replace(MADE.times, zone="America/New_York")
    await subscriptions.add(replace(MADE, times=times, due=winter), "alice", 50)
    await upkeep.workspace_removed("discord", "G1", winter.at - HOUR)
    await upkeep.workspace_returned("discord", "G1", winter.at + 3 * DAY)
    assert (await subscriptions.every())[0].due == winter


async def test_one_that_was_stopped_stays_so(upkeep: Upkeep, state: State) -> None:
    subscriptions = StoredSubscriptions(state)
    await subscriptions.add(replace(MADE, stopped="gone"), "alice", 50)
    await upkeep.workspace_removed("discord", "G1", NOW)
    await upkeep.workspace_returned("discord", "G1", NOW)
    assert (await subscriptions.every())[0].due is None


async def test_the_data_of_a_workspace_are_deleted_after_a_while(
    upkeep: Upkeep, state: State
) -> None:
    subscriptions = StoredSubscriptions(state)
    elsewhere = subscription("e", replace(GENERAL, target="C9", workspace="G9"))
    personal = subscription("p", DIRECT, personal=True)
    for one in (MADE, elsewhere, personal):
        await subscriptions.add(one, "alice", 50)
        await note_had(state, one.place, ["a"])
        await put_row(state, one.id, target=one.place.target, outcome="done", posts=["a"])
    await put_row(state, "thread", op=Op.THREAD, target=None, on_key="s1", outcome="done")
    await put_row(state, "comments", target="T1", on_key="thread", outcome="done")
    # What was shared where there never was a digest, and what is left of one that was removed.
    for key, target in (("shared", "C2"), ("removed", "C3")):
        await put_row(state, key, target=target, workspace="G1", outcome="done", posts=["a"])
    await put_row(state, "under it", op=Op.THREAD, target=None, workspace="G1", outcome="done")
    await put_row(state, "in that", target="T2", on_key="under it", outcome="done")
    await note_had(state, replace(GENERAL, target="C3"), ["a"])
    await upkeep.workspace_removed("discord", "G1", NOW)
    assert await upkeep.forget_expired(NOW + 14 * DAY - MOMENT, KEEP) == 0
    await upkeep.workspace_returned("discord", "G2", NOW)
    assert await upkeep.forget_expired(NOW + 14 * DAY, KEEP) == 1
    assert await subscriptions.every() == [elsewhere, personal]
    assert await had(state) == {("C9", "a"), ("D1", "a")}
    assert set(await outcomes(state)) == {"e", "p"}
    assert {row["subscription"] for row in await rows_of(state, SUBSCRIPTION_CHANGE)} == {"e", "p"}
    assert await rows_of(state, WORKSPACE) == []


async def test_who_adds_a_digest_is_there_again(upkeep: Upkeep, state: State) -> None:
    subscriptions = StoredSubscriptions(state)
    await subscriptions.add(MADE, "alice", 50)
    await upkeep.workspace_removed("discord", "G1", NOW)
    await subscriptions.add(subscription("b"), "alice", 50)
    assert await upkeep.forget_expired(NOW + 15 * DAY, KEEP) == 0
    assert [one.due for one in await subscriptions.every()] == [NEXT, NEXT]
