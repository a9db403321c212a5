"""The time of this Discord, and the ids that carry it."""

from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where Discord's ids begin
TIME_BITS = 22


class Clock:
    """The real time (UTC), until a test turns it on."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by


class Snowflakes:
    """Ids in the order of their making, with the time in their upper bits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        return self._after(self._last + 1)

    def next_guild(self) -> int:
        """One that goes to the next shard: these are told apart by the time bits."""
        return self._after(self._last + (1 << TIME_BITS))

    def _after(self, least: int) -> int:
        milliseconds = int(self._clock.now().timestamp() * 1000) - EPOCH_MS
        self._last = max(least, milliseconds << TIME_BITS)
        return self._last
