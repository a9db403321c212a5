"""The outbox in the state: each row once, in order, at the platform's pace."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.intent import Refresh
from bot.outbox import Op, Outcome, Result
from storage.state.claiming import ready
from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import OUTBOX
from tests.delivery.rows import LEASE, PACE, claimed, do_all, done, keys, row, showing
from tests.state.samples import DAY, GENERAL, HOUR, MADE, NOW, had, outcomes

SECOND = timedelta(seconds=1)


async def test_a_row_is_written_once(outbox: StoredOutbox) -> None:
    assert await outbox.put([row("a"), row("b", posts=showing("p"))], NOW) == {"a", "b"}
    assert await outbox.put([row("b", language="en"), row("c")], NOW) == {"c"}
    assert await keys(outbox) == ["a", "b", "c"]
    found = await outbox.row("b")
    assert found is not None
    assert (found.language, found.posts, found.created_at) == ("ja", showing("p"), NOW)
    assert await outbox.by_id(found.id) == found


async def test_two_that_write_the_same_at_once_write_it_once(
    outbox: StoredOutbox, another: State
) -> None:
    rows = [
        row(f"k{number}", after_key=f"k{number - 1}" if number else None) for number in range(9)
    ]
    new = await asyncio.gather(
        *(StoredOutbox(another).put(rows, NOW) for _ in range(5)),
        *(outbox.put(rows, NOW) for _ in range(5)),
    )
    assert sum(map(len, new)) == 9
    assert await do_all(outbox) == [f"k{number}" for number in range(9)]


async def test_what_is_claimed_is_not_claimed_again_before_its_lease_ends(
    outbox: StoredOutbox, another: State
) -> None:
    await outbox.put([row("a")], NOW)
    (claim,) = await claimed(outbox)
    assert claim.row.tries == 1
    assert claim.lease_until == claim.slot + LEASE
    assert await keys(StoredOutbox(another)) == []
    assert await keys(outbox, NOW + LEASE - SECOND) == []
    (again,) = await claimed(outbox, NOW + LEASE + SECOND)
    assert again.row.tries == 2


async def test_two_workers_share_what_is_there(outbox: StoredOutbox, another: State) -> None:
    await outbox.put([row(f"k{number}") for number in range(40)], NOW)
    found = await asyncio.gather(
        *(keys(store, count=4) for store in [outbox, StoredOutbox(another)] * 5)
    )
    together = [key for part in found for key in part]
    assert sorted(together) == sorted(f"k{number}" for number in range(40))


async def test_an_older_claim_changes_nothing_except_that_what_is_done_is_done(
    outbox: StoredOutbox,
) -> None:
    await outbox.put([row("a"), row("b", after_key="a")], NOW)
    (first,) = await claimed(outbox)
    later = NOW + LEASE + SECOND
    (second,) = await claimed(outbox, later)
    then = [row("then")]
    for outcome in (Outcome.MISSED, Outcome.GONE, None):
        await outbox.settle([Result(first, outcome, again_at=later, then=then)], later)
    assert (await outcomes(outbox._state)) == {"a": None, "b": None}
    await outbox.settle([done(first)], later)
    await outbox.settle([Result(second, Outcome.FORBIDDEN)], later)
    assert (await outcomes(outbox._state)) == {"a": "done", "b": None}
    assert await keys(outbox, later) == ["b"]


async def test_a_claim_that_is_given_back_was_never_made(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    (claim,) = await claimed(outbox)
    await outbox.settle([Result(claim, untried=True, again_at=NOW + SECOND)], NOW)
    assert await keys(outbox) == []
    (again,) = await claimed(outbox, NOW + SECOND)
    assert again.row.tries == 1
    # The first one is over, though both were the first try.
    await outbox.settle([Result(claim, Outcome.MISSED)], NOW)
    assert (await outcomes(outbox._state)) == {"a": None}


async def test_a_chain_goes_on_in_order_with_the_reference(outbox: StoredOutbox) -> None:
    rows = [
        row("share"),
        row("thread", op=Op.THREAD, target=None, on_key="share", after_key="share"),
        *(
            row(
                f"c{number}",
                target=None,
                on_key="thread",
                after_key=f"c{number - 1}" if number else "thread",
            )
            for number in range(5)
        ),
    ]
    await outbox.put(rows, NOW)
    assert await do_all(outbox) == ["share", "thread", *(f"c{number}" for number in range(5))]
    thread = await outbox.row("thread")
    assert thread is not None
    assert (thread.message, thread.target) == ("ref-share", None)
    chain = await outbox.on("thread")
    assert [(each.target, each.outcome) for each in chain] == [("ref-thread", Outcome.DONE)] * 5
    assert await outbox.by_reference("discord", "ref-thread") == thread
    assert await outbox.by_reference("slack", "ref-thread") is None


async def test_what_follows_something_done_goes_at_once(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    await outbox.put([row("t", op=Op.THREAD, target=None, on_key="a")], NOW)
    (claim,) = await claimed(outbox, NOW + SECOND)
    assert claim.row.message == "ref-a"


async def test_what_stands_on_a_row_waits_for_it_even_if_nothing_else_is_said(
    outbox: StoredOutbox,
) -> None:
    await outbox.put([row("a"), row("p", op=Op.PUBLISH, target=None, on_key="a")], NOW)
    assert await do_all(outbox) == ["a", "p"]


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.DONE])
async def test_what_fails_drops_all_that_hangs_on_it(
    outbox: StoredOutbox, outcome: Outcome
) -> None:
    await outbox.put(
        [
            row("a"),
            row("other"),
            *(row(f"c{n}", after_key=f"c{n - 1}" if n else "a") for n in range(50)),
        ],
        NOW,
    )
    claim = (await claimed(outbox))[0]
    await outbox.settle([Result(claim, outcome, cause="so")], NOW)
    ended = await outcomes(outbox._state)
    assert ended.pop("a") == outcome.value
    assert ended.pop("other") is None
    assert set(ended.values()) == {"dropped"}
    # Whoever comes later is dropped as well, and what hangs on that.
    await outbox.put([row("late", after_key="c7"), row("later", after_key="late")], NOW)
    ended = await outcomes(outbox._state)
    assert (ended["late"], ended["later"]) == ("dropped", "dropped")


@pytest.mark.parametrize("above", ["done", "failed"])
async def test_what_fails_is_said_in_the_message_above_if_that_is_there(
    outbox: StoredOutbox, above: str
) -> None:
    edit = {"op": Op.EDIT, "said": Refresh("m"), "target": None}
    rows = [
        row("m"),
        row("t", op=Op.THREAD, target=None, on_key="m"),
        row("c0", target=None, on_key="t", after_key="t"),
        row("c1", target=None, on_key="t", after_key="c0"),
        row("e", on_key="m", after_key="c1", deadline=NOW, **edit),
    ]
    await outbox.put(rows, NOW)
    for key in ("m", "t", "c0") if above == "done" else ():
        (claim,) = await claimed(outbox)
        assert claim.row.key == key
        outcome = Outcome.MISSED if key == "c0" else Outcome.DONE
        await outbox.settle([done(claim, outcome=outcome)], NOW)
    if above == "failed":
        (claim,) = await claimed(outbox)
        await outbox.settle([Result(claim, Outcome.GONE)], NOW)
    ended = await outcomes(outbox._state)
    assert ended["c1"] == "dropped"
    if above == "failed":
        assert ended["e"] == "dropped"
        return
    (claim,) = await claimed(outbox)
    assert (claim.row.key, claim.row.message) == ("e", "ref-m")
    assert claim.row.deadline == NOW + HOUR


async def test_a_row_that_is_put_while_the_one_before_is_settled_is_not_forgotten(
    outbox: StoredOutbox, another: State
) -> None:
    for number in range(20):
        before, after = f"a{number}", f"b{number}"
        await outbox.put([row(before)], NOW)
        (claim,) = await claimed(outbox, NOW + number * DAY)
        await asyncio.gather(
            outbox.settle([done(claim)], NOW),
            StoredOutbox(another).put([row(after, target=None, on_key=before)], NOW),
        )
        (claim,) = await claimed(outbox, NOW + number * DAY + HOUR / 2)
        assert (claim.row.key, claim.row.target) == (after, f"ref-{before}")
        await outbox.settle([done(claim)], NOW)


async def test_a_row_that_is_put_while_the_one_before_is_dropped_is_dropped_as_well(
    outbox: StoredOutbox, another: State
) -> None:
    for number in range(20):
        first, second, third = (f"{letter}{number}" for letter in "abc")
        await outbox.put([row(first), row(second, after_key=first)], NOW)
        (claim,) = await claimed(outbox, NOW + number * HOUR / 100)
        await asyncio.gather(
            outbox.settle([Result(claim, Outcome.GONE)], NOW),
            StoredOutbox(another).put([row(third, after_key=second)], NOW),
        )
    ended = await outcomes(another)
    assert [ended[f"{letter}{n}"] for n in range(20) for letter in "bc"] == ["dropped"] * 40


async def test_what_is_done_while_its_digest_is_removed_was_sent(
    digests: StoredDigests, outbox: StoredOutbox, another: State
) -> None:
    for number in range(20):
        key, name = f"d{number}", f"n{number}"
        one = replace(MADE, id=name, place=replace(GENERAL, target=name))
        others = StoredSubscriptions(another)
        await others.add(one, "alice", 50)
        sent = row(key, target=name, subscription=name, posts=showing("a"))
        assert await digests.send_now(one.place, [sent], NOW)
        (claim,) = await claimed(outbox, NOW + number * HOUR / 100)
        await asyncio.gather(
            outbox.settle([done(claim)], NOW),
            others.remove(name, "alice", NOW),
        )
    assert set((await outcomes(another)).values()) == {"done"}
    assert len(await had(another)) == 20


async def test_what_somebody_waits_for_comes_first(outbox: StoredOutbox) -> None:
    await outbox.put([row("a"), row("b", ready_at=NOW - HOUR), row("c", asked=True)], NOW)
    assert await keys(outbox) == ["c", "b", "a"]


async def test_what_is_ready_later_is_told(outbox: StoredOutbox) -> None:
    soon = NOW + timedelta(minutes=5)
    await outbox.put([row("a", ready_at=soon), row("b", asked=True, ready_at=soon + SECOND)], NOW)
    claims = await outbox.claim("discord", PACE, str, NOW, 10, LEASE, "w")
    assert (claims.claims, claims.next_at) == ((), soon)
    assert (await outbox.claim("slack", PACE, str, NOW, 10, LEASE, "w")).next_at is None


async def test_a_claim_stays_quick_beside_many_rows(outbox: StoredOutbox, state: State) -> None:
    """10,000 rows that are ready and 5,000 that wait: only the index of open ones is read."""
    rows = [row(f"k{n}", target=f"C{n}") for n in range(10_000)]
    rows += [row(f"b{n}", after_key="k9999") for n in range(5_000)]
    await outbox.put(rows, NOW)
    assert len(await keys(outbox, count=200)) == 49
    if state.engine.dialect.name != "sqlite":
        return
    query = ready("discord", 1, OUTBOX.c.ready_at <= NOW, NOW).limit(10)
    compiled = query.compile(state.engine.sync_engine, compile_kwargs={"literal_binds": False})
    async with state.reading() as connection:
        plan = await connection.execute(
            text(f"EXPLAIN QUERY PLAN {compiled}".replace("?", "'2026-11-21'"))
        )
        steps = [step.detail for step in plan]
    assert len(steps) == 1
    assert "ix_outbox_open (platform=? AND priority=? AND ready_at<?)" in steps[0]
