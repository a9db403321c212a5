"""Waiting until something is so, without polling."""

import asyncio
from collections.abc import Callable


class Changes:
    """Told of every change, it asks again whoever waits."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Whether it became true in that time."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True
