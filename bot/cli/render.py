"""`matome render`: what a command or a button would send, to look at and to test."""

import argparse
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from adapters.console.limits import LIMITS
from adapters.console.render import render
from bot.app import pictures_of
from bot.chat.context import Context, Frame
from bot.chat.failures import apology
from bot.chat.forms import Form
from bot.cli import USAGE
from bot.cli.chat import OpenedConsole, opened_console
from bot.cli.output import load_settings, paper, say
from bot.errors import UserError
from bot.intent import AddDigest, EditDigest, ForgetMe, PauseDigest, RemoveDigest, SendDigest
from bot.locales import Texts
from bot.settings import Settings
from bot.view import Action, Effect, Limits, View

# What is more than an answer.
CHANGING = (AddDigest, EditDigest, ForgetMe, PauseDigest, RemoveDigest, SendDigest)


@dataclass(frozen=True, slots=True)
class _Writing:
    """How a platform writes views: within which limits, whether their codes are wanted, and how.

    `texts` are in the words of the platform. `asking` writes a form, where there are any.
    `looked_at` says where what was written can be looked at, if anywhere.
    """

    texts: Texts
    limits: Limits
    coded: bool
    written: Callable[[View, Mapping[Action, str]], Awaitable[str]]
    asking: Callable[[Form], str] = lambda form: ""
    looked_at: Callable[[str], str] | None = None


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print the answer; exit status 2 where it says that the command cannot be understood."""
    settings = load_settings()
    # An argument that is no UTF-8 comes with surrogates.
    asked = options.asked.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    async with opened_console(settings, texts) as opened:
        spoken = opened.screen.texts
        if options.platform == "discord":
            writing = _discord(spoken, settings)
        elif options.platform == "slack":
            writing = _slack(spoken.language)
        else:
            writing = _console(spoken, settings, coded=options.codes)
        status = 0
        async for view in _views(opened, asked, options.all, writing):
            if isinstance(view, Form):
                print(writing.asking(view), flush=True)
                continue
            if isinstance(view, UserError):
                view, status = apology(view, writing.texts, "a rendering"), USAGE
            codes = await opened.bot.chat.codes_of(view.actions()) if writing.coded else {}
            written = await writing.written(view, codes)
            print(written, flush=True)
            if writing.looked_at is not None:
                say(writing.looked_at(written))
    return status


def _console(texts: Texts, settings: Settings, *, coded: bool) -> _Writing:
    """Text, with an empty line behind each answer."""

    async def written(view: View, codes: Mapping[Action, str]) -> str:
        return render(view, paper(), texts, settings.timezone, codes) + "\n"

    return _Writing(texts, LIMITS, coded, written)


def _discord(texts: Texts, settings: Settings) -> _Writing:
    """The bodies of requests, a line each; the codes of buttons are part of them, files are not."""
    # It takes a while to import, and the terminal does without.
    from adapters.discord.dialogs import dialog
    from adapters.discord.limits import LIMITS as DISCORD
    from adapters.discord.pictures import attached
    from adapters.discord.render import body, rendered

    pictures = pictures_of(settings)

    async def written(view: View, codes: Mapping[Action, str]) -> str:
        files = await attached(view, pictures)
        return json.dumps(body(rendered(view, codes, texts, files), files), ensure_ascii=False)

    def asking(form: Form) -> str:
        return json.dumps(dialog(form).to_dict(), ensure_ascii=False)

    return _Writing(texts, DISCORD, True, written, asking)


def _slack(language: str) -> _Writing:
    """The arguments of chat.postMessage, a line each, and where to look at them."""
    from adapters.slack.limits import LIMITS as SLACK
    from adapters.slack.messages import builder_link
    from adapters.slack.render import rendered
    from adapters.slack.speech import DIGEST

    texts = Texts(language, DIGEST)

    async def written(view: View, codes: Mapping[Action, str]) -> str:
        return json.dumps(rendered(view, codes, texts).arguments(), ensure_ascii=False)

    def looked_at(message: str) -> str:
        return builder_link(json.loads(message)["blocks"])

    return _Writing(texts, SLACK, True, written, looked_at=looked_at)


async def _views(
    opened: OpenedConsole, asked: str, everything: bool, writing: _Writing
) -> AsyncIterator[View | Form | UserError]:
    """The answer, and with `everything` all pages behind it."""
    context = _written_by(writing, opened.conversation.context())
    chat = opened.bot.chat
    try:
        action = await chat.meant(asked, context)
        if action.effect is Effect.FORM:
            yield await chat.form(action.intent, context)
            return
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


def _written_by(writing: _Writing, context: Context) -> Context:
    """The circumstances at the terminal, in the words and the messages of a platform."""

    def framed(frame: Frame) -> Frame:
        texts = Texts(frame.texts.language, writing.texts.digest)
        return replace(frame, texts=texts, limits=writing.limits)

    return replace(context, frame=framed(context.frame), public=framed(context.public))
