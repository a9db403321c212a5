"""Channels, threads and direct messages by their ids, and who may do what there.

What the gateway has told is used; what belongs to a shard of another process is asked for.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import discord
from cachetools import TTLCache

from adapters.discord.failing import asked
from adapters.discord.grants import Grant, granted, grants_of
from bot.errors import Forbidden, TargetGone
from bot.remembering import remembered_for

# A snowflake; longer numbers are none.
_ID = re.compile("[0-9]{1,20}")

# How long is known what a person may do somewhere, and which rights a server has given.
_KNOWN_FOR = timedelta(minutes=1)

Place = discord.abc.GuildChannel | discord.Thread | discord.abc.PrivateChannel

# What is needed to post, by the library's names.
_IN_CHANNEL = ("view_channel", "send_messages", "read_message_history")
_IN_THREAD = ("view_channel", "send_messages_in_threads", "read_message_history")
_MANAGES, _MANAGES_SERVER = ("manage_channels", "manage_guild"), ("manage_guild",)


@dataclass(frozen=True, slots=True)
class InPlace:
    """A member, with their rights in a channel."""

    member: discord.Member
    rights: discord.Permissions


def number_of(name: str) -> int:
    """The number of a target or person. Raises TargetGone for what is none."""
    if _ID.fullmatch(name) is None:
        raise TargetGone("delivery.gone", what=name[:40])
    return int(name)


def parted(reference: str) -> tuple[int, int]:
    """The channel and the message of a reference. Raises TargetGone for what is none."""
    channel, _, message = reference.partition("/")
    return number_of(channel), number_of(message)


def shown_name(right: str) -> str:
    """A right as Discord's own settings call it, in English."""
    return right.replace("_", " ").title().replace(" In ", " in ")


@dataclass(slots=True)
class Places:
    """What is known of places. `now` gives the time in UTC.

    `managing` is the id of the command for those who may manage a place, once it is known: whom a
    server's owner has given that command may do all that it does, and nobody whom they have not.
    With `only_admins` it takes to manage the server, not the channel alone.
    """

    client: discord.Client
    now: Callable[[], datetime]
    managing: int | None = None
    only_admins: bool = False
    _noted: "TTLCache[tuple[str, str], bool | InPlace]" = field(init=False)
    _grants: "TTLCache[int, Sequence[Grant]]" = field(init=False)

    def __post_init__(self) -> None:
        self._noted = remembered_for(_KNOWN_FOR, self.now)
        self._grants = remembered_for(_KNOWN_FOR, self.now)

    def cached(self, target: str) -> Place | None:
        """A place if the gateway has told of it."""
        return self.client.get_channel(number_of(target))

    async def of(self, target: str) -> Place:
        """A place. Raises DeliveryError."""
        known = self.cached(target)
        if known is not None:
            return known
        request = self.client.fetch_channel(number_of(target))
        found = await asked(self.client.http, request, target)
        if isinstance(found, discord.abc.PrivateChannel) or not _is_empty(found.guild):
            return found
        guild = await self._whole(found.guild)
        return await asked(self.client.http, guild.fetch_channel(found.id), target)

    async def guild_of(self, target: str) -> discord.Guild | None:
        """The server of a place, with its roles; None for direct messages."""
        place = await self.of(target)
        return None if isinstance(place, discord.abc.PrivateChannel) else place.guild

    async def lacking(self, target: str, *more: str) -> list[str]:
        """The rights to post, and `more`, that the bot lacks in a place, by Discord's names."""
        place = await self.of(target)
        match place:
            case discord.abc.PrivateChannel():
                return []
            case discord.Thread():
                needed = (*_IN_THREAD, *(("manage_threads",) if place.locked else ()))
            case discord.ForumChannel():
                only_moderated = not any(not tag.moderated for tag in place.available_tags)
                by_moderator = place.flags.require_tag and only_moderated
                needed = (*_IN_CHANNEL, *(("manage_threads",) if by_moderator else ()))
            case discord.TextChannel() | discord.VoiceChannel() | discord.StageChannel():
                needed = _IN_CHANNEL
            case _:
                raise Forbidden()
        user = self.client.user
        assert user is not None
        member = place.guild.get_member(user.id) or await self._member(place.guild, user.id)
        rights = await self._permissions(place, member)
        return [shown_name(right) for right in (*needed, *more) if not getattr(rights, right)]

    def note(self, target: str, person: str, noted: "bool | InPlace") -> None:
        """What Discord has just told of a person: whether they may manage a place, or more."""
        self._noted[target, person] = noted

    async def may_manage(self, target: str, person: str) -> bool:
        """Whether a person may manage a place. Raises DeliveryError."""
        known = self._noted.get((target, person))
        if isinstance(known, bool):
            return known
        place = await self.of(target)
        if isinstance(place, discord.abc.PrivateChannel):
            recipient = getattr(place, "recipient", None)
            return recipient is not None and str(recipient.id) == person
        if known is None:
            try:
                member = await self._member(place.guild, number_of(person))
            except TargetGone:
                # Who has left the server manages nothing there.
                return False
            known = InPlace(member, await self._permissions(place, member))
        may = await self._manages(place, known)
        self.note(target, person, may)
        return may

    async def _manages(
        self, place: discord.abc.GuildChannel | discord.Thread, known: "InPlace"
    ) -> bool:
        member, rights = known.member, known.rights
        if rights.administrator or place.guild.owner_id == member.id:
            return True
        channel = place.parent_id if isinstance(place, discord.Thread) else place.id
        given = granted(
            await self._grants_in(place.guild.id),
            place.guild.id,
            channel,
            member.id,
            [role.id for role in member.roles],
        )
        needed = _MANAGES_SERVER if self.only_admins else _MANAGES
        return any(getattr(rights, right) for right in needed) if given is None else given

    async def _grants_in(self, guild: int) -> Iterable[Grant]:
        """To whom a server has given the command."""
        application = self.client.application_id
        if self.managing is None or application is None:
            return ()
        grants = self._grants.get(guild)
        if grants is None:
            http = self.client.http
            request = http.get_guild_application_command_permissions(application, guild)
            try:
                grants = grants_of(
                    await asked(http, request, str(guild)), self.managing, application
                )
            except TargetGone:
                grants = ()
            self._grants[guild] = grants
        return grants

    async def _permissions(
        self, place: discord.abc.GuildChannel | discord.Thread, member: discord.Member
    ) -> discord.Permissions:
        if not isinstance(place, discord.Thread):
            return place.permissions_for(member)
        if place.parent is not None:
            return place.permissions_for(member)
        request = place.guild.fetch_channel(place.parent_id)
        parent = await asked(self.client.http, request, str(place.parent_id))
        assert not isinstance(parent, discord.Thread)
        return parent.permissions_for(member)

    async def _member(self, guild: discord.Guild, person: int) -> discord.Member:
        return await asked(self.client.http, guild.fetch_member(person), str(person))

    async def _whole(self, guild: discord.Guild) -> discord.Guild:
        request = self.client.fetch_guild(guild.id, with_counts=False)
        return await asked(self.client.http, request, str(guild.id))


def _is_empty(guild: discord.Guild) -> bool:
    """Whether nothing is known of a server but its id."""
    return not guild.roles
