"""The outbox in the state: each row once, in order, at the platform's pace."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text, update

from bot.intent import Refresh
from bot.outbox import Op, Outcome, Progress, Result, delivery_key
from bot.ports import Pace
from storage.state.claiming import ready
from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import OUTBOX
from tests.delivery.rows import LEASE, PACE, claimed, do_all, done, keys, row, showing
from tests.state.samples import DAY, GENERAL, HOUR, MADE, NEXT, NOW, had, outcomes

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
    assert await outbox.progress("thread") == Progress(0, 5)
    assert await do_all(outbox) == ["share", "thread", *(f"c{number}" for number in range(5))]
    thread = await outbox.row("thread")
    assert thread is not None
    assert (thread.message, thread.target) == ("ref-share", None)
    assert [each.target for each in await outbox.on("thread")] == ["ref-thread"] * 5
    assert await outbox.progress("thread") == Progress(5, 5)
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


async def test_slots_keep_the_pace_over_all_workers(outbox: StoredOutbox, another: State) -> None:
    await outbox.put([row(f"k{number}", target=f"C{number}") for number in range(200)], NOW)
    slots: list[datetime] = []
    now = NOW
    stores = [outbox, StoredOutbox(another)]
    while len(slots) < 200:
        stores.reverse()
        for claim in await claimed(stores[0], now, count=7):
            assert now <= claim.slot <= now + SECOND
            slots.append(claim.slot)
        now += timedelta(milliseconds=100)
    assert slots == sorted(slots)
    for first, later in zip(slots, slots[50:], strict=False):
        assert later - first > SECOND
    # Near the limit, not far below it.
    assert slots[-1] - slots[0] <= 200 / (0.95 * 50) * SECOND


async def test_a_full_second_says_when_to_come_again(outbox: StoredOutbox) -> None:
    await outbox.put([row(f"k{number}", target=f"C{number}") for number in range(100)], NOW)
    claims = await outbox.claim("discord", PACE, str, NOW, 100, LEASE, "w")
    assert len(claims.claims) == 49
    assert claims.next_at is not None
    assert NOW < claims.next_at < NOW + SECOND
    assert await keys(outbox, claims.next_at)


async def test_each_request_has_one_slot(outbox: StoredOutbox) -> None:
    """Slots that were handed out for what may follow would be over before it is known."""
    rows = [row("a"), row("b"), row("t", op=Op.TELL), row("e", op=Op.EDIT, message="m"), row("z")]
    await outbox.put(rows, NOW)
    first = await claimed(outbox)
    later = NOW + 2 * LEASE
    await outbox.settle([Result(claim, again_at=later) for claim in first], later)
    again = await claimed(outbox, later)
    renewed = await outbox.renew(again[:3], PACE, str, later, LEASE)
    slots = [claim.slot for claim in [*again, *renewed]]
    steps = [round((after - before) / PACE.interval) for before, after in pairwise(slots)]
    assert steps == [1] * 7


async def test_a_channel_gets_one_message_a_second(outbox: StoredOutbox) -> None:
    slow = Pace(per_second=50, channel_seconds=1)
    rows = [row(f"a{n}", target="A") for n in range(3)] + [row("b", target="B")]
    rows += [row(f"e{n}", op=Op.EDIT, target="A", message="m") for n in range(3)]
    await outbox.put(rows, NOW)
    slots: dict[str, datetime] = {}
    now: datetime | None = NOW
    while now is not None and now < NOW + 10 * SECOND and len(slots) < len(rows):
        claims = await outbox.claim("discord", slow, str, now, 100, LEASE, "w")
        slots.update({claim.row.key: claim.slot for claim in claims.claims})
        now = claims.next_at
    assert len(slots) == len(rows)
    assert slots["a1"] - slots["a0"] >= SECOND
    assert slots["a2"] - slots["a1"] >= SECOND
    assert slots["a2"] < NOW + 2.1 * SECOND
    assert max(slots[key] for key in ("b", "e0", "e1", "e2")) < NOW + SECOND / 4


async def test_many_messages_of_a_slow_channel_do_not_keep_others_waiting(
    outbox: StoredOutbox,
) -> None:
    slow = Pace(per_second=50, channel_seconds=1)
    await outbox.put([row(f"a{n}", target="A") for n in range(1000)], NOW)
    await outbox.put([row("b", target="B")], NOW)
    found: list[str] = []
    for _ in range(20):
        found += await keys(outbox, pace=slow)
    assert found == ["a0", "b"]


async def test_a_late_worker_gets_later_slots(outbox: StoredOutbox) -> None:
    await outbox.put([row("a", target="A"), row("b", target="B"), row("c", target="C")], NOW)
    claims = list(await claimed(outbox))
    late = NOW + 20 * SECOND
    await outbox.settle([Result(claims.pop(), Outcome.MISSED)], late)
    renewed = await outbox.renew(claims, PACE, str, late, LEASE)
    assert [claim.slot for claim in renewed] == [late, late + PACE.interval]
    assert await keys(outbox, NOW + LEASE + SECOND) == []
    # The renewed claims are those that hold.
    await outbox.settle([Result(claim, Outcome.MISSED) for claim in claims], late)
    assert (await outcomes(outbox._state))["a"] is None
    await outbox.settle([Result(claim, Outcome.MISSED) for claim in renewed], late)
    assert (await outcomes(outbox._state))["a"] == "missed"
    assert await outbox.renew(renewed, PACE, str, late, LEASE) == []


async def test_a_platform_or_a_channel_can_be_paused(outbox: StoredOutbox) -> None:
    await outbox.put([row("a", target="A"), row("b", target="B"), row("c", target="A")], NOW)
    (claim,) = await claimed(outbox, count=1)
    until = NOW + 7 * SECOND
    result = Result(claim, again_at=NOW, pause_until=until, channel="A")
    await outbox.settle([result], NOW)
    (other,) = await claimed(outbox)
    assert other.row.key == "b"
    result = Result(other, again_at=NOW, pause_until=until + 5 * SECOND)
    await outbox.settle([result], NOW)
    assert await keys(outbox, until + SECOND) == []
    # A shorter pause does not end a longer one.
    assert (await outbox.claim("discord", PACE, str, until, 9, LEASE, "w")).next_at is not None
    assert sorted(await keys(outbox, until + 5 * SECOND)) == ["a", "b", "c"]


async def test_a_clock_that_jumped_back_leaves_nothing_stuck(outbox: StoredOutbox) -> None:
    ahead = NOW + DAY
    await outbox.put([row("held", deadline=ahead + DAY)], ahead)
    await outbox.put([row("later", ready_at=ahead, deadline=ahead + DAY)], ahead)
    (claim, _) = await claimed(outbox, ahead)
    await outbox.settle([Result(claim, again_at=ahead + SECOND, pause_until=ahead + HOUR)], ahead)
    assert sorted(await keys(outbox, NOW)) == ["held", "later"]


async def test_what_is_over_and_was_never_tried_takes_no_slot(outbox: StoredOutbox) -> None:
    await outbox.put([row(f"k{n}", deadline=NOW) for n in range(100)], NOW)
    assert len(await keys(outbox, count=100)) == 100


async def test_a_message_is_made_anew_by_one_row_every_five_seconds(outbox: StoredOutbox) -> None:
    await outbox.put([row("a", language="en")], NOW)
    await do_all(outbox)
    for _ in range(3):
        await outbox.refresh(["a", "unknown"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    made = (claim.row.key, claim.row.op, claim.row.said, claim.row.message, claim.row.language)
    assert made == (delivery_key("refresh", "a"), Op.EDIT, Refresh("a"), "ref-a", "en")
    await outbox.settle([done(claim, reference=None)], NOW + SECOND)
    await outbox.refresh(["a"], NOW + 2 * SECOND, NOW + DAY)
    assert await keys(outbox, NOW + 5 * SECOND) == []
    (again,) = await claimed(outbox, NOW + 6 * SECOND)
    assert again.row.tries == 1
    assert again.row.deadline == NOW + DAY


async def test_an_edit_that_is_asked_for_while_it_is_sent_is_sent_again(
    outbox: StoredOutbox,
) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    await outbox.refresh(["a"], NOW + SECOND, NOW + HOUR)
    await outbox.settle([done(claim, reference=None)], NOW + SECOND)
    assert await keys(outbox, NOW + 5 * SECOND) == []
    (claim,) = await claimed(outbox, NOW + 6 * SECOND)
    await outbox.settle([done(claim, reference=None)], NOW + 6 * SECOND)
    assert await keys(outbox, NOW + HOUR / 2) == []


async def test_a_message_on_its_way_is_made_anew_once_it_is_there(outbox: StoredOutbox) -> None:
    await outbox.put([row("a"), row("b")], NOW)
    (claim,) = await claimed(outbox, count=1)
    await outbox.refresh(["a", "b"], NOW, NOW + HOUR)
    # What was not claimed yet is made as it should be anyhow.
    assert await keys(outbox, NOW + SECOND) == ["b"]
    await outbox.settle([done(claim)], NOW + SECOND)
    (edit,) = await claimed(outbox, NOW + SECOND)
    assert (edit.row.said, edit.row.message) == (Refresh("a"), "ref-a")


async def test_an_edit_keeps_the_longest_time_that_it_was_given(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    for deadline in (NOW + 30 * DAY, NOW + HOUR):
        await outbox.refresh(["a"], NOW, deadline)
    edit = await outbox.row(delivery_key("refresh", "a"))
    assert edit is not None
    assert edit.deadline == NOW + 30 * DAY


async def test_a_message_that_is_gone_is_not_edited_for_ever(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    await outbox.settle([Result(claim, Outcome.GONE)], NOW)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    assert await keys(outbox, NOW + HOUR / 2) == []


async def test_a_post_leads_to_the_messages_that_show_it(outbox: StoredOutbox) -> None:
    rows = [
        row("sent", posts=showing("p", "q")),
        row("failed", posts=showing("p")),
        row("under way", posts=showing("p")),
        row("waits", posts=showing("p"), ready_at=NOW + HOUR),
    ]
    await outbox.put(rows, NOW)
    sent, failed, _ = await claimed(outbox)
    await outbox.settle([done(sent), Result(failed, Outcome.GONE)], NOW)
    assert await outbox.showing("p", None) == ["sent", "under way"]
    assert await outbox.showing("p", NOW + SECOND) == ["under way"]
    await outbox.show(sent.row.id, {"q": "1:new"})
    shown = await outbox.by_id(sent.row.id)
    assert shown is not None
    assert [post.version for post in shown.posts] == ["1:a", "1:new"]


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
