"""A place where others see what is shared and unfolded, and what is to be seen there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.console.platform import CHANNEL, NAME
from benchmarks.town import Recorder, Town, open_town, recorder
from bot.chat.context import Context, Frame
from bot.intent import OpenPost, Unfold
from bot.locales import Texts
from bot.model import post_key
from bot.outbox import delivery_key
from bot.view import Action, Buttons, Effect, Quote, Run, View
from storage.index.reader import IndexReader
from tests.chat.conftest import FRAME, SITE, Conversation

LONG = post_key("long")
OTHER = post_key("mention")
SHARE = Action(OpenPost(LONG), Effect.SHARE)
THREAD = Action(Unfold(LONG), Effect.THREAD)
AGREED = Action(Unfold(LONG, share=True), Effect.THREAD)

# How long whoever presses waits where nothing comes through.
SOON = 0.05


@pytest.fixture
def place() -> Recorder:
    return recorder()


@pytest.fixture
async def town(reader: IndexReader, tmp_path: Path, place: Recorder) -> AsyncIterator[Town]:
    async with open_town(tmp_path / "town.sqlite3", reader, place, site_url=SITE) as opened:
        yield opened


@pytest.fixture
def talk(town: Town, place: Recorder) -> Conversation:
    """A conversation in a channel, about the message a1 that the person alone sees."""
    return talking(town, place)


def talking(town: Town, place: Recorder, person: str = "reader") -> Conversation:
    frame = replace(FRAME, can_share=True, can_thread=True)
    public = Frame(Texts("en"), place.limits, can_thread=True)
    context = Context(NAME, person, CHANNEL, frame, public, message="a1")
    return Conversation(town.chat, town.codes, context)


def on_public(talk: Conversation, message: str) -> None:
    """Go on pressing a message that others see."""
    talk.context = replace(talk.context, message=message, may_replace=False, is_public=True)


def numbers(views: Sequence[View]) -> list[int]:
    """The numbers of the comments in messages, each once."""
    shown = [b.number for view in views for b in view.blocks if isinstance(b, Quote)]
    return list(dict.fromkeys(shown))


def words(view: View) -> str:
    """All words of ours and of others in a view."""
    return "".join(
        run.text
        for block in view.blocks
        if not isinstance(block, Buttons)
        for run in getattr(block, "text", ())
        if isinstance(run, Run)
    )


async def unfolded(town: Town, message: str) -> None:
    """Wait until the message above a thread has been made anew for the last time."""
    thread = delivery_key("thread", message)
    last = (await town.stores.outbox.on(thread))[-1]
    await town.done(delivery_key("unfolded", last.key))


def links(view: View) -> list[str]:
    """Where the buttons of a view lead to."""
    return [
        button.url
        for block in view.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
        if button.url is not None
    ]


async def made_anew(town: Town, key: str) -> None:
    """Let a message be made anew, and wait for it."""
    now = datetime.now(UTC)
    await town.stores.outbox.refresh([key], now, now + timedelta(hours=1))
    await town.done(delivery_key("refresh", key))
