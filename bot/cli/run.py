"""`matome run`: all platforms with a token, else the chat in the terminal; and syncs meanwhile."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from structlog.stdlib import get_logger

from bot.app import CLOCKS, Bot, running_alone
from bot.cli import FAILED
from bot.cli.chat import opened_console, talk
from bot.cli.faces import faces_of
from bot.cli.output import load_settings, report_problems, say, synchronised
from bot.cli.serving import metrics_of, serve_faces
from bot.errors import ArchiveError, IndexFileError, OperatorError
from bot.locales import Texts
from bot.meter import NO_METER
from bot.running.collecting import nothing_collected
from bot.running.memory import share_one_heap
from bot.running.supervisor import Service, supervise
from bot.running.syncing import index_path, keep_in_step
from bot.settings import Settings
from bot.watching.clock import ClockWatch

_log = get_logger(__name__)


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Answer until the input ends, on platforms until the program is told to stop.

    Raises OperatorError for what keeps it from that, such as another one on the same state; a bot
    on platforms tells it in its log where nobody looks at a terminal.
    """
    # Before there is any thread: each that has a heap keeps it.
    share_one_heap()
    settings = load_settings()
    is_service = settings.discord is not None or settings.slack is not None
    if is_service:
        for name in settings.unknown:
            # Misspelt it may be the state's address, and people's digests go into another one.
            _log.warning("there is no such setting, it is passed over", name=name)
    try:
        return await _run(settings, texts)
    except OperatorError as error:
        if not is_service or sys.stderr.isatty():
            raise
        # Whoever reads the log by a program would miss why it ends.
        _log.error("the program cannot go on", cause=error)
        return FAILED


async def _run(settings: Settings, texts: Texts) -> int:
    with nothing_collected():
        metrics = metrics_of(settings)
    async with running_alone(settings, "matome run"):
        meter = metrics or NO_METER
        clock = ClockWatch(CLOCKS.now, meter.skewed)
        with nothing_collected():
            faces = faces_of(settings, texts, clock, meter)
        if faces:
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
