"""Slack as a place where the bot speaks unasked; names.py says how places are named."""

from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.limited import Asking
from adapters.slack.limits import LIMITS
from adapters.slack.messages import key_of, message_of, posted
from adapters.slack.names import NAME, Target, person_of, reference_of, target_of
from adapters.slack.places import Places
from adapters.slack.workspaces import Member, Workspaces
from bot.chat.guard import Guard
from bot.errors import Forbidden, TryLater
from bot.ports import Pace
from bot.view import Limits, Posting

# A channel takes about one message a second; what a workspace takes altogether is not told, only
# demanded by 429 (docs: "Rate limits", chat.postMessage).
PACE = Pace(per_second=20, channel_seconds=1.0)

# How far a message is looked for; some apps are given fifteen at a time, once a minute.
_MOST = 300
# Searches that are not over whose place is remembered.
_REMEMBERED = 10_000

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Search:
    """How many messages were looked at, and the cursor of the next ones."""

    seen: int = 0
    cursor: str | None = None


@dataclass(slots=True)
class SlackPlatform:
    """The platform, in all workspaces where the bot is."""

    workspaces: Workspaces
    places: Places
    guard: Guard
    asking: Asking = field(default_factory=Asking)
    _searches: "OrderedDict[tuple[str, str], _Search]" = field(
        default_factory=OrderedDict, init=False
    )

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
        return str((await self._ask(there, "chat_getPermalink", request))["permalink"])

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message that carries its key unseen."""
        there = target_of(target)
        member = await self.workspaces.member(there.workspace)
        arguments = message_of(posting, key)
        self.guard.note(arguments)
        if there.thread is not None:
            arguments["thread_ts"] = there.thread
        request = member.client.chat_postMessage(channel=there.channel, **arguments)
        sent = await self._ask(there, "chat_postMessage", request)
        return str(there.message(str(sent["ts"])))

    async def edit(self, reference: str, posting: Posting) -> None:
        """Replace what a message shows; what is not said, such as its key, it keeps."""
        message = reference_of(reference)
        member = await self.workspaces.member(message.workspace)
        shown = posted(posting)
        self.guard.note(shown.arguments())
        request = member.client.chat_update(
            channel=message.channel, ts=message.ts, text=shown.text, blocks=shown.blocks
        )
        await self._ask(message.replies, "chat_update", request)

    async def thread(self, reference: str, title: str) -> str:
        """The thread under a message is there as soon as somebody replies; it has no title."""
        message = reference_of(reference)
        await self.workspaces.member(message.workspace)
        return str(message.replies)

    async def publish(self, reference: str) -> None:
        """Slack has no channels that others follow."""
        reference_of(reference)
        raise Forbidden()

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key among the newest three hundred since a time (UTC).

        Where Slack asks to wait in between, the next search goes on from there.
        """
        there = target_of(target)
        member = await self.workspaces.member(there.workspace)
        # The clock of whoever asks may be a little ahead of Slack's.
        oldest = f"{since.timestamp() - 5:.6f}"
        search = self._searches.pop((target, key), _Search())
        while search.seen < _MOST:
            try:
                page = await self._page(member, there, oldest, search.cursor)
            except TryLater:
                self._remember(target, key, search)
                raise
            for message in page["messages"]:
                if _is_own(message, member) and key_of(message) == key:
                    return str(there.message(str(message["ts"])))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            search = _Search(search.seen + len(page["messages"]), cursor)
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

    async def _page(self, member: Member, there: Target, oldest: str, cursor: str | None) -> Json:
        """Some messages of a channel or thread, with what they carry."""
        # As many as it gives to this app by itself; what is asked beyond that may be refused.
        wanted: Any = {"channel": there.channel, "include_all_metadata": True}
        wanted |= {"oldest": oldest, "cursor": cursor}
        if there.thread is None:
            history = member.client.conversations_history(**wanted)
            found = await self._ask(there, "conversations_history", history)
        else:
            replies = member.client.conversations_replies(ts=there.thread, **wanted)
            found = await self._ask(there, "conversations_replies", replies)
        return dict(found.data) if isinstance(found.data, dict) else {"messages": ()}

    async def _ask(
        self, there: Target, method: str, request: Coroutine[Any, Any, AsyncSlackResponse]
    ) -> AsyncSlackResponse:
        return await self.asking.ask(there.workspace, method, request, str(there))

    def _remember(self, target: str, key: str, search: _Search) -> None:
        self._searches[target, key] = search
        if len(self._searches) > _REMEMBERED:
            self._searches.popitem(last=False)


def _is_own(message: Json, member: Member) -> bool:
    """Whether the bot has posted a message: others can put the same key into theirs."""
    return message.get("bot_id") == member.bot or message.get("user") == member.user
