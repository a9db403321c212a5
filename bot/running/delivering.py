"""What the bot does unasked, put together: what falls due, what the archive brings, the outbox."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.digest.dispatcher import Dispatcher
from bot.digest.firing import Firing, keep_firing
from bot.digest.observing import Observer
from bot.digest.placing import keep_placing
from bot.digest.schedule import Alarm
from bot.ports import Platform
from bot.running.supervisor import Service, Stopped, supervise, told_to_nobody
from bot.taken_down import TakenDown

# Between two looks whether there is a state by now, in seconds: without one nothing is to be sent.
LOOK_FOR_STATE = 0.5
# Between two looks at what another process may have synced, in seconds.
LOOK_AT_INDEX = 60.0

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delivering:
    """The parts of it. `is_needed` says whether there is a state, or need for one."""

    platforms: Mapping[str, Platform]
    dispatcher: Dispatcher
    firing: Firing
    alarm: Alarm
    observer: Observer
    taken_down: TakenDown
    is_needed: Callable[[], bool]
    sleep: Sleep

    async def run(
        self,
        caught_up: Callable[[], Awaitable[object]] | None = None,
        stopped: Stopped = told_to_nobody,
    ) -> None:
        """Do all of it until cancelled; what is being sent is then sent to the end.

        Digests wait until `caught_up` returns, so that a late one has what came meanwhile. A part
        that has failed for good is told to `stopped`, while the others go on.
        """
        while not self.is_needed():
            await self.sleep(LOOK_FOR_STATE)
        async with self.alarm:
            await supervise(
                [
                    Service("outbox", self.dispatcher.run),
                    Service("schedule", lambda: self._keep_firing(caught_up)),
                    Service("new posts", lambda: self.observer.keep_noting(self.sleep)),
                    Service("looking at the index", self._keep_looking),
                    Service("where digests belong", self._keep_placing),
                    Service("hidden posts", lambda: self.taken_down.keep_fresh(self.sleep)),
                ],
                stopped,
            )

    async def _keep_firing(self, caught_up: Callable[[], Awaitable[object]] | None) -> None:
        if caught_up is not None:
            await caught_up()
        await keep_firing(self.firing, self.alarm, self.sleep)

    async def _keep_placing(self) -> None:
        await keep_placing(self.platforms, self.firing.get_stores, self.sleep)

    async def _keep_looking(self) -> None:
        while True:
            await self.sleep(LOOK_AT_INDEX)
            self.observer.look()
