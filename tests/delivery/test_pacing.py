"""Requests leave at their slots."""

from datetime import timedelta

from bot.digest.pacing import Asker, Attempt, LostLeaseError, Timing
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
