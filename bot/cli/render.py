"""`matome render`: what a command or a button would send, to look at and to test."""

import argparse
from collections.abc import AsyncIterator

from adapters.console.render import render
from bot.chat.codes import is_code
from bot.chat.failures import apology
from bot.cli.chat import OpenedConsole, opened_console
from bot.cli.output import load_settings, paper
from bot.errors import UserError
from bot.locales import Texts
from bot.view import View

USAGE = 2


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print the answer; exit status 2 where it says that the command cannot be understood."""
    settings = load_settings()
    # An argument that is no UTF-8 comes with surrogates.
    asked = options.asked.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    async with opened_console(settings, texts) as opened:
        spoken = opened.screen.texts
        status = 0
        async for view in _views(opened, asked, options.all):
            if isinstance(view, UserError):
                view, status = apology(view, spoken, "a rendering"), USAGE
            codes = await opened.chat.codes_of(view.actions()) if options.codes else None
            print(render(view, paper(), spoken, settings.timezone, codes), end="\n\n", flush=True)
    return status


async def _views(
    opened: OpenedConsole, asked: str, everything: bool
) -> AsyncIterator[View | UserError]:
    """The answer, and with `everything` all pages behind it."""
    context = opened.conversation.context()
    answer = opened.chat.pressed if is_code(asked) else opened.chat.typed
    try:
        view = (await answer(asked, context)).view
    except UserError as error:
        yield error
        return
    yield view
    while everything and view.more is not None:
        view = await opened.chat.compose(view.more.intent, context.frame)
        yield view
