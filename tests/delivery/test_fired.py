"""Digests as rows of the outbox: fired once, missed, and what they had."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.outbox import Op, Outcome, Result
from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import OUTBOX
from tests.delivery.rows import claimed, done, keys, row, showing
from tests.state.samples import DAY, GENERAL, MADE, NEXT, NOW, had, outcomes

SECOND = timedelta(seconds=1)


async def test_a_digest_is_fired_once(digests: StoredDigests, another: State) -> None:
    stores = [digests, StoredDigests(another)]
    assert await digests.due(["discord"], NEXT.at - SECOND, 10) == []
    assert await digests.next_due(["discord", "slack"]) == NEXT.at
    assert await digests.next_due(["slack"]) is None
    (due,) = await digests.due(["discord"], NEXT.at, 10)
    assert due == MADE
    following = replace(NEXT, at=NEXT.at + DAY)
    rows = [row("d", posts=showing("p", "q"), subscription="s1", due_at=NEXT.at)]
    fired = await asyncio.gather(
        *(store.fire(due, following, rows, NEXT.at) for store in stores for _ in range(3))
    )
    assert sorted(fired) == [False] * 5 + [True]
    assert await digests.next_due(["discord"]) == following.at
    assert await digests.had(GENERAL, ["p", "q", "r"]) == {"p", "q"}
    (kept,) = await StoredOutbox(another).history("s1", 10)
    assert (kept.key, kept.due_at, kept.posts) == ("d", NEXT.at, showing("p", "q"))


async def test_a_post_that_came_meanwhile_takes_a_digest_back(
    digests: StoredDigests, state: State
) -> None:
    assert await digests.send_now(GENERAL, [row("now", posts=showing("q"), subscription="s1")], NOW)
    rows = [row("d", posts=showing("p", "q"), subscription="s1")]
    assert not await digests.send_now(GENERAL, rows, NOW)
    assert not await digests.fire(MADE, None, rows, NEXT.at)
    assert await had(state) == {("C1", "q")}
    assert await outcomes(state) == {"now": None}
    assert await digests.next_due(["discord"]) == NEXT.at
    assert await digests.fire(MADE, None, [], NEXT.at)
    assert await digests.next_due(["discord"]) is None


async def test_a_digest_that_was_missed_is_kept_and_had_by_nobody(
    digests: StoredDigests, state: State
) -> None:
    rows = [row("d", posts=showing("p"), subscription="s1")]
    assert await digests.fire(MADE, NEXT, rows, NOW, outcome=Outcome.MISSED)
    assert await had(state) == set()
    (kept,) = await StoredOutbox(state).history("s1", 10)
    assert (kept.outcome, kept.done_at) == (Outcome.MISSED, NOW)
    assert await keys(StoredOutbox(state)) == []


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.FORBIDDEN])
async def test_a_digest_that_can_be_posted_nowhere_stops_and_tells(
    digests: StoredDigests, outbox: StoredOutbox, state: State, outcome: Outcome
) -> None:
    rows = [
        row("d", posts=showing("p"), subscription="s1"),
        row("pub", op=Op.PUBLISH, target=None, on_key="d", subscription="s1"),
    ]
    await digests.fire(MADE, NEXT, rows, NOW)
    (claim,) = await claimed(outbox)
    told = Result(claim, outcome, then=[row("told", op=Op.TELL)])
    await outbox.settle([told], NOW)
    await outbox.settle([told], NOW)
    subscriptions = StoredSubscriptions(state)
    stopped = await subscriptions.get("s1")
    assert stopped is not None
    assert (stopped.due, stopped.stopped) == (None, outcome.value)
    changes = await subscriptions.changes("s1", 10)
    assert [(change.what, change.person) for change in changes] == [
        ("stop", None),
        ("add", "alice"),
    ]
    assert await outcomes(state) == {"d": outcome.value, "pub": "dropped", "told": None}
    assert await had(state) == set()


async def test_what_was_given_up_and_came_all_the_same_was_had(
    digests: StoredDigests, outbox: StoredOutbox, state: State
) -> None:
    await digests.fire(MADE, NEXT, [row("d", posts=showing("p"), subscription="s1")], NOW)
    (claim,) = await claimed(outbox)
    await outbox.settle([Result(claim, Outcome.MISSED)], NOW)
    assert await had(state) == set()
    await outbox.settle([done(claim)], NOW)
    assert await had(state) == {("C1", "p")}
    assert await outcomes(state) == {"d": "done"}


async def test_what_became_of_a_row_says_nothing_about_another_of_its_number(
    outbox: StoredOutbox, state: State
) -> None:
    """As where a backup of another state was restored while a row was being sent."""
    await outbox.put([row("a")], NOW)
    (claim,) = await claimed(outbox)
    async with state.writing() as connection:
        await connection.execute(update(OUTBOX).values(key="b", tries=0, lease_until=None))
    await outbox.settle([Result(claim, Outcome.DONE, reference="m1")], NOW)
    assert await keys(outbox) == ["b"]
