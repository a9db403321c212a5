"""What the meter is told of each try to send a row."""

from datetime import datetime

from bot.meter import Meter
from bot.outbox import Outcome, Result, Row


def measure(result: Result, now: datetime, meter: Meter) -> None:
    """Tell what became of a row at a time (UTC), and how late that is where it was sent."""
    row = result.claim.row
    if result.outcome is not None:
        how = result.outcome.value
    else:
        how = "put_off" if result.untried else "again"
    lateness = None
    if result.outcome is Outcome.DONE:
        lateness = (now - _time_of(row)).total_seconds()
    meter.delivered(row.platform, row.op.value, how, lateness)


def _time_of(row: Row) -> datetime:
    """When a row should have been sent; that of a later try is only when it was tried again."""
    if row.due_at is not None:
        return row.due_at
    return row.ready_at if row.ready_at is not None and row.tries <= 1 else row.created_at
