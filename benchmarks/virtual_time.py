"""A clock that stands still while anything real is under way, and else jumps to who wakes next."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.state.database import State
from tests.delivery.remote import FakePlatform

# In so many rounds of the event loop without news everybody has come to wait for something.
QUIET_ROUNDS = 25


class VirtualClock:
    """Time in UTC, in which sleeping takes none of ours."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._under_way = 0
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._news = 0

    def __call__(self) -> datetime:
        """The time."""
        return self._now

    def seconds(self) -> float:
        """The time in seconds since 1970."""
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Sleep in this time."""
        woken = asyncio.get_running_loop().create_future()
        self._news += 1
        wakes_at = self._now + timedelta(seconds=max(0.0, seconds))
        heapq.heappush(self._sleepers, (wakes_at, next(self._numbers), woken))
        await woken

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Let the time stand still: something real is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._news += 1

    async def run(self) -> None:
        """Let the time pass, until cancelled."""
        while True:
            await self._settle_down()
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if self._sleepers:
                wakes_at, _, woken = heapq.heappop(self._sleepers)
                self._now = max(self._now, wakes_at)
                woken.set_result(None)

    async def _settle_down(self) -> None:
        """Wait until nothing is under way, and everybody else sleeps."""
        quiet = 0
        seen = self._news
        while quiet < QUIET_ROUNDS:
            if self._under_way:
                # Gives way to what comes from outside.
                await asyncio.sleep(0.0002)
            else:
                await asyncio.sleep(0)
            quiet = quiet + 1 if not self._under_way and seen == self._news else 0
            seen = self._news


class StandingState(State):
    """A state whose transactions take no time of a clock."""

    __slots__ = ("_clock",)
    _clock: VirtualClock

    def __init__(self, state: State, clock: VirtualClock) -> None:
        super().__init__(state.database, state.engine, state.closed)
        # Frozen, as states are.
        object.__setattr__(self, "_clock", clock)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that reads."""
        with self._clock.standing():
            async with super().reading() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes."""
        with self._clock.standing():
            async with super().writing() as connection:
                yield connection


@dataclass
class StandingPlatform(FakePlatform):
    """A fake platform whose requests take no time of the clock, which they tell."""

    clock: VirtualClock | None = None

    async def _ask(self, what: str, body: object, die: str | None = None) -> dict[str, Any]:
        assert self.clock is not None
        self.time = self.clock.seconds
        with self.clock.standing():
            return await super()._ask(what, body, die)
