"""What is being answered, so that it comes to its end before the bot leaves."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The tasks that answer something."""

    _tasks: "set[asyncio.Task[Any]]" = field(default_factory=set, init=False)

    @contextmanager
    def finished_first(self) -> Iterator[None]:
        """Let this task be waited for before the bot leaves."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def ended(self, seconds: float) -> None:
        """Wait until all has ended, but so many seconds at most."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
