"""Every request leaves at its slot, under a lease that outlasts it, and has a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.outbox import Claim

# A slot is used so late at most: then no second has more requests than the platform allows.
LATE = timedelta(milliseconds=20)
# Slots are handed out a second ahead; one that is much later is of a clock that has jumped, or of a
# platform that has asked everybody to wait.
FAR_AHEAD = timedelta(minutes=1)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds; tests are in more of a hurry than people."""

    # A request, at most.
    request: float = 15.0
    # What a lease has beyond its requests.
    margin: float = 2.0
    # Between two looks into the outbox for what others wrote.
    look: float = 2.0
    # Between two transactions that settle what is finished.
    gather: float = 0.05
    # Before the second try, and before any other at most.
    first_pause: float = 1.0
    longest_pause: float = 300.0
    # Until a row is looked at again whose posts this replica does not hold.
    stale: float = 30.0
    # The same where this replica's own sync has changed them, and the state learns that just now.
    not_noted: float = 1.0
    # For what is under way when the program ends.
    leave: float = 20.0
    # Between two tries to reach the state, at most.
    longest_outage_pause: float = 30.0

    @property
    def lease(self) -> timedelta:
        """How long a claim holds, from its slot on."""
        return timedelta(seconds=3 * self.request + self.margin)


@dataclass(slots=True)
class Attempt:
    """A claim that is being worked on.

    `is_used` says that its slot is, and that another request needs another one; `left_at` is when a
    message left whose answer is not known, and `is_asking` says that a request is under way.
    """

    claim: Claim
    is_used: bool = False
    left_at: datetime | None = None
    is_asking: bool = False


class LostLeaseError(Exception):
    """Somebody else has the row by now."""


class PausedError(Exception):
    """The platform is to be left alone for longer than a claim is held; `seconds` says how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


# Gives a claim a later slot and a new lease. Raises LostLeaseError.
Renew = Callable[[Claim], Awaitable[Claim]]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a platform; `now` is in UTC, `waited` is told of seconds that a slot took."""

    renew: Renew
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    timing: Timing
    waited: Callable[[float], None] = lambda seconds: None

    async def ask(
        self, attempt: Attempt, request: Callable[[], Awaitable[Answer]], *, makes: bool = False
    ) -> Answer:
        """The answer to a request, which may make a message that others see.

        Raises what the request raises, TimeoutError, LostLeaseError and PausedError.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._wait_for_slot(attempt)
        self.waited(loop.time() - began)
        # Nothing is awaited between the last look at the lease and the request.
        if makes:
            attempt.left_at = self.now()
        attempt.is_asking = True
        try:
            async with asyncio.timeout(self.timing.request):
                return await request()
        finally:
            attempt.is_asking = False

    async def _wait_for_slot(self, attempt: Attempt) -> None:
        request = timedelta(seconds=self.timing.request)
        while True:
            claim = attempt.claim
            if not attempt.is_used:
                # Sleeping is measured by another clock, and may end a little early by this one.
                while timedelta() < (ahead := claim.slot - self.now()) < FAR_AHEAD:
                    await self.sleep(ahead.total_seconds())
                is_on_time = timedelta() <= self.now() - claim.slot <= LATE
                if is_on_time and self.now() + request <= claim.lease_until:
                    attempt.is_used = True
                    return
            before = self.now()
            attempt.claim = await self.renew(claim)
            attempt.is_used = False
            now = self.now()
            ahead = attempt.claim.slot - now
            # With a clock that was put back meanwhile it only looks far.
            if ahead >= FAR_AHEAD and now >= before:
                raise PausedError(ahead.total_seconds())
