"""The bot over the sample archive, in a channel of a platform that keeps what it is sent.

Nothing of that is written for the pictures: views, codes and payloads come out of the program, as
`matome render` and the outbox have them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.console.platform import CHANNEL
from adapters.console.render import Paper
from adapters.console.screen import Screen
from adapters.discord.keys import ids_of
from adapters.discord.limits import LIMITS as DISCORD
from adapters.discord.messages import message_of as discord_message
from adapters.discord.pictures import Attachments, attached
from adapters.discord.render import body as discord_body
from adapters.discord.render import rendered as discord_rendered
from adapters.slack.limits import LIMITS as SLACK
from adapters.slack.messages import message_of as slack_message
from adapters.slack.render import rendered as slack_rendered
from benchmarks.town import Recorder, Town, open_town
from bot.app import opened_index, pictures_of, site_url
from bot.chat.context import Context, Frame
from bot.intent import ShowDigest, Unfold
from bot.locales import Texts
from bot.model import post_key
from bot.outbox import NewRow, Op, PostVersion
from bot.settings import SAMPLE_ARCHIVE, Settings, load
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from bot.view import Action, Effect, Limits, Posting, View
from docs.pictures import discord, slack

Message = discord.Message | slack.Message

TEXTS = Texts("ja")
TOKYO = ZoneInfo("Asia/Tokyo")
LIMITS: Mapping[str, Limits] = {"discord": DISCORD, "slack": SLACK}
# The day and the time of the digest that is shown.
DAY, TIME = date(2025, 8, 14), clock_time(9, 30)
_DIGEST = "digest"
# For how long whoever unfolds a post waits until all of it is there, in seconds.
WAIT = 30.0


@dataclass(slots=True)
class Channel(Recorder):
    """A channel whose messages are made for Discord or for Slack."""

    of: str = ""

    @property
    def name(self) -> str:
        """The platform's name."""
        return self.of

    @property
    def limits(self) -> Limits:
        """What one message can hold there."""
        return LIMITS[self.of]


@dataclass(frozen=True, slots=True)
class Stage:
    """The bot in a channel with a daily digest, to be asked by somebody who reads there."""

    settings: Settings
    town: Town
    channel: Channel

    async def asked(self, text: str) -> Message:
        """The answer to a command, for who asked alone."""
        frame = self._frame(can_share=True)
        context = Context(self.channel.name, "reader", CHANNEL, frame, self._frame())
        action = await self.town.chat.meant(text, context)
        return await self.message(await self.town.chat.answer(action.intent, context))

    async def digest(self, slugs: Sequence[str], shown: int) -> None:
        """Let a digest of posts be posted, of which the first so many are `shown`."""
        now = datetime.now(UTC)
        daily = Subscription(
            id="daily",
            place=Place(self.channel.name, CHANNEL),
            times=Times(TIME, EVERY_DAY, TOKYO.key),
            wishes=Wishes(posts=shown),
            creator=None,
            created_at=now,
            due=Due(now + timedelta(days=1), DAY),
        )
        row = NewRow(
            key=_DIGEST,
            platform=self.channel.name,
            op=Op.POST,
            said=ShowDigest(DAY.isoformat(), shown),
            language=TEXTS.language,
            ready_at=now,
            deadline=now + timedelta(hours=1),
            target=CHANNEL,
            posts=[PostVersion(post_key(slug), "1:a") for slug in slugs],
            subscription=daily.id,
        )
        await self.town.stores.subscriptions.add(daily, None, 1)
        await self.town.stores.outbox.put([row], now)
        await self.town.done(_DIGEST)

    async def unfolded(self, slug: str) -> list[Message]:
        """What stands in the thread of the digest once a post was unfolded there."""
        row = await self.town.done(_DIGEST)
        unfolding = Action(Unfold(post_key(slug), digest=row.id), Effect.THREAD)
        codes = await self.town.chat.codes_of([unfolding])
        frame = self._frame(can_share=True)
        context = Context(self.channel.name, "reader", CHANNEL, frame, self._frame())
        await self.town.chat.pressed(codes[unfolding], context)
        (thread,) = set(self.channel.posted) - {CHANNEL}
        return [await self.posted(each.posting) for each in self.channel.posted[thread]]

    async def shown_digest(self) -> Message:
        """What the message of the digest shows by now."""
        row = await self.town.done(_DIGEST)
        return await self.posted(await self.town.announcer.compose(row, self.channel))

    async def message(self, view: View) -> Message:
        """An answer for one person, as `matome render` has it."""
        codes = await self.town.chat.codes_of(view.actions())
        if self.channel.name == "slack":
            return slack.Message(slack_rendered(view, codes, TEXTS).arguments())
        files = await self._files(view)
        made = discord_body(discord_rendered(view, codes, TEXTS, files), files)
        return discord.Message(made, _contents(files))

    async def posted(self, posting: Posting) -> Message:
        """A message that all see."""
        if self.channel.name == "slack":
            return slack.Message(slack_message(posting, _DIGEST))
        files = await self._files(posting.view)
        return discord.Message(discord_message(posting, ids_of(_DIGEST), files), _contents(files))

    async def _files(self, view: View) -> Attachments:
        return await attached(view, pictures_of(self.settings))

    def _frame(self, *, can_share: bool = False) -> Frame:
        return Frame(TEXTS, self.channel.limits, can_share=can_share, can_thread=True)


@asynccontextmanager
async def opened_stage(platform: str, directory: Path) -> AsyncIterator[Stage]:
    """Start the bot on the sample archive; its data go into a directory."""
    environment = {"MATOME_ARCHIVE": str(SAMPLE_ARCHIVE), "MATOME_DATA": str(directory)}
    settings = load(environment, directory / "none.env")
    channel = Channel(Screen(_nowhere, Paper, TEXTS, TOKYO), TEXTS, _now, of=platform)
    channel.open.set()
    async with (
        opened_index(settings) as index,
        open_town(
            directory / "state.sqlite3",
            index,
            channel,
            site_url=site_url(settings),
            wait=WAIT,
            pictures=pictures_of(settings),
        ) as town,
    ):
        yield Stage(settings, town, channel)


def _contents(files: Attachments) -> dict[str, bytes]:
    return {file.name: file.data for file in files.values()}


def _now() -> datetime:
    return datetime.now(UTC)


async def _nowhere(text: str) -> None:
    pass
