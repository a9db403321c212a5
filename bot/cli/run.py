"""`matome run`: sync, then answer lines from the terminal or a pipe until they end."""

import argparse
import logging
import secrets
import sys
from random import Random

from adapters.console.plain import PlainText
from adapters.console.visible import visible
from bot.app import index_path, opened_index, site_url
from bot.chat.answers import answer
from bot.cli.output import is_styled, load_settings, report_problems, say, synchronised
from bot.cli.terminal import lines
from bot.errors import ArchiveError, IndexFileError, MatomeError
from bot.locales import Texts
from bot.ports import Index
from bot.settings import Settings

PROMPT = "> "


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Answer until the input ends."""
    settings = load_settings()
    await _synchronise(settings, texts)
    site = site_url(settings)
    chat = Texts(settings.language)
    plain = PlainText(chat, settings.timezone, site, bold=is_styled())
    random = Random()  # noqa: S311 (a lucky dip is no secret)
    interactive = sys.stdin.isatty()
    if interactive:
        if settings.is_sample:
            print(chat("chat.sample"))
        print(chat("chat.welcome"))
    async with opened_index(settings) as index:
        async for line in lines(PROMPT if interactive else ""):
            if line.strip() or interactive:
                reply = await _reply(index, line, plain, random, site, chat)
                print(reply, end="\n\n", flush=True)
    return 0


async def _synchronise(settings: Settings, texts: Texts) -> None:
    """Sync; where that fails, say so and answer from what was indexed before."""
    try:
        report_problems(await synchronised(settings, texts), texts)
    except (ArchiveError, IndexFileError) as error:
        if not index_path(settings).exists():
            raise
        say(texts("cli.error", message=texts.of(error)))


async def _reply(
    index: Index, line: str, plain: PlainText, random: Random, site: str | None, chat: Texts
) -> str:
    """The answer to one line; the border where an error becomes a reply."""
    try:
        return plain.render(await answer(index, line, random, site))
    except MatomeError as error:
        return visible(chat.of(error))
    except Exception:
        incident = secrets.token_hex(4)
        logging.exception("incident %s: a line could not be answered", incident)
        return chat("chat.internal_error", incident=incident)
