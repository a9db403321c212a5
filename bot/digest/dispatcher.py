"""The one through which everything unasked is said: claims rows, sends them, settles them.

Rows are sent side by side, each at its slot, while one loop speaks with the state: what is finished
is settled together, and what there is room for is claimed. docs/delivery.md has the promise.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from structlog.stdlib import get_logger

from bot.digest.measuring import measure
from bot.digest.pacing import Asker, Attempt, LostLeaseError, Timing
from bot.digest.retries import Retries, pause
from bot.digest.sending import Content, Sender
from bot.digest.waiting import Waiters, first_of
from bot.errors import StateError
from bot.incidents import incident
from bot.meter import NO_METER, Meter
from bot.outbox import Claim, Outcome, Result, Row
from bot.ports import Platform
from bot.stores import GetStores, Outbox

# Rows of a platform that are sent at the same time.
IN_FLIGHT = 200

_TIMING = Timing()
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Flight:
    attempt: Attempt
    task: asyncio.Task[None]


@dataclass(slots=True, eq=False)
class _Lane:
    """A platform with what is on its way there, by the row's number.

    `late` are claims that wait for later slots; more rows are asked for at `next_at`, whatever the
    other lanes have to do.
    """

    platform: Platform
    sender: Sender
    next_at: datetime
    flights: dict[int, _Flight] = field(default_factory=dict)
    late: list[tuple[Claim, asyncio.Future[Claim]]] = field(default_factory=list)


class Dispatcher:
    """Sends the outbox's rows of some platforms, as the worker with a name of its own.

    `now` gives the time in UTC.
    """

    def __init__(
        self,
        get_stores: GetStores,
        platforms: Iterable[Platform],
        content: Content,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        random: Random,
        worker: str,
        timing: Timing = _TIMING,
        meter: Meter = NO_METER,
    ) -> None:
        self._get_stores = get_stores
        self._content = content
        self._now = now
        self._sleep = sleep
        self._random = random
        self._worker = worker
        self._timing = timing
        self._meter = meter
        self._lanes = {platform.name: self._lane(platform) for platform in platforms}
        self._results: list[Result] = []
        self._waiters = Waiters()
        self._telling: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._failures = 0
        self._is_recovering = False

    async def run(self) -> None:
        """Send whatever is ready, until cancelled.

        What is under way then may take `leave` seconds more; what has not left is given back.
        """
        try:
            while True:
                self._wake.clear()
                try:
                    await self._turn()
                except Exception as error:
                    # What was asked in vain is asked again.
                    self.kick()
                    await self._sleep(self._outage(error))
                else:
                    self._go_on()
                    await self._sleep(self._timing.gather)
                    await self._wait()
        finally:
            await self._leave()

    def kick(self) -> None:
        """Look into the outbox at once: rows were written."""
        for lane in self._lanes.values():
            lane.next_at = self._now()
        self._wake.set()

    async def settled(self, key: str, seconds: float) -> Row | None:
        """A row once it has ended, None where it has not within some seconds. Raises StateError."""

        async def look() -> Row | None:
            row = await (await self._get_stores()).outbox.row(key)
            return row if row is not None and row.outcome is not None else None

        async def pass_time() -> None:
            await self._sleep(seconds)

        over = asyncio.create_task(pass_time())
        try:
            return await self._waiters.wait(key, look, over)
        finally:
            over.cancel()

    # One turn of the loop.

    async def _turn(self) -> None:
        outbox = (await self._get_stores()).outbox
        await self._settle(outbox)
        for lane in self._lanes.values():
            await self._renew(lane, outbox)
            await self._claim(lane, outbox)

    async def _settle(self, outbox: Outbox) -> None:
        results, self._results = self._results, []
        if not results:
            return
        try:
            await outbox.settle(results, self._now())
        except (StateError, asyncio.CancelledError):
            self._results = results + self._results
            raise
        except Exception:
            await self._settle_singly(results, outbox)
        for result in results:
            # What waited for it may be ready.
            self._lanes[result.claim.row.platform].next_at = self._now()
        if any(result.outcome not in (None, Outcome.DONE) for result in results):
            # With what failed all has ended that hung on it.
            self._waiters.tell_all()
        done = [
            replace(result.claim.row, outcome=result.outcome, reference=result.reference)
            for result in results
            if result.outcome is Outcome.DONE
        ]
        self._waiters.tell(row.key for row in done)
        if done:
            task = asyncio.create_task(self._tell_done(done))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _settle_singly(self, results: Sequence[Result], outbox: Outbox) -> None:
        """Let one that cannot be noted, for whatever reason, not keep the others from it."""
        for number, result in enumerate(results):
            try:
                await outbox.settle([result], self._now())
            except (StateError, asyncio.CancelledError):
                self._results = [*results[number:], *self._results]
                raise
            except Exception as error:
                incident(_log, "what was sent cannot be noted", error, row=result.claim.row.id)

    async def _tell_done(self, rows: Sequence[Row]) -> None:
        for row in rows:
            try:
                await self._content.on_done(row)
            except Exception as error:
                incident(_log, "what follows a row failed", error, row=row.id, key=row.key)

    async def _renew(self, lane: _Lane, outbox: Outbox) -> None:
        late, lane.late = lane.late, []
        late = [(claim, renewed) for claim, renewed in late if not renewed.done()]
        if not late:
            return
        claims = [claim for claim, _ in late]
        try:
            held = await outbox.renew(
                claims, lane.platform.pace, lane.platform.channel, self._now(), self._timing.lease
            )
        except BaseException:
            lane.late = late + lane.late
            raise
        by_row = {claim.row.id: claim for claim in held}
        for claim, renewed in late:
            if renewed.done():
                continue
            if claim.row.id in by_row:
                renewed.set_result(by_row[claim.row.id])
            else:
                renewed.set_exception(LostLeaseError())

    async def _claim(self, lane: _Lane, outbox: Outbox) -> None:
        room = IN_FLIGHT - len(lane.flights)
        now, look = self._now(), timedelta(seconds=self._timing.look)
        # One that is farther off than any is set was set before the clock was put back.
        if room <= 0 or now < lane.next_at <= now + look:
            return
        platform = lane.platform
        # Set before it is asked, so that a kick meanwhile counts.
        lane.next_at = now + look
        found = await outbox.claim(
            platform.name,
            platform.pace,
            platform.channel,
            now,
            room,
            self._timing.lease,
            self._worker,
        )
        if found.next_at is not None:
            lane.next_at = min(lane.next_at, found.next_at)
        for claim in found.claims:
            attempt = Attempt(claim)
            before = lane.flights.get(claim.row.id)
            task = asyncio.create_task(self._fly(lane, attempt, before))
            lane.flights[claim.row.id] = _Flight(attempt, task)

    async def _wait(self) -> None:
        """Until something is finished or written, rows are ready, or it is time to look again."""
        now = self._now()
        ready = min((lane.next_at for lane in self._lanes.values()), default=now)
        seconds = min(self._timing.look, max(0.0, (ready - now).total_seconds()))
        await first_of(self._wake.wait(), self._sleep(seconds))
        if self._wake.is_set():
            return
        # Sleeping is measured by another clock, and may end a little early by this one.
        for lane in self._lanes.values():
            if lane.next_at <= ready:
                lane.next_at = self._now()

    # One row on its way.

    async def _fly(self, lane: _Lane, attempt: Attempt, before: _Flight | None) -> None:
        row = attempt.claim.row
        try:
            if before is not None:
                # Claimed again by ourselves, after a clock jumped: two tries never overlap.
                await asyncio.wait([before.task])
            result = await lane.sender.send(attempt)
            if result is not None:
                measure(result, self._now(), self._meter)
                self._results.append(result)
        except asyncio.CancelledError:
            if attempt.left_at is None:
                self._results.append(Result(attempt.claim, untried=True))
            raise
        finally:
            flight = lane.flights.get(row.id)
            if flight is not None and flight.attempt is attempt:
                del lane.flights[row.id]
            self._wake.set()

    def _lane(self, platform: Platform) -> _Lane:
        async def renew(claim: Claim) -> Claim:
            renewed = asyncio.get_running_loop().create_future()
            lane.late.append((claim, renewed))
            self._wake.set()
            later: Claim = await renewed
            return later

        waited = partial(self._meter.waited, platform.name)
        asker = Asker(renew, self._now, self._sleep, self._timing, waited)
        retries = Retries(self._now, self._random, self._timing)
        sender = Sender(platform, self._get_stores, self._content, asker, retries, self._now)
        lane = _Lane(platform, sender, self._now())
        return lane

    # When the state is away, and at the end.

    def _outage(self, error: Exception) -> float:
        """Log a failure of the loop, once until it is over; returns for how long to wait."""
        self._failures += 1
        self._is_recovering = False
        if self._failures == 1 and isinstance(error, StateError):
            _log.warning("the outbox is out of reach, deliveries wait", cause=error)
        elif self._failures == 1:
            incident(_log, "deliveries wait", error)
        timing = self._timing
        return pause(self._failures, timing.first_pause, timing.longest_outage_pause, self._random)

    def _go_on(self) -> None:
        """Note a turn that went well.

        An outage is over with the second in a row: of a damaged state some may be read, so that
        every other turn goes well.
        """
        if not self._failures:
            return
        if not self._is_recovering:
            self._is_recovering = True
            return
        _log.info("the outbox is in reach again, deliveries go on")
        self._failures, self._is_recovering = 0, False

    async def _leave(self) -> None:
        flights = [flight for lane in self._lanes.values() for flight in lane.flights.values()]
        for flight in flights:
            if not flight.attempt.is_asking:
                flight.task.cancel()
        await _ended({flight.task for flight in flights} | self._telling, self._timing.leave)
        try:
            await self._settle((await self._get_stores()).outbox)
        except StateError as error:
            # Their leases end by themselves, and they are looked for before they are sent again.
            _log.warning("what was sent last could not be noted", cause=error)
        # What was noted last is told as well, as long as there is a state to read.
        await _ended(self._telling, self._timing.margin)


async def _ended(tasks: Collection[asyncio.Task[None]], seconds: float) -> None:
    """Wait for tasks; those that take longer are cancelled."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
