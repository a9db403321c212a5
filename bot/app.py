"""Builds everything from the settings, and starts and stops it in order."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from platform import node
from random import Random

from bot.archive.files import Archive
from bot.archive.pictures import ArchivePictures
from bot.chat.announce import Announcer
from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat, Clocks
from bot.chat.codes import Codes
from bot.chat.delivery import WAIT, Delivery
from bot.chat.digests.desk import Desk, Rules
from bot.chat.floods import Floods
from bot.chat.library import Library
from bot.digest.dispatcher import Dispatcher
from bot.digest.firing import Firing
from bot.digest.observing import Observer
from bot.digest.schedule import Alarm
from bot.digest.sending import Content
from bot.errors import IndexFileError
from bot.hiding import ShownIndex
from bot.meter import NO_METER, Meter
from bot.ports import Index, Pictures, Platform
from bot.running.delivering import Delivering
from bot.running.holding import Holding
from bot.running.later import LaterCodes, later_stores
from bot.running.syncing import Progress, index_path, synchronise
from bot.settings import Settings
from bot.stores import GetStores, Hidden, Runner, Stores
from bot.taken_down import TakenDown
from storage import hidden_file
from storage.index.reader import IndexReader, open_reader


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


CLOCKS = Clocks(utc_now, time.monotonic)
RANDOM = Random()  # noqa: S311 (no secret)


@asynccontextmanager
async def opened_index(
    settings: Settings, progress: Progress = lambda done, total: None
) -> AsyncIterator[IndexReader]:
    """The index for reading; one that is missing or of another version is made first."""
    path = index_path(settings)
    async with AsyncExitStack() as stack:
        try:
            reader = await stack.enter_async_context(open_reader(path))
        except IndexFileError as error:
            if error.key not in ("index.missing", "index.outdated"):
                raise
            await synchronise(settings, progress=progress)
            reader = await stack.enter_async_context(open_reader(path))
        yield reader


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncIterator[Stores]:
    """The stores of the state. Raises StateError."""
    # It takes long, and people are answered meanwhile.
    await asyncio.to_thread(import_module, "storage.state.stores")
    from storage.state.database import open_state
    from storage.state.stores import stores_of

    async with open_state(settings.state, settings.backups) as state:
        yield stores_of(state)


@asynccontextmanager
async def running_alone(settings: Settings, what: str) -> AsyncIterator[None]:
    """Be the only one that runs on a state in a file; on a server others may run as well.

    `what` is what the operator typed. Raises StateError where somebody else does, and where the
    state was moved elsewhere.
    """
    if not isinstance(settings.state, Path):
        yield
        return
    # Light, unlike all else of the state.
    from storage.state.moved import refuse_moved
    from storage.state.running import alone_on

    refuse_moved(settings.state)
    async with alone_on(settings.state, Runner(what, node(), os.getpid(), utc_now())):
        yield


def taken_down(settings: Settings) -> TakenDown:
    """What is hidden, for one who reads it once: the state is opened for that, if there is one."""

    async def read() -> Hidden:
        async with opened_stores(settings) as stores:
            return await stores.hidden.all()

    return _taken_down(settings, read)


def _taken_down(settings: Settings, read: Callable[[], Awaitable[Hidden]]) -> TakenDown:
    kept = hidden_file.HiddenFile(settings.data / hidden_file.FILE_NAME)
    return TakenDown(read, lambda: has_state(settings), kept)


def has_state(settings: Settings) -> bool:
    """Whether there may be a state; a file is only made when it is needed."""
    return not isinstance(settings.state, Path) or settings.state.exists()


@dataclass(frozen=True, slots=True)
class Bot:
    """The chat, and what it does unasked as long as `delivering` runs.

    What it may not share with other processes is held by `holding`.

    Adapters tell `arrivals` where it was added and removed, and keep what they have to keep in the
    state of `get_stores`; `archive_read` is called after each sync.
    """

    chat: Chat
    arrivals: Arrivals
    delivering: Delivering
    archive_read: Callable[[], None]
    get_stores: GetStores
    holding: Holding


@asynccontextmanager
async def opened_bot(
    settings: Settings,
    index: Index,
    platforms: Sequence[Platform],
    *,
    clocks: Clocks = CLOCKS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    floods: Floods | None = None,
    wait: float = WAIT,
    meter: Meter = NO_METER,
) -> AsyncIterator[Bot]:
    """The bot on an index, for the platforms where it speaks.

    Who shares or unfolds something waits for it `wait` seconds at most. The state is opened once
    it is needed.
    """
    opening = later_stores(lambda: opened_stores(settings), clocks.now, settings.keep)
    async with opening as get_stores:

        async def hidden() -> Hidden:
            return await (await get_stores()).hidden.all()

        hiding = _taken_down(settings, hidden)
        shown = ShownIndex(index, hiding)
        library = Library(shown, site_url(settings), RANDOM, pictures_of(settings))
        codes = Codes(LaterCodes(get_stores))
        worker = f"{node()} {os.getpid()} {secrets.token_hex(4)}"
        # On a file there is no other one.
        others = None if isinstance(settings.state, Path) else get_stores
        announcer = Announcer(library, codes, get_stores, clocks.now, hiding.look_again)
        observer = Observer(index, get_stores, clocks.now)
        dispatcher = Dispatcher(
            get_stores,
            platforms,
            Content(announcer.compose, observer.held, index.versions_of, announcer.on_done),
            now=clocks.now,
            sleep=sleep,
            random=RANDOM,
            worker=worker,
            meter=meter,
        )
        alarm = Alarm(clocks.now)

        def changed() -> None:
            alarm.ring()
            dispatcher.kick()

        def archive_read() -> None:
            # The archive's own configuration came with it.
            library.site_url = site_url(settings)
            observer.look()

        by_name = {platform.name: platform for platform in platforms}
        rules = Rules(str(settings.timezone), settings.max_subscriptions)
        yield Bot(
            Chat(
                library,
                codes,
                clocks,
                floods,
                Delivery(library, by_name, get_stores, dispatcher, clocks.now, wait),
                Desk(library, by_name, get_stores, clocks.now, rules, changed),
                meter,
            ),
            Arrivals(by_name, get_stores, dispatcher, clocks.now),
            Delivering(
                by_name,
                dispatcher,
                Firing(by_name, library.index, get_stores, settings.late, clocks.now, meter),
                alarm,
                observer,
                hiding,
                lambda: has_state(settings),
                sleep,
            ),
            archive_read,
            get_stores,
            Holding(others, worker, sleep),
        )


def pictures_of(settings: Settings) -> Pictures:
    """The pictures of the archive, as far as it is here."""
    return ArchivePictures(settings.archive.directory)


def site_url(settings: Settings) -> str | None:
    """The site's address: as set, else as the archive's own configuration has it."""
    return settings.site_url or Archive(settings.archive.directory).base_url()
