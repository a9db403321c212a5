"""`matome run` with tokens: one bot on all their platforms, until the program is told to stop."""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING

from structlog.stdlib import get_logger

from bot.app import CLOCKS, Bot, has_state, opened_bot
from bot.errors import OperatorError
from bot.locales import Texts
from bot.meter import NO_METER, Meter
from bot.running.collecting import nothing_collected
from bot.running.faces import LEAVE_WITHIN, Face, run_faces
from bot.running.first_reading import FirstReading, index_at_once
from bot.running.memory import give_back
from bot.running.supervisor import Service, Stopped, supervise
from bot.running.syncing import Synced, keep_in_step
from bot.settings import Settings
from bot.watching.clock import ClockWatch, keep_comparing
from bot.watching.health import Health

if TYPE_CHECKING:
    from bot.archive.sync import Summary
    from bot.watching.metrics import Metrics

_log = get_logger(__name__)

# How long a thread that ranks results may keep the event loop waiting, in seconds. With Python's
# own 5 ms each request of the loop, for whoever, may wait that long.
_SWITCH_SECONDS = 0.0005
# How many new objects there are between two looks for those that hold each other. Fifty answers at
# a time have tens of thousands, nearly all of which go with them: with Python's own 700 each of
# them takes a tenth longer, with 2,000 a twentieth.
_NEW_OBJECTS = 10_000
# How long the first sync waits until people are answered from the index that there is, and between
# two looks whether they are, in seconds.
_AT_WORK_WITHIN, _LOOK_EVERY = 5.0, 0.05


def metrics_of(settings: Settings) -> "Metrics | None":
    """What measures, where somebody can ask for metrics: with an address for HTTP."""
    if settings.http is None:
        return None
    # Imported only now: it takes long, and few commands need it.
    from bot.watching.metrics import Metrics

    try:
        ours = version("matome")
    except PackageNotFoundError:
        # Run from its sources.
        ours = "unknown"
    return Metrics(CLOCKS.now, version=ours, python=python_version())


async def serve_faces(
    settings: Settings,
    faces: Sequence[Face],
    texts: Texts,
    clock: ClockWatch,
    metrics: "Metrics | None" = None,
) -> None:
    """Answer on all platforms until told to stop; what is under way then is brought to its end.

    The archive is read meanwhile. Raises OperatorError where every platform refuses the bot or the
    address for HTTP is not free, and IndexFileError where no sync would mend the index.
    """
    # Imported only now: it takes long, and the terminal does without.
    with nothing_collected():
        from bot.running.http import served

    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_NEW_OBJECTS)

    meter: Meter = NO_METER if metrics is None else metrics
    health, leaving, problems = Health(texts), Leaving(), Problems()
    stopped = partial(_not_ready, health)

    def synced(what: Synced) -> None:
        problems.tell(what.summary)
        bot.archive_read()

    async with AsyncExitStack() as until:
        for face in faces:
            until.push_async_callback(face.close)
        reading = await until.enter_async_context(index_at_once(settings, asyncio.sleep, meter))
        platforms = [face.platform for face in faces]
        bot = await until.enter_async_context(
            opened_bot(settings, reading.index, platforms, meter=meter)
        )
        for face in faces:
            face.attend(bot.chat, bot.arrivals, bot.get_stores, bot.holding)
        routes = [route for face in faces for route in face.routes()]
        services = [
            Service("stop", lambda: _stop(health, leaving), leads=True),
            Service("platforms", lambda: run_faces(faces, health.fail), leads=True),
            Service("sync", lambda: _keep_in_step(settings, reading, bot, faces, synced, meter)),
            Service("damage", lambda: reading.keep_whole(synced)),
            Service("delivery", lambda: _deliver(reading, bot, stopped)),
            Service("presence", bot.holding.be_known),
        ]
        if not isinstance(settings.state, Path):
            compared = partial(keep_comparing, bot.get_stores, clock, asyncio.sleep)
            services.append(Service("clock", compared))
        if metrics is not None:
            with nothing_collected():
                from bot.cli.watching import watched

            watching = await until.enter_async_context(
                watched(settings, health, metrics, faces, reading, bot)
            )
            routes += watching.routes()
            services.append(Service("lag", watching.keep_looking_at_lag))
        # It answers until all have left: who balances requests asks whether it is ready still.
        http = served(settings.http, routes, leaving.seconds_left)
        await until.enter_async_context(http)
        await supervise(services, stopped)


def _not_ready(health: Health, name: str, number: str) -> None:
    """Let whoever restarts programs know of a part that has failed for good."""
    health.fail(name, OperatorError("health.stopped", incident=number))


async def _keep_in_step(
    settings: Settings,
    reading: FirstReading,
    bot: Bot,
    faces: Sequence[Face],
    synced: Callable[[Synced], None],
    meter: Meter,
) -> None:
    if reading.index.is_open:
        await _at_work(settings, bot, faces, asyncio.sleep)
    await reading.run(synced)
    # What is there by now stays. To look through all of it again and again took 0.1 s each time,
    # for which everybody waited.
    gc.collect()
    gc.freeze()

    def synced_again(what: Synced) -> None:
        synced(what)
        # There is little to look through besides what was there at first.
        gc.collect()
        asyncio.get_running_loop().run_in_executor(None, give_back)

    await keep_in_step(settings, asyncio.sleep, synced_again, meter)


async def _at_work(
    settings: Settings, bot: Bot, faces: Sequence[Face], sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Leave the processors to the state and the platforms at the start, but not for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_AT_WORK_WITHIN):
            if has_state(settings):
                # Who needs it tells what is wrong with it.
                await asyncio.gather(bot.get_stores(), return_exceptions=True)
            while any(face.lacking() is not None for face in faces):
                await sleep(_LOOK_EVERY)


class Problems:
    """Says in the log what of an archive cannot be read, of each file once until that changes."""

    def __init__(self) -> None:
        self._told: Collection[tuple[str, str, int | None]] = ()

    def tell(self, summary: "Summary") -> None:
        """Say what a sync has found that none before has."""
        refused = {(each.path, each.reason.key, each.reason.line): each for each in summary.refused}
        for what, each in refused.items():
            if what not in self._told:
                reason = each.reason
                _log.warning("a file was refused", file=each.path, line=reason.line, cause=reason)
        self._told = refused.keys()
        if summary.findings:
            # `matome sync` names them.
            _log.info("files of the archive lack something", files=len(summary.findings))


async def _deliver(reading: FirstReading, bot: Bot, stopped: Stopped) -> None:
    """Send what is to be sent as soon as there is an index to make it of."""
    await reading.opened()
    await bot.delivering.run(reading.tried, stopped)


@dataclass(slots=True)
class Leaving:
    """Since when the program is ending, by the running loop's clock."""

    since: float | None = None

    def seconds_left(self) -> float:
        """For what is under way."""
        now = asyncio.get_running_loop().time()
        return max(0.0, LEAVE_WITHIN - (now - (now if self.since is None else self.since)))


async def _stop(health: Health, leaving: Leaving) -> None:
    await told_to_stop()
    leaving.since = asyncio.get_running_loop().time()
    health.leave()


async def told_to_stop() -> None:
    """Wait for Ctrl-C, or for whoever runs services to end this one.

    From then on a second signal ends the program at once.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, stopped.set)
    try:
        await stopped.wait()
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
