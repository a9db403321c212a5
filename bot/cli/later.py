"""A code store that is opened only when it is needed, since few buttons need it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime

from bot.ports import CodeStore

Open = Callable[[], AbstractAsyncContextManager[CodeStore]]


class LaterCodes:
    """Stands for a code store, which its first use opens; what failed is tried again."""

    def __init__(self, open_codes: Open, until: AsyncExitStack) -> None:
        self._open = open_codes
        self._until = until
        self._one_at_a_time = asyncio.Lock()
        self._store: CodeStore | None = None

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """As the store does."""
        await (await self._opened()).keep(payloads, until)

    async def payload(self, key: str, now: datetime) -> str | None:
        """As the store does."""
        return await (await self._opened()).payload(key, now)

    async def _opened(self) -> CodeStore:
        async with self._one_at_a_time:
            if self._store is None:
                self._store = await self._until.enter_async_context(self._open())
            return self._store


@asynccontextmanager
async def later_codes(open_codes: Open) -> AsyncIterator[LaterCodes]:
    """A store that is closed at the end if anything has opened it."""
    async with AsyncExitStack() as until:
        yield LaterCodes(open_codes, until)
