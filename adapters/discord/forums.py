"""Forum channels, where every message is a new post: opening one with its tags, and finding it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import discord

from adapters.discord.keys import carries
from adapters.discord.messages import DAY, Message, components_of, thread_name
from adapters.discord.pictures import request_of
from adapters.discord.places import number_of
from adapters.discord.requests import Requests
from adapters.discord.validate import thread_findings
from bot.chat.guard import Guard
from bot.errors import Forbidden, TargetGone
from bot.search.text import normalise
from bot.search.tokens import tag_key
from bot.view import Posting

# How many of the newest posts are looked at for a message.
_LOOKED_AT = 25
_KINDS = (discord.ChannelType.forum.value, discord.ChannelType.media.value)
# As many tags as a post of a forum may have.
_MOST = 5


def chosen_tags(forum: discord.ForumChannel, topics: Iterable[str]) -> Sequence[int]:
    """The ids of the tags that are called like a topic, in the order of those; five at most.

    Where none is but one is demanded, the first one that is not for moderators, else the first.
    """
    return chosen(forum.available_tags, topics, demanded=forum.flags.require_tag)


def chosen(
    tags: Sequence[discord.ForumTag], topics: Iterable[str], *, demanded: bool
) -> Sequence[int]:
    """See `chosen_tags`."""
    free = [tag for tag in tags if not tag.moderated]
    by_name = {_name(tag.name): tag.id for tag in reversed(free)}
    wanted = dict.fromkeys(map(_name, topics))
    found = list(islice((by_name[name] for name in wanted if name in by_name), _MOST))
    if found or not demanded:
        return found
    return [tag.id for tag in (free or tags)[:1]]


def _name(name: str) -> str:
    """How tags are compared, here and in the archive."""
    return tag_key(normalise(name))


@dataclass(frozen=True, slots=True)
class Forums:
    """Forum channels: a message there is the first of a new post."""

    requests: Requests
    guard: Guard

    async def has(self, target: str) -> bool:
        """Whether a channel is a forum. Raises DeliveryError."""
        cached = self.requests.places.cached(target)
        if cached is not None:
            return isinstance(cached, discord.ForumChannel)
        number = number_of(target)
        found = await self.requests.ask("channel", number, self.requests.http.get_channel(number))
        return found["type"] in _KINDS

    async def post(self, target: str, posting: Posting, message: Message) -> str:
        """Open a new post; returns the reference of its message. Raises DeliveryError."""
        forum = await self.requests.places.of(target)
        if not isinstance(forum, discord.ForumChannel):
            raise Forbidden()
        payload = {
            "name": thread_name(posting.view.summary),
            "auto_archive_duration": DAY,
            "message": message.payload,
            "applied_tags": [str(tag) for tag in chosen_tags(forum, posting.topics)],
        }
        self.guard.note(payload, thread_findings)
        params = request_of(payload, message.attachments)
        request = self.requests.http.start_thread_in_forum(forum.id, params=params)
        made = await self.requests.ask("start", forum.id, request)
        # The first message of a post has the id of its thread.
        return f"{made['id']}/{made['id']}"

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The post whose first message has a key, among the newest threads."""
        guild = await self.requests.places.guild_of(target)
        if guild is None:
            return None
        request = self.requests.http.get_active_threads(guild.id)
        active = await self.requests.ask("active", int(target), request)
        after = discord.utils.time_snowflake(since)
        mine = [
            int(each["id"])
            for each in active["threads"]
            if str(each["parent_id"]) == target and self.requests.is_me(each["owner_id"])
        ]
        newest = sorted((thread for thread in mine if thread > after), reverse=True)
        for thread in newest[:_LOOKED_AT]:
            try:
                first = self.requests.http.get_message(thread, thread)
                message = await self.requests.ask("show", thread, first)
            except TargetGone:
                continue
            if self.requests.is_own(message) and carries(components_of(message), key):
                return f"{thread}/{thread}"
        return None
