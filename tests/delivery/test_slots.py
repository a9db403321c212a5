"""The pace of the outbox in the state: slots for all workers, of platforms and of channels."""

from datetime import datetime, timedelta
from itertools import pairwise

from bot.outbox import Op, Outcome, Result
from bot.ports import Pace
from storage.state.database import State
from storage.state.outbox import StoredOutbox
from tests.delivery.rows import LEASE, PACE, claimed, keys, row
from tests.state.samples import DAY, HOUR, NOW, outcomes

SECOND = timedelta(seconds=1)


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
