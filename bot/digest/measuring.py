"""What the meter is told of each try to send a row, and of digests that were never tried."""

from datetime import datetime

from bot.meter import Meter
from bot.outbox import Op, Outcome, Result, Row

# What is sent is told apart by what is done for it, and digests from other messages.
DIGEST = "digest"
KINDS = (DIGEST, *(op.value for op in Op))
# How a try ends that is not the last one: it failed, or nothing has left.
AGAIN, PUT_OFF = "again", "put_off"
OUTCOMES = (*(outcome.value for outcome in Outcome), AGAIN, PUT_OFF)


def measure(result: Result, now: datetime, meter: Meter) -> None:
    """Tell what became of a row at a time (UTC), and how late that is where it was sent.

    A digest is late from when it was due, all else from when it was written.
    """
    row = result.claim.row
    if result.outcome is not None:
        how = result.outcome.value
    else:
        how = PUT_OFF if result.untried else AGAIN
    lateness = None
    if result.outcome is Outcome.DONE:
        lateness = (now - (row.due_at or row.created_at)).total_seconds()
    meter.delivered(row.platform, _kind(row), how, lateness)


def measure_missed(platform: str, digests: int, meter: Meter) -> None:
    """Tell of digests whose time was over before anybody could write what is in them."""
    for _ in range(digests):
        meter.delivered(platform, DIGEST, Outcome.MISSED.value, None)


def _kind(row: Row) -> str:
    return DIGEST if row.op is Op.POST and row.subscription is not None else row.op.value
