"""Asking something that may fail or hang, without waiting for long and without asking often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Found_co = TypeVar("Found_co", covariant=True)

# Between two questions, and for an answer at most, in seconds.
EVERY, WITHIN = 5.0, 2.0


class Glance(Generic[Found_co]):
    """What was found by asking, at most some seconds ago; `monotonic` never goes back.

    All who look at the same time wait for the same answer. One that does not come is waited for
    only once: until it does, everybody is told so at once.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Found_co]],
        monotonic: Callable[[], float],
        *,
        every: float = EVERY,
        within: float = WITHIN,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._every = every
        self._within = within
        self._asking: asyncio.Task[Found_co] | None = None
        self._asked_at = 0.0

    async def look(self) -> Found_co:
        """What is found. Raises what asking raises, and TimeoutError."""
        now = self._monotonic()
        asking = self._asking
        if asking is None or (asking.done() and now - self._asked_at >= self._every):
            asking = self._asking = asyncio.create_task(self._found())
            asking.add_done_callback(_notice)
            self._asked_at = now
        left = self._asked_at + self._within - now
        done, _ = await asyncio.wait([asking], timeout=max(0.0, left))
        if not done or asking.cancelled():
            raise TimeoutError
        return asking.result()

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _found(self) -> Found_co:
        return await self._ask()


def _notice(asked: "asyncio.Task[Found_co]") -> None:
    """Whoever looks is told of a failure; nobody may."""
    if not asked.cancelled():
        asked.exception()
