"""The time of this Slack, which tests turn on, and the timestamps that name its messages."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.slack.server.changes import Changes


class Clock:
    """The real time (UTC), until a test turns it on."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._turned = Changes()
        self._sleeping: list[float] = []
        self._slept = Changes()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def seconds(self) -> float:
        """Seconds that only go forward, from no known beginning."""
        return time.monotonic() + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by.total_seconds()
        self._turned.tell()

    async def sleep(self, seconds: float) -> None:
        """Until so much time has passed, or was turned over."""
        until = self.seconds() + seconds
        self._sleeping.append(until)
        self._slept.tell()
        try:
            while (left := until - self.seconds()) > 0:
                await self._turned.until(lambda: self.seconds() >= until, left)
                # A timer may be early by less than a tick.
                await asyncio.sleep(0)
        finally:
            self._sleeping.remove(until)

    async def skip(self, seconds: float) -> None:
        """Turn the time on by so much, as soon as somebody waits until then, about."""

        def awaited() -> bool:
            until = self.seconds() + seconds
            return any(until - 1.0 < one <= until for one in self._sleeping)

        if not await self._slept.until(awaited, 10.0):
            raise AssertionError(f"nobody waits for {seconds} s")
        self.advance(timedelta(seconds=seconds))


class Names:
    """Ids of everything, each once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._numbers = count(1)

    def timestamp(self) -> str:
        """A message's `ts`: seconds with six places, later than every one before."""
        self._last = max(self._last + 1, int(self._clock.now().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def next(self, kind: str) -> str:
        """An id such as C00000012 for the kind "C"."""
        return f"{kind}{next(self._numbers):08d}"
