"""A code store that is opened only when it is needed, since few buttons need it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import StateError
from bot.ports import CodeStore

# Between two times that what has expired is deleted.
FORGETTING_EVERY = timedelta(days=1)

_log = logging.getLogger(__name__)


class ForgetfulStore(CodeStore, Protocol):
    """A code store that can be cleared of what has expired."""

    async def forget_expired(self, now: datetime) -> int:
        """Delete what has expired by now (UTC); how many there were."""
        ...


Open = Callable[[], AbstractAsyncContextManager[ForgetfulStore]]


class LaterCodes:
    """Stands for a code store, which its first use opens; what failed is tried again.

    What has expired is deleted at the first use and then at the first one of each day: while it is
    not used, nothing is added either. `now` gives the time in UTC.
    """

    def __init__(
        self, open_codes: Open, now: Callable[[], datetime], until: AsyncExitStack
    ) -> None:
        self._open = open_codes
        self._now = now
        self._until = until
        self._one_at_a_time = asyncio.Lock()
        self._store: ForgetfulStore | None = None
        self._forgotten: datetime | None = None

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
            await self._forget_expired(self._store)
            return self._store

    async def _forget_expired(self, store: ForgetfulStore) -> None:
        now = self._now()
        if self._forgotten is not None and now - self._forgotten < FORGETTING_EVERY:
            return
        self._forgotten = now
        try:
            await store.forget_expired(now)
        except StateError as error:
            # What is expired is not served anyhow; tomorrow is another day.
            _log.warning("expired button codes could not be deleted: %s", error)


@asynccontextmanager
async def later_codes(open_codes: Open, now: Callable[[], datetime]) -> AsyncIterator[LaterCodes]:
    """A store that is closed at the end if anything has opened it."""
    async with AsyncExitStack() as until:
        yield LaterCodes(open_codes, now, until)
