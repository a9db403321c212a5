"""Whether this machine's clock is right, as far as the clocks of others tell."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from structlog.stdlib import get_logger

from bot.errors import StateError
from bot.stores import GetStores, StateClock

# More than networks and whole seconds make of a clock that is right. Much less than the five
# minutes for which Slack's signatures are good (https://docs.slack.dev/authentication/
# verifying-requests-from-slack), and than the lease of a row of the outbox, by which replicas keep
# out of each other's way.
MOST_SKEW = timedelta(seconds=30)

# The only state that has a clock of its own.
_STATE = "PostgreSQL"
_COMPARE_EVERY = 60.0

_log = get_logger(__name__)


def _nobody(source: str, seconds: float) -> None:
    """Told to nobody."""


@dataclass(slots=True)
class ClockWatch:
    """Compares this machine's clock, `now` (UTC), with those of others.

    `skew` is told of each by how many seconds this one is at least ahead of whose, below zero
    behind. A clock that is wrong is logged once, and again when it is right.
    """

    now: Callable[[], datetime]
    skew: Callable[[str, float], None] = _nobody
    _skews: dict[str, float] = field(default_factory=dict, init=False)

    @property
    def skews(self) -> Mapping[str, float]:
        """By how many seconds it is ahead of each that was asked last, below zero behind."""
        return self._skews

    def heard(
        self, source: str, asked_at: datetime, theirs: datetime, within: timedelta = timedelta()
    ) -> None:
        """Note what somebody's clock said in answer to what was asked at a time of this one.

        They mean a time from `theirs` on `within` which it was. However long the answer took, a
        clock that is right is not taken for a wrong one.
        """
        ahead = asked_at - (theirs + within)
        behind = self.now() - theirs
        skew = max(ahead, timedelta()) + min(behind, timedelta())
        was_wrong = any(is_wrong(seconds) for seconds in self._skews.values())
        seconds = self._skews[source] = skew.total_seconds()
        self.skew(source, seconds)
        if is_wrong(seconds) and not was_wrong:
            _log.warning(
                "the clock of this machine is wrong, set it, best by NTP",
                ahead_seconds=round(seconds),
                compared_with=source,
            )
        elif was_wrong and not any(is_wrong(each) for each in self._skews.values()):
            _log.info("the clock of this machine is right again", compared_with=source)


async def compare(theirs: StateClock, clock: ClockWatch) -> None:
    """Compare the clock with that of a state. Raises StateError."""
    asked_at = clock.now()
    clock.heard(_STATE, asked_at, await theirs.now())


async def keep_comparing(
    get_stores: GetStores, clock: ClockWatch, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Compare the clock with that of the state again and again until cancelled."""
    while True:
        # While the state is away others say so.
        with suppress(StateError):
            await compare((await get_stores()).clock, clock)
        await sleep(_COMPARE_EVERY)


def is_wrong(skew: float) -> bool:
    """Whether a clock that is so many seconds ahead or behind has to be set."""
    return abs(skew) > MOST_SKEW.total_seconds()
