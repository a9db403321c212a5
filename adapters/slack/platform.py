"""Slack as a place where the bot speaks unasked; names.py says how places are named."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.slack.failing import asked
from adapters.slack.limits import LIMITS
from adapters.slack.messages import key_of, message_of
from adapters.slack.names import NAME, Reference, Target, person_of, reference_of, target_of
from adapters.slack.places import Places
from adapters.slack.workspaces import Member, Workspaces
from bot.chat.guard import Guard
from bot.errors import Forbidden
from bot.ports import Pace
from bot.view import Limits, Posting

# A channel takes about one message a second; what a workspace takes altogether is not told, only
# demanded by 429 (docs: "Rate limits", chat.postMessage).
PACE = Pace(per_second=20, channel_seconds=1.0)

# How far a message is looked for: pages of a hundred, of which some apps get fifteen.
_PAGE, _PAGES = 100, 3
# Messages whose keys are remembered, so that an edit need not ask for them.
_REMEMBERED = 10_000

Json = dict[str, Any]


@dataclass(slots=True)
class SlackPlatform:
    """The platform, in all workspaces where the bot is."""

    workspaces: Workspaces
    places: Places
    guard: Guard
    _keys: "OrderedDict[str, str | None]" = field(default_factory=OrderedDict, init=False)

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
        """A message a second for a channel."""
        return PACE

    def channel(self, target: str) -> str:
        """Threads count to their channel."""
        workspace, _, rest = target.partition("/")
        return f"{workspace}/{rest.partition('/')[0]}"

    async def workspace(self, target: str) -> str | None:
        """The workspace of a channel, None for direct messages."""
        there = target_of(target)
        channel = await self.places.channel(there)
        return None if channel.get("is_im") else there.workspace

    async def address(self, target: str) -> str | None:
        """Where a browser or the app opens a channel or thread."""
        there = target_of(target)
        if there.thread is None:
            return f"https://app.slack.com/client/{there.workspace}/{there.channel}"
        member = await self.workspaces.member(there.workspace)
        request = member.client.chat_getPermalink(channel=there.channel, message_ts=there.thread)
        return str((await asked(request, target))["permalink"])

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message that carries its key unseen."""
        there = target_of(target)
        member = await self.workspaces.member(there.workspace)
        arguments = self._message(posting, key)
        if there.thread is not None:
            arguments["thread_ts"] = there.thread
        request = member.client.chat_postMessage(channel=there.channel, **arguments)
        sent = await asked(request, target)
        reference = str(there.message(sent["ts"]))
        self._remember(reference, key)
        return reference

    async def edit(self, reference: str, posting: Posting) -> None:
        """Replace what a message shows; it keeps its key."""
        message = reference_of(reference)
        member = await self.workspaces.member(message.workspace)
        arguments = self._message(posting, await self._key(member, message))
        # What is not unfolded stays so.
        del arguments["unfurl_links"], arguments["unfurl_media"]
        request = member.client.chat_update(channel=message.channel, ts=message.ts, **arguments)
        await asked(request, reference)

    async def thread(self, reference: str, title: str) -> str:
        """The thread under a message is there as soon as somebody replies; it has no title."""
        message = reference_of(reference)
        await self.workspaces.member(message.workspace)
        return str(message.replies)

    async def publish(self, reference: str) -> None:
        """Slack has no channels that others follow."""
        raise Forbidden()

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key among the newest three hundred since a time (UTC)."""
        there = target_of(target)
        member = await self.workspaces.member(there.workspace)
        # The clock of whoever asks may be a little ahead of Slack's.
        oldest = f"{since.timestamp() - 5:.6f}"
        cursor = ""
        for _ in range(_PAGES):
            page = await self._page(member, there, oldest=oldest, cursor=cursor)
            for message in page["messages"]:
                if _is_own(message, member) and key_of(message) == key:
                    reference = str(there.message(str(message["ts"])))
                    self._remember(reference, key)
                    return reference
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    async def may_manage(self, target: str, person: str) -> bool:
        """Whether a person decides what is posted in a channel."""
        return await self.places.may_manage(target_of(target), person_of(person))

    async def can_post(self, target: str) -> Sequence[str]:
        """What the bot lacks: that somebody invites it."""
        return await self.places.lacking(target_of(target))

    async def can_thread(self, target: str) -> Sequence[str]:
        """Whoever may write in a channel may reply there."""
        return await self.places.lacking(target_of(target))

    async def open_dm(self, person: str) -> str:
        """The conversation with a person alone."""
        return str(await self.places.direct(person_of(person)))

    async def whom_to_tell(self, target: str) -> Sequence[str]:
        """Who has installed the bot, then the owner; of direct messages the person."""
        return [str(person) for person in await self.places.whom_to_tell(target_of(target))]

    def _message(self, posting: Posting, key: str | None) -> Json:
        message = message_of(posting, key)
        self.guard.note(message)
        return message

    async def _key(self, member: Member, message: Reference) -> str | None:
        """The key that a message carries; an edit that does not say it might take it away."""
        reference = str(message)
        if reference not in self._keys:
            found: Json = {"messages": ()}
            with suppress(Forbidden):
                there = Target(message.workspace, message.channel, message.thread)
                found = await self._page(
                    member, there, oldest=message.ts, latest=message.ts, inclusive=True
                )
            key = next(
                (key_of(each) for each in found["messages"] if each["ts"] == message.ts), None
            )
            self._remember(reference, key)
        return self._keys[reference]

    async def _page(self, member: Member, there: Target, **window: Any) -> Json:
        """Some messages of a channel or thread, with what they carry."""
        wanted = {"channel": there.channel, "include_all_metadata": True, "limit": _PAGE, **window}
        if there.thread is None:
            request = member.client.conversations_history(**wanted)
        else:
            request = member.client.conversations_replies(ts=there.thread, **wanted)
        found = await asked(request, str(there))
        return dict(found.data) if isinstance(found.data, dict) else {"messages": ()}

    def _remember(self, reference: str, key: str | None) -> None:
        self._keys[reference] = key
        if len(self._keys) > _REMEMBERED:
            self._keys.popitem(last=False)


def _is_own(message: Json, member: Member) -> bool:
    """Whether the bot has posted a message: others can put the same key into theirs."""
    return message.get("bot_id") == member.bot or message.get("user") == member.user
