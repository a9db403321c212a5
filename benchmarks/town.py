"""The chat as it runs: over a real state, with the dispatcher; and a terminal that takes notes."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from adapters.console.platform import CHANNEL, NAME, ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.announce import Announcer
from bot.chat.chat import Chat, Clocks
from bot.chat.codes import Codes
from bot.chat.delivery import Delivery
from bot.chat.floods import Floods
from bot.chat.library import NO_PICTURES, Library
from bot.digest.dispatcher import Dispatcher
from bot.digest.observing import Whereabouts
from bot.digest.pacing import Timing
from bot.digest.sending import Content
from bot.hiding import ShownIndex
from bot.intent import ShowDigest
from bot.locales import Texts
from bot.outbox import NewRow, Op, PostVersion, Row
from bot.ports import Index, Pictures, Platform
from bot.stores import Stores
from bot.taken_down import TakenDown
from bot.view import Posting, View
from storage.state.database import open_state
from storage.state.stores import stores_of

# Who shares or unfolds something waits so many seconds for it: longer than a busy machine takes.
PATIENCE = 30.0
# In a hurry: a lease is over in a second, and nothing that is under way is waited for.
HURRIED = Timing(request=0.3, margin=0.1, look=0.05, gather=0.001, first_pause=0.01, leave=0.0)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as it was posted."""

    reference: str
    key: str
    posting: Posting


@dataclass(slots=True)
class Recorder(ConsolePlatform):
    """The terminal, with what was posted to each target, and what each message shows now.

    It outlives the bot, as platforms do. While `open` is not set no message comes through;
    `refusing` is raised instead of taking one; a message may arrive without its answer, since it
    may be cancelled behind the note of it.
    """

    posted: dict[str, list[Posted]] = field(default_factory=dict, init=False)
    shown: dict[str, Posting] = field(default_factory=dict, init=False)
    open: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    refusing: Exception | None = field(default=None, init=False)
    lacking: Sequence[str] = field(default=(), init=False)
    edits: int = field(default=0, init=False)

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Note a message."""
        await self.open.wait()
        if self.refusing is not None:
            raise self.refusing
        reference = await ConsolePlatform.post(self, target, posting, key)
        self.posted.setdefault(target, []).append(Posted(reference, key, posting))
        self.shown[reference] = posting
        await asyncio.sleep(0)
        return reference

    async def edit(self, reference: str, posting: Posting) -> None:
        """Note what a message shows now."""
        await ConsolePlatform.edit(self, reference, posting)
        self.edits += 1
        self.shown[reference] = posting

    async def can_post(self, target: str) -> Sequence[str]:
        """The rights that were taken away."""
        return self.lacking

    async def address(self, target: str) -> str | None:
        """Where a thread would be if there were a browser."""
        if self.refusing is not None:
            raise self.refusing
        return f"https://chat.example/{target}"

    def views(self, target: str) -> list[View]:
        """What the messages of a target show now, in the order in which they came."""
        return [self.shown[posted.reference].view for posted in self.posted.get(target, ())]


def recorder() -> Recorder:
    """An empty platform."""
    texts = Texts("ja")
    screen = Screen(_nowhere, Paper, texts, ZoneInfo("Asia/Tokyo"))
    made = Recorder(screen, texts, _now)
    made.open.set()
    return made


@dataclass(frozen=True, slots=True)
class Town:
    """The bot, as long as it runs."""

    chat: Chat
    codes: Codes
    stores: Stores
    dispatcher: Dispatcher
    hidden: TakenDown
    library: Library
    announcer: Announcer

    async def done(self, key: str, seconds: float = 20.0) -> Row:
        """A row once it has ended. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                self.dispatcher.kick()
                # One that was asked for again meanwhile has not ended yet.
                if (row := await self.dispatcher.settled(key, 0.5)) is not None:
                    return row

    async def digest(self, key: str, posts: Sequence[str], shown: int = 5) -> Row:
        """A digest in the channel, once it is there."""
        now = _now()
        await self.stores.outbox.put([digest_row(key, posts, now, shown)], now)
        return await self.done(key)


def digest_row(key: str, posts: Sequence[str], now: datetime, shown: int = 5) -> NewRow:
    """A digest of posts for the channel."""
    return NewRow(
        key=key,
        platform=NAME,
        op=Op.POST,
        said=ShowDigest(now.date().isoformat(), shown),
        language="ja",
        ready_at=now,
        deadline=now + timedelta(hours=12),
        target=CHANNEL,
        posts=[PostVersion(post, "1:a") for post in posts],
    )


@asynccontextmanager
async def open_town(
    state: Path,
    index: Index,
    platform: Platform,
    *,
    site_url: str | None = None,
    timing: Timing = HURRIED,
    wait: float = PATIENCE,
    pictures: Pictures = NO_PICTURES,
) -> AsyncIterator[Town]:
    """Start the bot; at the end it stops at once, whatever is under way."""

    async def get_stores() -> Stores:
        return stores

    async def held(row: Row) -> Whereabouts:
        return Whereabouts.HERE

    async with open_state(state) as opened:
        stores = stores_of(opened)
        hidden = TakenDown(stores.hidden.all)
        shown = ShownIndex(index, hidden)
        library = Library(shown, site_url, Random(1), pictures)  # noqa: S311 (the same each time)
        codes = Codes(stores.codes)
        announcer = Announcer(library, codes, get_stores, _now, hidden.look_again)
        dispatcher = Dispatcher(
            get_stores,
            [platform],
            Content(announcer.compose, held, index.versions_of, announcer.on_done),
            now=_now,
            sleep=asyncio.sleep,
            random=Random(1),  # noqa: S311
            worker="worker",
            timing=timing,
        )
        platforms = {platform.name: platform}
        delivery = Delivery(library, platforms, get_stores, dispatcher, _now, wait)
        clocks = Clocks(_now, time.monotonic)
        chat = Chat(library, codes, clocks, Floods(requests=sys.maxsize), delivery)
        running = asyncio.create_task(dispatcher.run())
        try:
            yield Town(chat, codes, stores, dispatcher, hidden, library, announcer)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _now() -> datetime:
    return datetime.now(UTC)


async def _nowhere(text: str) -> None:
    pass
