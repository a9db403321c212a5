"""What becomes of a row when something goes wrong: it is over, or tried again after a pause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from structlog.stdlib import get_logger

from bot.digest.pacing import Attempt, Timing
from bot.errors import Forbidden, TargetGone, TryLater
from bot.incidents import incident
from bot.intent import Stopped
from bot.outbox import NewRow, Op, Outcome, Result, Row, delivery_key

# However long a platform asks to wait, a row is looked at again. What is ready later than in an
# hour was put off by a clock that has jumped, as the outbox sees it.
LONGEST_ASKED_PAUSE = 3500.0
# Somebody is told that a digest was stopped within this time, or not any more.
TOLD_WITHIN = timedelta(days=1)
# What is kept of a failure that nobody thought of, in characters: with its number not more than the
# state keeps of a cause.
LONGEST_FAILURE = 300

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retries:
    """Judges failures; `now` gives the time in UTC."""

    now: Callable[[], datetime]
    random: Random
    timing: Timing

    def again(self, attempt: Attempt, cause: str) -> Result:
        """Another try after a pause, and not before a request that left is over for sure."""
        row = attempt.claim.row
        now = self.now()
        wait = pause(row.tries, self.timing.first_pause, self.timing.longest_pause, self.random)
        again_at = now + timedelta(seconds=wait)
        if now < row.deadline:
            again_at = min(again_at, row.deadline)
        if attempt.left_at is not None:
            again_at = max(again_at, attempt.left_at + timedelta(seconds=self.timing.request))
        return Result(attempt.claim, again_at=again_at, cause=cause)

    def put_off(self, attempt: Attempt, seconds: float, cause: str) -> Result:
        """Give a claim back of which nothing has left."""
        again_at = self.now() + timedelta(seconds=min(seconds, LONGEST_ASKED_PAUSE))
        return Result(attempt.claim, untried=True, again_at=again_at, cause=cause)

    def asked_to_wait(self, attempt: Attempt, error: TryLater, channel: str | None) -> Result:
        """Another try when the platform says, without anything in between.

        Where it does not say when, it may have taken the request.
        """
        if error.seconds is None:
            return self.again(attempt, str(error))
        row = attempt.claim.row
        asked = min(LONGEST_ASKED_PAUSE, max(0.0, error.seconds))
        until = self.now() + timedelta(seconds=asked)
        # Not all at once; others that are ready may go when the pause is over.
        again_at = until + timedelta(seconds=self.random.uniform(0.0, 0.25))
        if self.now() < row.deadline:
            again_at = min(again_at, row.deadline)
        counts_for_more = error.everywhere or channel is not None
        return Result(
            attempt.claim,
            again_at=again_at,
            untried=True,
            pause_until=until if counts_for_more else None,
            channel=None if error.everywhere else channel,
            cause=str(error),
        )

    def incident(self, attempt: Attempt, error: Exception) -> Result:
        """Another try after a failure nobody thought of, logged once for a row."""
        row = attempt.claim.row
        # As it is kept, so that it is known again.
        what = repr(error).replace("\0", "")[:LONGEST_FAILURE]
        cause = row.cause or ""
        if not cause.endswith(f": {what}"):
            number = incident(_log, "a row failed", error, row=row.id, key=row.key)
            cause = f"incident {number}: {what}"
        return self.again(attempt, cause)


def refused(attempt: Attempt, error: TargetGone | Forbidden, *then: NewRow) -> Result:
    """What a platform does not take for good, and what follows from that."""
    outcome = Outcome.GONE if isinstance(error, TargetGone) else Outcome.FORBIDDEN
    return Result(attempt.claim, outcome, cause=str(error), then=then)


def stopped(
    row: Row,
    subscription: str,
    error: TargetGone | Forbidden,
    person: str | None,
    now: datetime,
) -> NewRow:
    """The notice that a digest was stopped because its row cannot be sent: one a day it was due.

    `person` is who made the digest, None where that is not known.
    """
    reason = "gone" if isinstance(error, TargetGone) else "forbidden"
    missing = ", ".join(error.missing) if isinstance(error, Forbidden) else ""
    day = (row.due_at or row.created_at).date()
    return NewRow(
        key=delivery_key("stopped", subscription, reason, day),
        platform=row.platform,
        op=Op.TELL,
        said=Stopped(subscription, reason, missing, person),
        language=row.language,
        ready_at=now,
        deadline=now + TOLD_WITHIN,
        target=row.target,
    )


def pause(tries: int, first: float, longest: float, random: Random) -> float:
    """Seconds until the next try after so many: twice as long each time, up to the longest.

    Spread by a quarter, so that what failed together does not come back together.
    """
    grown = min(longest, first * float(2 ** min(max(tries, 1) - 1, 30)))
    return grown * random.uniform(0.75, 1.25)
