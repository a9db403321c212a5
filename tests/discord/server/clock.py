"""The time of this Discord, and the ids that carry it."""

from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where Discord's ids begin
TIME_BITS = 22
# Guilds go to as many shards in turn (or a divisor of it).
CYCLE = 16


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
        self._guilds = 0

    def next(self) -> int:
        self._last = max(self._last + 1, self._milliseconds() << TIME_BITS)
        return self._last

    def next_guild(self) -> int:
        """One whose time, by which shards are told apart, is the next guild's of CYCLE."""
        time = max((self._last >> TIME_BITS) + 1, self._milliseconds())
        time += (self._guilds - time) % CYCLE
        self._guilds += 1
        self._last = time << TIME_BITS
        return self._last

    def _milliseconds(self) -> int:
        return int(self._clock.now().timestamp() * 1000) - EPOCH_MS
