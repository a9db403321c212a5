"""`matome chat`: the chat in the terminal, or for the lines of a pipe."""

import argparse
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.console.chat import Conversation, answer_lines, answer_prompts
from adapters.console.platform import ConsolePlatform
from adapters.console.render import Paper, render
from adapters.console.screen import Screen
from bot.app import CLOCKS, Bot, opened_bot, opened_index
from bot.chat.delivery import WAIT
from bot.chat.floods import Floods
from bot.cli.output import is_capable, load_settings, paper, paper_width, progress_bar
from bot.cli.terminal import lines
from bot.locales import Texts
from bot.running.supervisor import Service, supervise
from bot.settings import Settings
from bot.view import Paragraph, Run, View

PROMPT = "> "
HISTORY = "history.txt"
# Behind a pipe nobody looks at a clock, but wants to have what was asked for, in its order.
PIPE_WAIT = 30.0


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Answer until the input ends."""
    settings = load_settings()
    async with opened_console(settings, texts) as opened:
        await supervise(
            [
                Service("terminal", lambda: talk(opened, settings), leads=True),
                Service("delivery", opened.bot.delivering.run),
            ]
        )
    return 0


async def talk(opened: "OpenedConsole", settings: Settings) -> None:
    """Answer at a prompt, or the lines of a pipe, until they end."""
    if _is_interactive():
        _welcome(settings)
        if is_capable():
            await _at_prompt(opened, settings)
        else:
            await answer_lines(lines(PROMPT), opened.conversation, blank_too=True)
    else:
        await answer_lines(lines(), opened.conversation)


def _is_interactive() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@dataclass(slots=True)
class OpenedConsole:
    """The chat with all that it shows things on."""

    bot: Bot
    screen: Screen
    conversation: Conversation


@asynccontextmanager
async def opened_console(settings: Settings, texts: Texts) -> AsyncIterator[OpenedConsole]:
    """The chat of one terminal, in the language that is set; `texts` are for its operator."""
    spoken = Texts(settings.language)
    screen = Screen(_print, paper, spoken, settings.timezone)
    session = f"{secrets.token_hex(4)}-"
    platform = ConsolePlatform(screen, spoken, CLOCKS.now, session)
    # Whoever sits here asks nobody but their own machine.
    unlimited = Floods(requests=sys.maxsize)
    async with AsyncExitStack() as until:
        with progress_bar(texts) as progress:
            index = await until.enter_async_context(opened_index(settings, progress))
        wait = WAIT if _is_interactive() else PIPE_WAIT
        opening = opened_bot(settings, index, [platform], floods=unlimited, wait=wait)
        bot = await until.enter_async_context(opening)
        conversation = Conversation(bot.chat, screen, spoken, session)
        yield OpenedConsole(bot, screen, conversation)


async def _at_prompt(opened: OpenedConsole, settings: Settings) -> None:
    # It takes a while to import, and a pipe does without.
    from adapters.console.prompt import Prompt

    screen, spoken = opened.screen, opened.screen.texts
    history = settings.data / HISTORY
    prompt = Prompt(spoken, opened.conversation.complete, lambda: screen.offers, history)
    screen.write = prompt.write

    async def cancelled() -> None:
        await prompt.write(spoken("console.cancelled") + "\n\n")

    await answer_prompts(prompt.ask, opened.conversation, cancelled)


def _welcome(settings: Settings) -> None:
    spoken = Texts(settings.language)
    said = [spoken("console.sample")] if settings.is_sample else []
    lines_said = tuple(Paragraph((Run(line),)) for line in (*said, spoken("console.welcome")))
    # Without colours, which would have to be asked for first.
    plain = Paper(paper_width())
    print(render(View("", lines_said), plain, spoken, settings.timezone), flush=True)


async def _print(text: str) -> None:
    print(text, end="", flush=True)
