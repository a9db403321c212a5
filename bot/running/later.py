"""The stores of the state, opened only when they are needed: that takes long, and may fail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from structlog.stdlib import get_logger

from bot.errors import StateError
from bot.stores import GetStores, Stores

# Between two times that what has expired is deleted.
FORGETTING_EVERY = timedelta(days=1)

_log = get_logger(__name__)

Open = Callable[[], AbstractAsyncContextManager[Stores]]


class LaterStores:
    """Gives the stores, which the first use opens; what failed is tried again by the next.

    All who ask meanwhile wait for the same attempt. What has expired is deleted at the first use
    and then at the first one of each day; `now` gives the time in UTC, `keep` says how long
    outcomes are known.
    """

    def __init__(
        self,
        open_stores: Open,
        now: Callable[[], datetime],
        keep: timedelta,
        until: AsyncExitStack,
    ) -> None:
        self._open = open_stores
        self._now = now
        self._keep = keep
        self._until = until
        self._opening: asyncio.Task[Stores] | None = None
        self._forgotten: datetime | None = None
        self._is_over = False

    async def __call__(self) -> Stores:
        """The stores. Raises StateError where they cannot be opened.

        Who has not got them before the end is cancelled: nobody would close them.
        """
        if self._is_over:
            raise asyncio.CancelledError
        if self._opening is None or _has_failed(self._opening):
            self._opening = asyncio.create_task(self._opened())
        # Who is cancelled does not take it away from the others.
        stores = await asyncio.shield(self._opening)
        await self._forget_expired(stores)
        return stores

    async def close(self) -> None:
        """Give an attempt up that is under way, and make no other."""
        self._is_over = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)

    async def _opened(self) -> Stores:
        return await self._until.enter_async_context(self._open())

    async def _forget_expired(self, stores: Stores) -> None:
        now = self._now()
        # A clock that was put back has forgotten nothing yet.
        last = self._forgotten
        if last is not None and timedelta(0) <= now - last < FORGETTING_EVERY:
            return
        self._forgotten = now
        try:
            await stores.upkeep.forget_expired(now, self._keep)
        except StateError as error:
            # What is expired is not served anyhow; tomorrow is another day.
            _log.warning("what has expired could not be deleted", cause=error)


def _has_failed(opening: asyncio.Task[Stores]) -> bool:
    return opening.done() and (opening.cancelled() or opening.exception() is not None)


@asynccontextmanager
async def later_stores(
    open_stores: Open, now: Callable[[], datetime], keep: timedelta
) -> AsyncIterator[GetStores]:
    """Stores that are closed at the end if anything has opened them."""
    async with AsyncExitStack() as until:
        stores = LaterStores(open_stores, now, keep, until)
        until.push_async_callback(stores.close)
        yield stores


class LaterCodes:
    """A code store that needs the state only when it is used, since few buttons need it."""

    def __init__(self, stores: GetStores) -> None:
        self._stores = stores

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """As the store does."""
        await (await self._stores()).codes.keep(payloads, until)

    async def payload(self, key: str, now: datetime) -> str | None:
        """As the store does."""
        return await (await self._stores()).codes.payload(key, now)
