"""What is to be sent, and what is due and not begun, counted for whoever watches."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.outbox import Outcome
from bot.stores import Backlog
from bot.subscription import Place
from storage.state import counting
from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from tests.state.samples import HOUR, NEXT, NOW, put_row, subscription

MINUTE = timedelta(minutes=1)
SLACK = Place("slack", "T1/C1", "T1")


async def test_nothing_is_to_be_sent(state: State) -> None:
    assert await StoredOutbox(state).backlog(["slack"], NOW) == [Backlog("slack")]
    assert not await StoredDigests(state).overdue(NOW)


async def test_rows_are_counted_by_whether_they_may_be_sent(state: State) -> None:
    for number in range(3):
        await put_row(state, f"ready{number}", ready_at=NOW - (number + 1) * MINUTE)
    await put_row(state, "now", ready_at=NOW)
    await put_row(state, "later", ready_at=NOW + MINUTE)
    await put_row(state, "blocked", ready_at=None)
    await put_row(state, "done", ready_at=NOW - HOUR, outcome=Outcome.DONE.value, done_at=NOW)
    await put_row(state, "elsewhere", platform="slack", ready_at=None)
    await put_row(state, "asked", priority=0, ready_at=NOW - 2 * MINUTE)
    assert await StoredOutbox(state).backlog(["discord", "slack"], NOW) == [
        Backlog("discord", 5, 1, 1, NOW - 3 * MINUTE),
        Backlog("slack", 0, 0, 1, None),
    ]


async def test_the_longest_due_digest_of_each_platform_is_known(state: State) -> None:
    subscriptions, digests = StoredSubscriptions(state), StoredDigests(state)
    for name, place in (("a", SLACK), ("b", SLACK), ("c", SLACK)):
        await subscriptions.add(subscription(name, place), None, 10)
    due = NEXT.at
    assert not await digests.overdue(due - MINUTE)
    assert await digests.overdue(due) == {"slack": due}
    paused = subscription("a", SLACK)
    for name in "abc":
        paused = subscription(name, SLACK, due=None)
        await subscriptions.change(paused, None, "pause", "", NOW)
    assert not await digests.overdue(due)


async def test_many_are_not_counted_further_than_needed(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    for number in range(4):
        await put_row(state, f"ready{number}", ready_at=NOW - number * MINUTE)
    assert await StoredOutbox(state).backlog(["discord"], NOW) == [
        Backlog("discord", 2, 0, 0, NOW - 3 * MINUTE)
    ]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_rows_are_found_by_the_index(state: State) -> None:
    asked = counting.statement("discord", NOW).compile(
        dialect=state.engine.dialect, compile_kwargs={"literal_binds": True}
    )
    async with state.reading() as connection:
        steps = await connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))
        plan = [step.detail for step in steps]
    looks = [detail for detail in plan if "outbox" in detail]
    assert looks
    for detail in looks:
        assert "USING INDEX ix_outbox_open (platform=? AND priority=? AND ready_at" in detail
