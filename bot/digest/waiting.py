"""Waiting for whatever comes first, and for rows of the outbox to end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Found = TypeVar("Found")


async def first_of(*awaitables: Awaitable[object]) -> None:
    """Wait until one is over; those that were begun for this are ended."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, given in zip(tasks, awaitables, strict=True):
            if task is not given:
                task.cancel()


class Waiters:
    """Those in this process who wait for a row to end, by its key."""

    def __init__(self) -> None:
        self._events: dict[str, list[asyncio.Event]] = {}

    def tell(self, keys: Iterable[str]) -> None:
        """Let those look who wait for some rows."""
        for key in keys:
            for event in self._events.get(key, ()):
                event.set()

    def tell_all(self) -> None:
        """Let everybody look."""
        self.tell(self._events)

    async def wait(
        self, key: str, look: Callable[[], Awaitable[Found | None]], over: asyncio.Future[None]
    ) -> Found | None:
        """What looking finds: at once, whenever there is something to tell, or when it is over."""
        told = asyncio.Event()
        self._events.setdefault(key, []).append(told)
        try:
            while True:
                told.clear()
                is_last = over.done()
                found = await look()
                if found is not None or is_last:
                    return found
                await first_of(told.wait(), over)
        finally:
            self._events[key].remove(told)
            if not self._events[key]:
                del self._events[key]
