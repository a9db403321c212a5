"""Each thing that somebody does is handled once, however often it is told, and to whom."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from structlog.stdlib import get_logger

from bot.errors import MatomeError
from bot.outbox import delivery_key
from bot.stores import GetStores

# Slack tells an event again for an hour at most.
KEPT_FOR = timedelta(hours=1)
# People wait: for the state no longer than this, in seconds.
STATE_PATIENCE = 0.5
_REMEMBERED = 10_000

_log = get_logger(__name__)


class Handled:
    """Knows what was taken: by this process at once, by the others through the state.

    While the state is away, this process's own knowledge has to do. What is to be taken while
    something is written is written together next. `now` gives the time in UTC; a state that is not
    `shared` has no others that could handle anything as well.
    """

    def __init__(
        self,
        get_stores: GetStores,
        now: Callable[[], datetime],
        patience: float = STATE_PATIENCE,
        *,
        shared: bool = True,
    ) -> None:
        self._get_stores = get_stores
        self._now = now
        self._patience = patience
        self._shared = shared
        self._own: OrderedDict[str, None] = OrderedDict()
        self._is_alone = False
        self._waiting: OrderedDict[str, asyncio.Future[bool]] = OrderedDict()
        self._writing: asyncio.Task[None] | None = None

    async def take(self, *what: object) -> bool:
        """Take something by what it is known by; whether nobody has taken it before."""
        key = f"slack {delivery_key('slack', *what)}"
        if key in self._own:
            return False
        self._own[key] = None
        if len(self._own) > _REMEMBERED:
            self._own.popitem(last=False)
        try:
            taken = await asyncio.wait_for(self._taken(key), self._patience)
        except (MatomeError, OSError, TimeoutError) as error:
            # What is late is written all the same, and then known to others and after a restart.
            matters = self._shared or not isinstance(error, TimeoutError)
            if matters and not self._is_alone:
                _log.warning("other replicas do not know what is handled here", cause=error)
            self._is_alone = True
            return True
        self._is_alone = False
        return taken

    async def _taken(self, key: str) -> bool:
        """Whether no other replica has something. Raises what keeps that from being known."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        # It stays there when nobody waits for it any more: it is to be written all the same.
        self._waiting[key] = future
        if len(self._waiting) > _REMEMBERED:
            self._waiting.popitem(last=False)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, OrderedDict()
            try:
                stores = await self._get_stores()
                taken = await stores.handled.take_all(batch, self._now() + KEPT_FOR)
            except (MatomeError, OSError) as error:
                for future in batch.values():
                    if not future.done():
                        future.set_exception(error)
            else:
                for key, future in batch.items():
                    if not future.done():
                        future.set_result(key in taken)
