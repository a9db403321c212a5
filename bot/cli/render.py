"""`matome render`: what a command or a button would send, to look at and to test."""

import argparse
from collections.abc import AsyncIterator

from adapters.console.render import render
from bot.chat.failures import apology
from bot.cli.chat import OpenedConsole, opened_console
from bot.cli.output import load_settings, paper
from bot.errors import UserError
from bot.intent import AddDigest, EditDigest, ForgetMe, PauseDigest, RemoveDigest, SendDigest
from bot.locales import Texts
from bot.view import Effect, View

USAGE = 2
# What is more than an answer.
CHANGING = (AddDigest, EditDigest, ForgetMe, PauseDigest, RemoveDigest, SendDigest)


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
            codes = await opened.bot.chat.codes_of(view.actions()) if options.codes else None
            print(render(view, paper(), spoken, settings.timezone, codes), end="\n\n", flush=True)
    return status


async def _views(
    opened: OpenedConsole, asked: str, everything: bool
) -> AsyncIterator[View | UserError]:
    """The answer, and with `everything` all pages behind it."""
    context = opened.conversation.context()
    chat = opened.bot.chat
    try:
        action = await chat.meant(asked, context)
        if isinstance(action.intent, CHANGING):
            raise UserError("cli.render.changes")
        if action.effect in (Effect.SHARE, Effect.THREAD):
            for posted in await chat.posted(action, context):
                yield posted
            return
        view = await chat.answer(action.intent, context)
    except UserError as error:
        yield error
        return
    yield view
    while everything and view.more is not None:
        view = await chat.answer(view.more.intent, context)
        yield view
