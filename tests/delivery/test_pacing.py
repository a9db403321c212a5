"""Requests leave at their slots, and pauses last as long as they are asked for."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from bot.digest.pacing import Asker, Attempt, LostLeaseError, Timing
from bot.digest.retries import Retries
from bot.errors import TryLater
from bot.outbox import Claim
from storage.state.outbox import StoredOutbox
from tests.delivery.rows import claimed, row
from tests.state.samples import NOW


async def test_a_nap_that_ends_a_little_early_costs_no_slot(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    (claim,) = await claimed(outbox)
    now = NOW - timedelta(seconds=0.5)

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=0.9 * seconds)

    async def renew(claim: Claim) -> Claim:
        raise LostLeaseError

    async def request() -> bool:
        return claim.slot <= now

    asker = Asker(renew, lambda: now, sleep, Timing())
    assert await asker.ask(Attempt(claim), request)


async def test_others_go_when_a_pause_is_over_and_who_was_refused_a_little_later(
    outbox: StoredOutbox,
) -> None:
    await outbox.put([row(name) for name in "abcd"], NOW)
    retries = Retries(lambda: NOW, Random(1), Timing())
    refused = TryLater("limited", 3.0, everywhere=True)
    over = NOW + timedelta(seconds=3)
    results = [
        retries.asked_to_wait(Attempt(claim), refused, None) for claim in await claimed(outbox)
    ]
    assert {result.pause_until for result in results} == {over}
    again = [result.again_at for result in results if result.again_at is not None]
    assert len(set(again)) == 4
    assert all(over <= at <= over + timedelta(seconds=0.25) for at in again)


async def test_a_second_request_waits_for_a_slot_of_its_own(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    (claim,) = await claimed(outbox)
    now = claim.slot
    second = timedelta(seconds=1)

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=seconds)

    async def renew(claim: Claim) -> Claim:
        return replace(claim, slot=claim.slot + second, lease_until=claim.lease_until + second)

    async def request() -> None:
        left.append(now)

    left: list[datetime] = []
    attempt = Attempt(claim)
    asker = Asker(renew, lambda: now, sleep, Timing())
    for _ in range(3):
        await asker.ask(attempt, request)
    assert left == [claim.slot, claim.slot + second, claim.slot + 2 * second]
