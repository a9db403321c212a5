"""What one process holds alone among all that share a state, such as shards of a gateway."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from structlog.stdlib import get_logger

from bot.errors import OperatorError, StateError
from bot.incidents import incident
from bot.stores import GetStores, Held, Wanted

_log = get_logger(__name__)

# Says who is in the way.
Refusal = Callable[[Held], OperatorError]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a hold lasts, and in seconds how often it is renewed, and looked at by others.

    It is renewed twice before it ends, so that one renewal may fail, and take its five seconds.
    """

    lease: timedelta = timedelta(seconds=30)
    renew_every: float = 10.0
    look_every: float = 1.0


@dataclass(frozen=True, slots=True)
class Holding:
    """Holds for one process, the `worker`, in the state; without `get_stores` it is alone anyhow.

    While the state is away nothing is refused: people are answered all the same. Who is in the way
    is found out when the state is back.
    """

    get_stores: GetStores | None
    worker: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    terms: Terms = Terms()

    @property
    def is_alone(self) -> bool:
        """Whether no other process can have the same state."""
        return self.get_stores is None

    @asynccontextmanager
    async def hold(
        self, wanted: Wanted, refusal: Refusal
    ) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Hold something, given back at the end; gives what renews it until cancelled.

        Where somebody else holds it, it is waited for that to end, once: who was killed does not
        renew it. Raises what `refusal` makes as soon as it is renewed, and so does the renewing.
        """
        if self.get_stores is None:
            yield _for_ever
            return
        held = _Renewed(self, self.get_stores, wanted)
        try:
            await held.claim(refusal)
            yield lambda: held.keep(refusal)
        finally:
            await held.release()

    async def be_known(self) -> None:
        """Let others see that this process runs, until cancelled."""
        if self.get_stores is None:
            return
        known = _Renewed(self, self.get_stores, Wanted(f"run:{self.worker}", (0,), 1))
        try:
            while True:
                await known.renew()
                await self.sleep(self.terms.renew_every)
        finally:
            await known.release()


async def _for_ever() -> None:
    await asyncio.Event().wait()


class _Renewed:
    """One thing that is held."""

    def __init__(self, holding: Holding, get_stores: GetStores, wanted: Wanted) -> None:
        self._get_stores = get_stores
        self._wanted = wanted
        self._worker = holding.worker
        self._sleep = holding.sleep
        self._terms = holding.terms
        self._is_away = False

    async def keep(self, refusal: Refusal) -> None:
        """Renew it until cancelled. Raises what `refusal` makes where another has taken it."""
        while True:
            await self._sleep(self._terms.renew_every)
            await self.claim(refusal)

    async def claim(self, refusal: Refusal) -> None:
        """Have it, or know that the state is away. Raises what `refusal` makes."""
        first: dict[int, Held] = {}
        while in_way := await self.renew():
            if not first:
                _log.info(
                    "somebody else has it, who may have been killed: waiting for the lease to end",
                    resource=self._wanted.resource,
                    holder=in_way[0].holder,
                    until=in_way[0].held_until.isoformat(),
                )
            for held in in_way:
                # Renewed since, or taken by somebody who lives.
                if first.setdefault(held.part, held) != held:
                    raise refusal(held)
            await self._sleep(self._terms.look_every)

    async def renew(self) -> Sequence[Held]:
        """Hold it from now on; else those who are in the way, as far as that can be known."""
        try:
            stores = await self._get_stores()
            in_way = await stores.holds.hold(self._wanted, self._worker, self._terms.lease)
        except Exception as error:
            self._tell_away(error)
            return ()
        if self._is_away:
            _log.info("what is held can be renewed again", resource=self._wanted.resource)
        self._is_away = False
        return in_way

    def _tell_away(self, error: Exception) -> None:
        """Log once an outage that what is held cannot be renewed."""
        if self._is_away:
            return
        self._is_away = True
        self._tell("what is held cannot be renewed, it is tried again", error)

    async def release(self) -> None:
        """Give it back; where that fails, for whatever reason, it ends by itself."""
        try:
            stores = await self._get_stores()
            await stores.holds.release(self._wanted.resource, self._worker)
        except Exception as error:
            self._tell("what is held ends only with its lease", error)

    def _tell(self, event: str, error: Exception) -> None:
        if isinstance(error, StateError):
            _log.warning(event, resource=self._wanted.resource, cause=error)
        else:
            incident(_log, event, error, resource=self._wanted.resource)
