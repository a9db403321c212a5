"""What was taken down, kept fresh."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from structlog.stdlib import get_logger

from bot.errors import StateError
from bot.incidents import incident
from bot.stores import Hidden, KeptHidden

# Between two looks at what other processes have hidden meanwhile.
LOOK_EVERY = timedelta(seconds=30)

_log = get_logger(__name__)


class TakenDown:
    """What is hidden, as it was last read from the state.

    `read` asks the state, and is not called where `is_there` says that there is none yet: in that
    nothing is hidden. What was read is `kept` for a start while the state is away.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Hidden]],
        is_there: Callable[[], bool] = lambda: True,
        kept: KeptHidden | None = None,
    ) -> None:
        self._read = read
        self._is_there = is_there
        self._kept = kept
        self._looking = asyncio.Lock()
        # How many looks have begun, and which of them has read the state last.
        self._begun = self._known = 0
        self._hidden: Hidden | None = None
        self._failed = self._keeping_failed = False

    async def hidden(self) -> Hidden:
        """What is hidden; the first to ask waits until it has been read.

        Where it could not be read then, it is what was kept, until it can be.
        """
        if self._hidden is None:
            async with self._looking:
                if self._hidden is None:
                    await self._try()
        return self._hidden or {}

    async def look_again(self) -> None:
        """Read it again. Raises StateError; what was hidden stays so then.

        Many who come while it is read have it read once more, for all of them together.
        """
        begun = self._begun
        async with self._looking:
            if self._known <= begun:
                await self._look()

    async def refresh(self) -> None:
        """Read it again. Where that fails, what was hidden stays so; it is logged once."""
        async with self._looking:
            await self._try()

    async def keep_fresh(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Read it again and again, for as long as the program runs."""
        while True:
            await self.refresh()
            await sleep(LOOK_EVERY.total_seconds())

    async def _try(self) -> None:
        try:
            await self._look()
        except Exception as error:
            if self._hidden is None:
                self._hidden = {} if self._kept is None else await self._kept.load()
            if not self._failed and isinstance(error, StateError):
                _log.warning("what is hidden could not be read", cause=error)
            elif not self._failed:
                incident(_log, "what is hidden could not be read", error)
            self._failed = True

    async def _look(self) -> None:
        self._begun += 1
        self._hidden = await self._read() if self._is_there() else {}
        if self._failed:
            _log.info("what is hidden can be read again")
        self._known = self._begun
        self._failed = False
        await self._keep(self._hidden)

    async def _keep(self, hidden: Hidden) -> None:
        if self._kept is None:
            return
        try:
            await self._kept.save(hidden)
        except OSError as error:
            if not self._keeping_failed:
                _log.warning("what is hidden could not be kept for the next start", cause=error)
            self._keeping_failed = True
        else:
            self._keeping_failed = False
