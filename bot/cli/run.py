"""`matome run`: all platforms with a token, else the chat in the terminal; and syncs meanwhile."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from bot.app import CLOCKS, Bot, running_alone
from bot.cli.chat import opened_console, talk
from bot.cli.faces import faces_of
from bot.cli.output import load_settings, report_problems, say, synchronised
from bot.cli.serving import metrics_of, serve_faces
from bot.errors import ArchiveError, IndexFileError
from bot.locales import Texts
from bot.meter import NO_METER
from bot.running.supervisor import Service, supervise
from bot.running.syncing import index_path, keep_in_step
from bot.settings import Settings
from bot.watching.clock import ClockWatch


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Answer until the input ends, on platforms until the program is told to stop.

    Raises StateError where another one runs on the same file.
    """
    settings = load_settings()
    metrics = metrics_of(settings)
    async with running_alone(settings, "matome run"):
        meter = metrics or NO_METER
        clock = ClockWatch(CLOCKS.now, meter.skewed)
        if faces := faces_of(settings, texts, clock, meter):
            await serve_faces(settings, faces, texts, clock, metrics)
            return 0
        await _synchronise(settings, texts)
        async with opened_console(settings, texts) as opened:
            await serve(settings, opened.bot, lambda: talk(opened, settings), asyncio.sleep)
    return 0


async def serve(
    settings: Settings,
    bot: Bot,
    talking: Callable[[], Awaitable[None]],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Talk until that ends; sync, and send what falls due, meanwhile."""
    await supervise(
        [
            Service("terminal", talking, leads=True),
            Service("sync", lambda: keep_in_step(settings, sleep, lambda _: bot.archive_read())),
            Service("delivery", bot.delivering.run),
            Service("presence", bot.holding.be_known),
        ]
    )


async def _synchronise(settings: Settings, texts: Texts) -> None:
    """Sync; where that fails, say so and answer from what was indexed before."""
    try:
        report_problems(await synchronised(settings, texts, mend=True), texts)
    except (ArchiveError, IndexFileError) as error:
        if not index_path(settings).exists():
            raise
        say(texts("cli.error", message=texts.of(error)))
