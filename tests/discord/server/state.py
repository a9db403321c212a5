"""The state of this Discord, and what changes it: messages, threads, events to the gateway."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.discord.server import permissions
from tests.discord.server.changes import Changes
from tests.discord.server.clock import Clock, Snowflakes
from tests.discord.server.components import check_size
from tests.discord.server.gateway import (
    DIRECT_MESSAGES,
    GUILD_MESSAGES,
    GUILDS,
    MESSAGE_CONTENT,
    Gateway,
)
from tests.discord.server.journal import Entry, Journal
from tests.discord.server.messages import check_message, kept
from tests.discord.server.rates import Rates
from tests.discord.server.refusals import (
    Json,
    Refusal,
    missing_access,
    missing_permissions,
    unknown,
)
from tests.discord.server.troubles import Troubles
from tests.discord.server.uploads import Files, Upload
from tests.discord.server.wire import channel_json, message_event
from tests.discord.server.world import (
    Channel,
    Flag,
    Guild,
    Interaction,
    Kind,
    Message,
    User,
)

# How long an interaction waits for its first answer; whoever tests something else on a busy machine
# may want it to wait for longer.
ANSWER_WITHIN = timedelta(seconds=3)
# For how long a nonce of an author is known ("a few minutes").
NONCE_LIFE = timedelta(minutes=3)


class State:
    """Everything there is; what the bot may do is checked here, for requests and for players."""

    def __init__(
        self,
        *,
        clock: Clock,
        seconds: Callable[[], float],
        token: str,
        intents: int,
        heartbeat_ms: int,
    ) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.token = token
        self.changes = Changes()
        self.journal = Journal()
        self.rates = Rates(seconds)
        self.troubles = Troubles()
        self.undocumented_limits = False
        self.answer_within = ANSWER_WITHIN
        self.nonce_life = NONCE_LIFE
        self.unknown_routes: list[str] = []
        self.odd_bodies: list[str] = []
        self.refusals: list[Refusal] = []
        self.requests: list[tuple[float, str]] = []
        self.uploads: dict[str, Upload] = {}
        self.bot = User(self.ids.next(), "matome", bot=True)
        self.owner = User(self.ids.next(), "operator")
        self.users: dict[int, User] = {one.id: one for one in (self.bot, self.owner)}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        self.commands: list[Json] = []
        self.command_writes = 0
        self.command_rules: dict[tuple[int, int], list[Json]] = {}
        self.interactions: dict[str, Interaction] = {}
        self._nonces: dict[tuple[int, str], tuple[datetime, Message]] = {}
        self.gateway = Gateway(
            bot=self.bot,
            token=token,
            guilds=self.guilds,
            changes=self.changes,
            clock=self.clock,
            allowed_intents=intents,
            heartbeat_ms=heartbeat_ms,
        )

    def rights(self, channel: Channel, user: User | None = None) -> int:
        """What somebody (the bot) may do in a channel; of direct messages everything."""
        if channel.guild is None:
            return permissions.ALL
        member = channel.guild.members.get((user or self.bot).id)
        if member is None or (member.user is self.bot and not channel.guild.joined):
            return 0
        return permissions.in_channel(channel, member)

    def visible(self, key: int) -> Channel:
        """A channel that the bot may see."""
        channel = self.channels.get(key)
        if channel is None:
            raise unknown("Channel")
        if channel.foreign or not self.rights(channel) & permissions.BITS["view_channel"]:
            raise missing_access()
        return channel

    def message(self, channel: Channel, key: int) -> Message:
        found = channel.messages.get(key)
        if found is None:
            raise unknown("Message")
        return found

    def need(self, channel: Channel, *names: str) -> None:
        wanted = permissions.bits(*names)
        if self.rights(channel) & wanted != wanted:
            raise missing_permissions()

    def may_send(self, channel: Channel) -> None:
        """Refuse what the bot may not write to."""
        if channel.kind in (Kind.FORUM, Kind.CATEGORY):
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        if channel.person is not None and not self._may_be_told(channel.person, channel):
            raise Refusal(403, 50007, "Cannot send messages to this user")
        self.need(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
        if channel.locked and not self.rights(channel) & permissions.BITS["manage_threads"]:
            raise Refusal(403, 160005, "Thread is locked")

    def _may_be_told(self, person: User, channel: Channel) -> bool:
        """Who shares a guild with the bot, or has written to it, and lets themselves be told."""
        shared = any(one.joined and person.id in one.members for one in self.guilds.values())
        wrote = any(one.author is person for one in channel.messages.values())
        return person.dms_open and (shared or wrote)

    def known_nonce(self, author: User, nonce: str) -> Message | None:
        at, message = self._nonces.get((author.id, nonce), (None, None))
        if at is None or message is None or self.clock.now() - at >= self.nonce_life:
            return None
        return message

    def write(
        self,
        channel: Channel,
        author: User,
        body: Json,
        files: Files,
        *,
        what: str = "post",
        may_set: int = 0xFFFF,
        where: tuple[str, ...] = (),
        interaction: Interaction | None = None,
        nonce: str | None = None,
        key: int | None = None,
    ) -> Message:
        """Check a new message, keep it and tell of it; a private one is told to nobody.

        `may_set` are the flags that may be given here, `where` the place of `body` in the form.
        """
        flags = (body.get("flags") or 0) & may_set
        attached = check_message(body, flags, files, self.ids, where=where)
        if self.undocumented_limits and flags & Flag.COMPONENTS_V2:
            check_size(body.get("components"))
        may_ping = bool(self.rights(channel, author) & permissions.BITS["mention_everyone"])
        self._keep(attached, files)
        shown = kept(body, attached, channel, self.users, may_ping=may_ping)
        message = Message(
            key or self.ids.next(),
            channel,
            author,
            shown,
            self.clock.now(),
            flags=flags,
            nonce=nonce,
            kind=20 if interaction is not None else 0,
            interaction=interaction,
        )
        if nonce is not None:
            self._nonces[(author.id, nonce)] = (message.at, message)
        self.note(what, message)
        if not message.private:
            channel.messages[message.id] = message
            if channel.archived:
                # Whoever writes into a thread opens it again.
                channel.archived = False
                thread = channel_json(channel)
                self.gateway.tell("THREAD_UPDATE", thread, guild=channel.guild, intent=GUILDS)
            self.tell_message("MESSAGE_CREATE", message)
        self.changes.tell()
        return message

    def change(
        self,
        message: Message,
        body: Json,
        files: Files,
        *,
        what: str = "edit",
        where: tuple[str, ...] = (),
    ) -> Message:
        """Check what a message is to show now, keep it and tell of it."""
        flags = message.flags & ~Flag.LOADING
        # The V2 flag cannot be taken back, others than these cannot be given.
        flags |= (body.get("flags") or 0) & (Flag.COMPONENTS_V2 | Flag.SUPPRESS_EMBEDS)
        attached = check_message(body, flags, files, self.ids, where=where, before=message.body)
        if self.undocumented_limits and flags & Flag.COMPONENTS_V2:
            check_size(body.get("components"))
        self._keep(attached, files)
        message.body = kept(
            body, attached, message.channel, self.users, may_ping=False, before=message.body
        )
        message.flags = flags
        message.edited_at = self.clock.now()
        self.note(what, message)
        if not message.private:
            self.tell_message("MESSAGE_UPDATE", message)
        self.changes.tell()
        return message

    def _keep(self, attached: list[Json], files: Files) -> None:
        """Keep files by the ids of their attachments, of which they are the last."""
        new = attached[len(attached) - len(files) :]
        self.uploads |= {one["id"]: file for one, file in zip(new, files.values(), strict=True)}

    def remove(self, message: Message) -> None:
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        self.note("delete", message)
        if not message.private:
            gone = {"id": str(message.id), "channel_id": str(message.channel.id)}
            self.tell_channel(message.channel, "MESSAGE_DELETE", gone)
        self.changes.tell()

    def note(self, what: str, message: Message, *, repeated: bool = False) -> None:
        entry = Entry(
            self.clock.now(),
            what,
            message.channel.id,
            message.id,
            message.body,
            message.nonce,
            message.private,
            repeated,
        )
        self.journal.entries.append(entry)
        self.changes.tell()

    def tell_message(self, event: str, message: Message) -> None:
        data = message_event(message)
        guild = message.channel.guild
        intent = DIRECT_MESSAGES if guild is None else GUILD_MESSAGES
        mine = message.author.id == self.bot.id or self.bot in message.body.get("mentions", ())
        if guild is not None and not mine and not self.gateway.allowed_intents & MESSAGE_CONTENT:
            data |= {"content": "", "components": [], "embeds": [], "attachments": []}
        self.gateway.tell(event, data, guild=guild, intent=intent)

    def tell_channel(self, channel: Channel, event: str, data: Json) -> None:
        if channel.guild is not None:
            data = {**data, "guild_id": str(channel.guild.id)}
        intent = DIRECT_MESSAGES if channel.guild is None else GUILD_MESSAGES
        self.gateway.tell(event, data, guild=channel.guild, intent=intent)

    def open_thread(
        self, parent: Channel, owner: User, name: str, minutes: int, on: Message | None
    ) -> Channel:
        guild = parent.guild
        assert guild is not None
        kind = Kind.ANNOUNCEMENT_THREAD if parent.kind is Kind.ANNOUNCEMENT else Kind.THREAD
        thread = Channel(
            on.id if on else self.ids.next(),
            kind,
            name,
            guild=guild,
            parent=parent,
            owner_id=owner.id,
            made_at=self.clock.now(),
            archive_minutes=minutes,
        )
        guild.channels[thread.id] = self.channels[thread.id] = thread
        if on is not None:
            on.thread = thread
            on.flags |= Flag.HAS_THREAD
        entry = Entry(self.clock.now(), "thread", parent.id, thread.id, {"name": name})
        self.journal.entries.append(entry)
        created = channel_json(thread) | {"newly_created": True}
        self.gateway.tell("THREAD_CREATE", created, guild=guild, intent=GUILDS)
        self.changes.tell()
        return thread
