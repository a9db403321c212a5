"""`matome doctor`: checks what the bot stands on, and says what to do about each fault."""

import argparse
import asyncio
import os
import platform
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from adapters.console.visible import visible
from bot.app import CLOCKS, has_state, opened_stores, site_url
from bot.cli.faces import faces_of
from bot.cli.output import load_settings, say
from bot.errors import OperatorError, SettingsError, StateError
from bot.locales import Texts
from bot.running.faces import Checked
from bot.running.syncing import index_path, reach_archive
from bot.settings import Settings
from bot.stores import Stores
from bot.watching.clock import ClockWatch, compare, is_wrong
from storage.index.database import check
from storage.index.reader import open_reader
from storage.state.moved import refuse_moved

MEGABYTE = 1024 * 1024
# An index of the present archive takes a tenth of this.
LITTLE_SPACE_MB = 1024


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print every check; exit status 1 where one found a fault."""
    sound = True
    async for check_made in _checks(texts):
        sound = sound and check_made.is_fine
        kind = "doctor.ok" if check_made.is_fine else "doctor.fault"
        print(visible(texts(kind, what=check_made.what)))
    return 0 if sound else 1


async def _checks(texts: Texts) -> AsyncIterator[Checked]:
    yield _runtime(texts)
    try:
        settings = load_settings()
    except SettingsError as error:
        for fault in error.faults:
            yield Checked(False, texts.of(fault))
        return
    shown = {"language": settings.language, "timezone": settings.timezone, "data": settings.data}
    yield Checked(True, texts("doctor.settings", **shown))
    for name in settings.unknown:
        yield Checked(False, texts("doctor.unknown_setting", name=name))
    yield _data(settings.data, texts)
    clock = ClockWatch(CLOCKS.now)
    for part in (_archive, _index, _state, _running, _platforms, _clock):
        try:
            async for check_made in part(settings, texts, clock):
                yield check_made
        except OperatorError as error:
            yield Checked(False, texts.of(error))


def _runtime(texts: Texts) -> Checked:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        return Checked(False, texts("doctor.no_fts5"))
    finally:
        connection.close()
    versions = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return Checked(True, texts("doctor.python", **versions))


def _data(directory: Path, texts: Texts) -> Checked:
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Checked(False, texts("doctor.data_unwritable", path=directory))
    free = shutil.disk_usage(existing).free // MEGABYTE
    key = "doctor.data" if free >= LITTLE_SPACE_MB else "doctor.data_full"
    return Checked(free >= LITTLE_SPACE_MB, texts(key, path=directory, free=free))


async def _archive(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    updated = await reach_archive(settings, lambda: say(texts("cli.waiting")))
    if updated.stale is not None:
        yield Checked(False, texts("cli.stale", cause=texts.of(updated.stale)))
    files = len(await asyncio.to_thread(updated.files))
    found = texts("doctor.archive", name=settings.archive.name, files=files)
    yield Checked(files > 0, found)
    site = site_url(settings)
    yield Checked(True, texts("doctor.site", url=site) if site else texts("doctor.no_site"))


async def _state(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    if not has_state(settings):
        if isinstance(settings.state, Path):
            refuse_moved(settings.state)
        return
    # Imported only now: it takes long, and there may be no state.
    from storage.state.clock import StoredClock
    from storage.state.database import database_at, look_at, opened

    found = await look_at(settings.state, settings.backups)
    size = f"{found.size / MEGABYTE:.1f}"
    shown = {"path": settings.state, "size": size, "revision": found.revision or "–"}
    yield Checked(True, texts("doctor.state", **shown))
    for damage in found.damages:
        yield Checked(False, texts("doctor.state_damaged", path=settings.state, cause=damage))
    if isinstance(settings.state, Path):
        return
    async with opened(database_at(settings.state)) as state:
        await compare(StoredClock(state), clock)


async def _running(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    """Whether a bot runs on the state."""
    from storage.state.running import who_runs

    try:
        runner = await who_runs(settings.state)
    except StateError:
        # It was told already.
        return
    if runner is not None:
        named = {"what": runner.what, "host": runner.host, "pid": runner.pid}
        since = f"{runner.since:%Y-%m-%d %H:%M:%S} UTC"
        yield Checked(True, texts("doctor.running", **named, since=since))


async def _index(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    path = index_path(settings)
    async with open_reader(path, connections=1, archive=settings.archive.name) as index:
        await check(path)
        size = f"{path.stat().st_size / MEGABYTE:.1f}"
        yield Checked(True, texts("doctor.index", posts=await index.count_posts(), size=size))
        refused = await index.refused()
        if refused:
            yield Checked(False, texts("doctor.refused", count=len(refused)))


async def _platforms(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    async with AsyncExitStack() as until:
        stores = None
        if faces := faces_of(settings, texts, clock):
            stores = await until.enter_async_context(_stores(settings))
        for face in faces:
            until.push_async_callback(face.close)
            async for checked in face.checks(stores):
                yield checked


async def _clock(settings: Settings, texts: Texts, clock: ClockWatch) -> AsyncIterator[Checked]:
    """The clock of this machine, as far as anybody was asked for theirs above."""
    wrong = [(source, skew) for source, skew in clock.skews.items() if is_wrong(skew)]
    for source, skew in wrong:
        key = "doctor.clock_ahead" if skew > 0 else "doctor.clock_behind"
        yield Checked(False, texts(key, source=source, seconds=round(abs(skew))))
    if clock.skews and not wrong:
        yield Checked(True, texts("doctor.clock", sources=", ".join(clock.skews)))


@asynccontextmanager
async def _stores(settings: Settings) -> AsyncIterator[Stores | None]:
    """The stores of a state that is sound and of this version, else None: nothing is changed."""
    if not has_state(settings):
        yield None
        return
    from storage.state.database import look_at
    from storage.state.tables import HEAD

    try:
        found = await look_at(settings.state, settings.backups)
    except StateError:
        # It was told already.
        yield None
        return
    if found.revision != HEAD or found.damages:
        yield None
        return
    async with opened_stores(settings) as stores:
        yield stores
