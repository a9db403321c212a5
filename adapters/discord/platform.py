"""Discord as a place where the bot speaks unasked, over the library's HTTP client.

A target is a channel's or thread's id, for direct messages that of their channel; a reference is
"CHANNEL/MESSAGE", a person a user's id.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import discord

from adapters.discord.failing import (
    ARCHIVED,
    MISSING_PERMISSIONS,
    NO_TEXT_CHANNEL,
    OTHER_CHANNELS_ONLY,
    PUBLISHED_ALREADY,
    THREAD_EXISTS,
    Answer,
    code_of,
)
from adapters.discord.forums import Forums
from adapters.discord.keys import carried, carries, ids_of
from adapters.discord.limits import LIMITS
from adapters.discord.messages import DAY, NAME, Message, components_of, message_of, thread_name
from adapters.discord.pictures import NO_FILES, attached
from adapters.discord.places import Places, number_of, parted
from adapters.discord.requests import Requests
from adapters.discord.validate import thread_findings
from bot.chat.guard import Guard
from bot.chat.library import NO_PICTURES
from bot.errors import Forbidden, TargetGone
from bot.ports import Pace, Pictures
from bot.view import Limits, Posting

# 50 requests a second for a bot; five messages in five seconds for a channel.
PACE = Pace(per_second=50, channel_seconds=1.0)

# How far a message is looked for: pages of a hundred.
_PAGE, _PAGES = 100, 3
# Messages whose ids are remembered, so that an edit need not ask for them.
_REMEMBERED = 10_000
_NEWS: Literal[10] = 10
_PUBLIC: Literal[11] = 11
_FOR_THREADS = ("create_public_threads", "send_messages_in_threads")


@dataclass(slots=True)
class DiscordPlatform:
    """The platform, through a client that is logged in."""

    requests: Requests
    guard: Guard
    pictures: Pictures = NO_PICTURES
    _forums: Forums = field(init=False)
    _ids: "OrderedDict[str, tuple[int, ...]]" = field(default_factory=OrderedDict, init=False)
    _direct: "OrderedDict[str, str]" = field(default_factory=OrderedDict, init=False)

    def __post_init__(self) -> None:
        self._forums = Forums(self.requests, self.guard)

    @property
    def client(self) -> discord.Client:
        """Through which it is reached."""
        return self.requests.client

    @property
    def places(self) -> Places:
        """What is known of channels and rights."""
        return self.requests.places

    @property
    def name(self) -> str:
        """Its name in settings, states and logs."""
        return NAME

    @property
    def limits(self) -> Limits:
        """What one message can hold."""
        return LIMITS

    @property
    def pace(self) -> Pace:
        """As fast as Discord takes requests."""
        return PACE

    def channel(self, target: str) -> str:
        """Every channel and thread has a limit of its own."""
        return target

    async def workspace(self, target: str) -> str | None:
        """The server of a channel or thread. Raises TargetGone."""
        guild = await self.places.guild_of(target)
        return None if guild is None else str(guild.id)

    async def address(self, target: str) -> str | None:
        """Where the app opens a channel or thread."""
        guild = await self.places.guild_of(target)
        return f"https://discord.com/channels/{guild.id if guild else '@me'}/{target}"

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message, in a forum as a new post; Discord knows one with the same nonce."""
        number_of(target)
        ids = ids_of(key)

        async def send(message: Message) -> str:
            if isinstance(self.places.cached(target), discord.ForumChannel):
                return await self._forums.post(target, posting, message)
            return await self._post_in_channel(target, posting, message, key)

        reference = await self._sent(posting, ids, send)
        self._remember(reference, ids)
        return reference

    async def edit(self, reference: str, posting: Posting) -> None:
        """Replace what a message shows; it keeps its key. A thread that sleeps is woken."""
        channel, message = parted(reference)
        http = self.requests.http
        ids = self._ids.get(reference)
        if ids is None:
            found = await self.requests.ask("show", channel, http.get_message(channel, message))
            ids = carried(components_of(found))
            self._remember(reference, ids)

        async def send(shown: Message) -> None:
            self.guard.note(shown.payload)
            edited = http.edit_message(channel, message, params=shown.request())
            await self.requests.ask("edit", channel, edited)

        try:
            await self._sent(posting, ids, send)
        except Forbidden as error:
            if code_of(error) != ARCHIVED:
                raise
            await self.requests.ask("wake", channel, http.edit_channel(channel, archived=False))
            await self._sent(posting, ids, send)

    async def thread(self, reference: str, title: str) -> str:
        """The thread under a message; what is in a thread already goes on there."""
        channel, message = parted(reference)
        if channel == message or isinstance(self.places.cached(str(channel)), discord.Thread):
            return str(channel)
        name = thread_name(title)
        self.guard.note({"name": name, "auto_archive_duration": DAY}, thread_findings)
        request = self.requests.http.start_thread_with_message(
            channel, message, name=name, auto_archive_duration=DAY
        )
        try:
            made = await self.requests.ask("thread", channel, request, "create_public_threads")
        except Forbidden as error:
            if code_of(error) != OTHER_CHANNELS_ONLY:
                raise
            # It is asleep, or belongs to a shard of another process, so it was not known.
            if not isinstance(await self.places.of(str(channel)), discord.Thread):
                raise
            return str(channel)
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                raise
            return await self._thread_of(channel, message, name)
        return str(made["id"])

    async def publish(self, reference: str) -> None:
        """Pass a message of an announcement channel on; done twice it does no harm."""
        channel, message = parted(reference)
        try:
            published = self.requests.http.publish_message(channel, message)
            await self.requests.ask("publish", channel, published)
        except discord.HTTPException as error:
            if error.code != PUBLISHED_ALREADY:
                raise

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key among the first three hundred since a time (UTC)."""
        number = number_of(target)
        if await self._forums.has(target):
            return await self._forums.find(target, key, since)
        after = discord.utils.time_snowflake(since)
        for _ in range(_PAGES):
            request = self.requests.http.logs_from(number, _PAGE, after=after)
            page = await self.requests.ask("history", number, request)
            for message in page:
                if self.requests.is_own(message) and carries(components_of(message), key):
                    reference = f"{target}/{message['id']}"
                    self._remember(reference, ids_of(key))
                    return reference
            if len(page) < _PAGE:
                return None
            after = max(int(message["id"]) for message in page)
        return None

    async def may_manage(self, target: str, person: str) -> bool:
        """Whether a person may manage a channel, or whom the command was given to."""
        return await self.places.may_manage(target, person)

    async def can_post(self, target: str) -> Sequence[str]:
        """The rights that the bot lacks, as Discord's settings call them."""
        return await self.places.lacking(target)

    async def can_thread(self, target: str) -> Sequence[str]:
        """The rights that the bot lacks to open a thread there, or to go on in one."""
        place = await self.places.of(target)
        more = () if isinstance(place, discord.Thread) else _FOR_THREADS
        return await self.places.lacking(target, *more)

    async def open_dm(self, person: str) -> str:
        """The channel of a person's direct messages."""
        known = self._direct.get(person)
        if known is None:
            number = number_of(person)
            opened = await self.requests.ask(
                "direct", number, self.requests.http.start_private_message(number)
            )
            known = self._direct[person] = str(opened["id"])
            if len(self._direct) > _REMEMBERED:
                self._direct.popitem(last=False)
        return known

    async def whom_to_tell(self, target: str) -> Sequence[str]:
        """The owner of the server; of direct messages the person."""
        place = await self.places.of(target)
        if isinstance(place, discord.DMChannel):
            return [] if place.recipient is None else [str(place.recipient.id)]
        if isinstance(place, discord.abc.PrivateChannel) or place.guild.owner_id is None:
            return []
        return [str(place.guild.owner_id)]

    async def _thread_of(self, channel: int, message: int, name: str) -> str:
        """The thread that a message has; where that was deleted, another one beside it."""
        try:
            # A thread on a message has that one's id.
            await self.requests.ask("channel", message, self.requests.http.get_channel(message))
        except TargetGone:
            parent = await self.places.of(str(channel))
            is_news = isinstance(parent, discord.TextChannel) and parent.is_news()
            request = self.requests.http.start_thread_without_message(
                channel, name=name, auto_archive_duration=DAY, type=_NEWS if is_news else _PUBLIC
            )
            made = await self.requests.ask("thread", channel, request, "create_public_threads")
            return str(made["id"])
        return str(message)

    async def _sent(
        self,
        posting: Posting,
        ids: Sequence[int],
        send: Callable[[Message], Awaitable[Answer]],
    ) -> Answer:
        """Send a message, without its pictures where no files may be attached."""
        pictures = await attached(posting.view, self.pictures)
        try:
            return await send(Message(message_of(posting, ids, pictures), pictures))
        except Forbidden as error:
            if not pictures or code_of(error) != MISSING_PERMISSIONS:
                raise
        return await send(Message(message_of(posting, ids, NO_FILES), NO_FILES))

    async def _post_in_channel(
        self, target: str, posting: Posting, message: Message, key: str
    ) -> str:
        number = int(target)
        nonce = {"nonce": key, "enforce_nonce": True}
        self.guard.note({**message.payload, **nonce})
        params = message.request(**nonce)
        try:
            request = self.requests.http.send_message(number, params=params)
            sent = await self.requests.ask("post", number, request)
        except Forbidden as error:
            if code_of(error) != NO_TEXT_CHANNEL:
                raise
            # It belongs to a shard of another process, so what it is was not known.
            return await self._forums.post(target, posting, message)
        return f"{number}/{sent['id']}"

    def _remember(self, reference: str, ids: tuple[int, ...]) -> None:
        self._ids[reference] = ids
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)
