"""`matome digest`: an operator looks after the digests of all places, also beside a running bot."""

import argparse
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from adapters.console.limits import LIMITS
from adapters.console.platform import CHANNEL, NAME
from adapters.console.render import render
from bot.app import CLOCKS, has_state, opened_index, opened_stores, site_url
from bot.chat.context import OPERATOR, Context, Frame
from bot.chat.digests import changing, looking, sending
from bot.chat.digests.access import subscription_of
from bot.chat.digests.changing import Changed
from bot.chat.digests.desk import Desk, Rules
from bot.chat.library import Library
from bot.chat.views.deliveries import delivery_item
from bot.chat.views.subscription import listed_as, next_line, settings_lines
from bot.cli import DIGEST_OPTIONS
from bot.cli.output import load_settings, paper, progress_bar, say
from bot.errors import UserError
from bot.hiding import ShownIndex
from bot.intent import (
    AddDigest,
    DigestStatus,
    EditDigest,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    SendDigest,
)
from bot.locales import Texts
from bot.settings import Settings
from bot.stores import Stores
from bot.subscription import Subscription
from bot.taken_down import TakenDown
from bot.view import Block, Buttons, Choice, Item, Paragraph, Run, Text, View

_PLACE = re.compile(r"(?P<platform>[a-z]+):(?P<target>\S+)")


@dataclass(frozen=True, slots=True)
class _Office:
    """What an operator works with; `context` is about the place that is named, or the terminal."""

    desk: Desk
    stores: Stores
    context: Context
    settings: Settings

    def show(self, *blocks: Block) -> None:
        """Print blocks without what cannot be pressed here."""
        shown = (
            replace(block, button=None) if isinstance(block, Item) else block
            for block in blocks
            if not isinstance(block, Buttons | Choice)
        )
        view = View("", tuple(shown))
        print(render(view, paper(), self.context.texts, self.settings.timezone), flush=True)

    def tell(self, *lines: Text) -> None:
        """Print lines."""
        self.show(*map(Paragraph, lines))


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Do what is asked for. Raises UserError where that cannot be understood."""
    settings = load_settings()
    action = options.action or "list"
    place = getattr(options, "place", None)
    named = _PLACE.fullmatch(place or f"{NAME}:{CHANNEL}")
    if named is None:
        raise UserError("cli.digest.no_place", place=str(place)[:60])
    if action == "list" and not has_state(settings):
        say(texts("digest.list.none"))
        return 0
    frame = Frame(texts, LIMITS)
    spoken = replace(frame, texts=Texts(settings.language))
    context = Context(named["platform"], OPERATOR, named["target"], frame, public=spoken)
    async with _opened(settings, context) as office:
        if action == "list":
            await _list(office, everywhere=place is None)
        else:
            await _act(office, action, options)
    return 0


async def _act(office: _Office, action: str, options: argparse.Namespace) -> None:
    try:
        await _ACTIONS[action](office, options)
    except UserError as error:
        if error.key != "digest.not_found":
            raise
        # Where to look is another place than in a chat.
        raise UserError("cli.digest.not_found") from error


@asynccontextmanager
async def _opened(settings: Settings, context: Context) -> AsyncIterator[_Office]:
    rules = Rules(settings.timezone.key, settings.max_subscriptions)
    with progress_bar(context.texts) as progress:
        async with opened_index(settings, progress) as index, opened_stores(settings) as stores:

            async def get_stores() -> Stores:
                return stores

            shown = ShownIndex(index, TakenDown(stores.hidden.all))
            library = Library(shown, site_url(settings), Random())  # noqa: S311 (no secret)
            desk = Desk(library, {}, get_stores, CLOCKS.now, rules, operator=True)
            yield _Office(desk, stores, context, settings)


async def _list(office: _Office, *, everywhere: bool) -> None:
    """One line for each digest, of all places or of the one that is named."""
    texts, here = office.context.texts, office.context
    found = [
        each
        for each in await office.stores.subscriptions.every()
        if everywhere or (each.place.platform, each.place.target) == (here.platform, here.target)
    ]
    if not found:
        say(texts("digest.list.none"))
        return
    office.tell(*(_line(each, texts) for each in found))


def _line(subscription: Subscription, texts: Texts) -> Text:
    place, times = subscription.place, subscription.times
    what = f"{place.platform}:{place.target}  {listed_as(subscription, texts)} ({times.zone})"
    return (Run(f"{subscription.id}  {what}  "), *next_line(subscription, texts))


async def _add(office: _Office, options: argparse.Namespace) -> None:
    _changed(office, await changing.add(office.desk, AddDigest(**_wishes(options)), office.context))


async def _edit(office: _Office, options: argparse.Namespace) -> None:
    intent = EditDigest(options.id, **_wishes(options))
    _changed(office, await changing.edit(office.desk, intent, office.context))


async def _pause(office: _Office, options: argparse.Namespace) -> None:
    _changed(office, await changing.pause(office.desk, PauseDigest(options.id), office.context))


async def _resume(office: _Office, options: argparse.Namespace) -> None:
    intent = PauseDigest(options.id, resume=True)
    _changed(office, await changing.pause(office.desk, intent, office.context))


def _wishes(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in DIGEST_OPTIONS}


def _changed(office: _Office, changed: Changed) -> None:
    """Print what has been done, and what it is set to now."""
    texts = office.context.texts
    lines = settings_lines(changed.subscription, texts, office.desk.now())
    said = f"{changed.subscription.id}  {texts(changed.said)}"
    office.tell((Run(said),), *lines)


async def _remove(office: _Office, options: argparse.Namespace) -> None:
    intent = RemoveDigest(options.id, sure=True)
    await changing.remove(office.desk, intent, office.context)
    office.tell((Run(office.context.texts("digest.removed")),))


async def _preview(office: _Office, options: argparse.Namespace) -> None:
    intent = PreviewDigest(options.id)
    office.show(*(await sending.preview(office.desk, intent, office.context)).blocks)


async def _now(office: _Office, options: argparse.Namespace) -> None:
    view = await sending.send(office.desk, SendDigest(options.id), office.context)
    office.show(*view.blocks)
    rows = await office.stores.outbox.history(options.id, 1)
    if rows and rows[0].outcome is None:
        say(office.context.texts("cli.digest.sent_by"))


async def _status(office: _Office, options: argparse.Namespace) -> None:
    view = await looking.status(office.desk, DigestStatus(options.id), office.context)
    office.show(*view.blocks)


async def _history(office: _Office, options: argparse.Namespace) -> None:
    """The last deliveries, the newest first."""
    if options.limit < 1:
        raise UserError("cli.limit_positive")
    texts = office.context.texts
    found = await subscription_of(office.desk, office.stores, options.id, office.context)
    rows = await office.stores.outbox.history(found.id, options.limit)
    if not rows:
        say(texts("digest.status.none"))
        return
    posts = await looking.posts_in(office.desk, rows)
    office.show(*(delivery_item(row, posts, texts, to_operator=True) for row in rows))


_ACTIONS: Mapping[str, Callable[[_Office, argparse.Namespace], Awaitable[None]]] = {
    "add": _add,
    "edit": _edit,
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "preview": _preview,
    "now": _now,
    "status": _status,
    "history": _history,
}
