"""Places of Slack: what a channel is, who is in it, who may manage it, and direct messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cachetools import LRUCache, TTLCache
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.failing import INVISIBLE, INVITE, asked, word_of
from adapters.slack.names import Person, Target
from adapters.slack.workspaces import Member, Workspaces
from bot.errors import Forbidden, TargetGone, TryLater
from bot.remembering import remembered, remembered_for

# How long is known what a channel is, and what a person may do there.
_KNOWN_FOR = timedelta(minutes=1)
_OWNER_KNOWN_FOR = timedelta(hours=1)
# Members of a channel and of a workspace are looked through so far: pages of the most that Slack
# gives.
_PAGE, _PAGES = 1000, 20

Json = dict[str, Any]


@dataclass(slots=True)
class Places:
    """What is known of places. `now` gives the time in UTC.

    With `only_admins` the members of a channel do not decide about it, but the workspace's admins;
    about a private channel those who are in it, since to all others it is not there.
    """

    workspaces: Workspaces
    now: Callable[[], datetime]
    only_admins: bool = False
    _channels: "TTLCache[tuple[str, str], Json]" = field(init=False)
    _managers: "TTLCache[tuple[Target, Person], bool]" = field(init=False)
    # Empty where there is none.
    _owners: "TTLCache[str, str]" = field(init=False)
    _direct: "LRUCache[Person, str]" = field(init=False)

    def __post_init__(self) -> None:
        self._channels = remembered_for(_KNOWN_FOR, self.now)
        self._managers = remembered_for(_KNOWN_FOR, self.now)
        self._owners = remembered_for(_OWNER_KNOWN_FOR, self.now)
        self._direct = remembered()

    async def channel(self, target: Target) -> Json:
        """What Slack says of a channel. Raises DeliveryError."""
        key = target.workspace, target.channel
        known = self._channels.get(key)
        if known is not None:
            return known
        member = await self.workspaces.member(target.workspace)
        request = member.client.conversations_info(channel=target.channel)
        found: Json = (await asked(request, str(target)))["channel"]
        if _is_in(found):
            # Whoever has just invited the bot does not wait.
            self._channels[key] = found
        return found

    def forget(self, target: Target) -> None:
        """Ask anew what a channel is: something has changed there."""
        self._channels.pop((target.workspace, target.channel), None)

    async def lacking(self, target: Target) -> Sequence[str]:
        """What keeps the bot from posting. Raises TargetGone where nobody can."""
        try:
            channel = await self.channel(target)
        except TargetGone as error:
            if word_of(error) != INVISIBLE:
                raise
            # Whoever asks sees it: a private channel, and the bot is not in it.
            return (INVITE,)
        if channel.get("is_archived"):
            raise TargetGone("delivery.gone", what=str(target))
        return () if _is_in(channel) else (INVITE,)

    def note(self, target: Target, person: Person) -> None:
        """Somebody writes in a place: they are a member of it, as far as that is enough."""
        if not self.only_admins:
            self._note(target, person, may=True)

    async def may_manage(self, target: Target, person: Person) -> bool:
        """Whether somebody decides what is posted in a place. Raises DeliveryError."""
        known = self._managers.get((target, person))
        if known is not None:
            return known
        may = person.workspace == target.workspace and await self._manages(target, person)
        self._note(target, person, may=may)
        return may

    async def direct(self, person: Person) -> Target:
        """The conversation of the bot with a person alone. Raises DeliveryError."""
        known = self._direct.get(person)
        if known is None:
            member = await self.workspaces.member(person.workspace)
            opened = await asked(member.client.conversations_open(users=person.user), str(person))
            known = self._direct[person] = str(opened["channel"]["id"])
        return Target(person.workspace, known)

    async def whom_to_tell(self, target: Target) -> Sequence[Person]:
        """Of direct messages the person; else who has installed the bot, and the owner."""
        member = await self.workspaces.member(target.workspace)
        try:
            channel = await self.channel(target)
        except (TargetGone, Forbidden):
            channel = {}
        if channel.get("is_im"):
            return [Person(target.workspace, str(channel["user"]))]
        users = [member.installer, await self._owner(member)]
        return [Person(target.workspace, user) for user in dict.fromkeys(filter(None, users))]

    async def _manages(self, target: Target, person: Person) -> bool:
        channel = await self.channel(target)
        if channel.get("is_im"):
            return bool(channel.get("user") == person.user)
        if self.only_admins and not await self._is_admin(person):
            return False
        if self.only_admins and not channel.get("is_private"):
            return True
        return await self._is_member(target, person)

    async def _is_admin(self, person: Person) -> bool:
        member = await self.workspaces.member(person.workspace)
        try:
            found = await asked(member.client.users_info(user=person.user), str(person))
        except TargetGone:
            # Whoever has left manages nothing.
            return False
        user: Json = found["user"]
        roles = (user, user.get("enterprise_user") or {})
        return any(each.get("is_admin") or each.get("is_owner") for each in roles)

    async def _is_member(self, target: Target, person: Person) -> bool:
        member = await self.workspaces.member(target.workspace)
        cursor: str | None = None
        for _ in range(_PAGES):
            request = member.client.conversations_members(
                channel=target.channel, limit=_PAGE, cursor=cursor
            )
            page = await asked(request, str(target))
            if person.user in page["members"]:
                return True
            cursor = _after(page)
            if cursor is None:
                break
        return False

    async def _owner(self, member: Member) -> str | None:
        """The workspace's primary owner, as far as they are found; an organisation has no list."""
        workspace = member.workspace
        if workspace.startswith("E"):
            return None
        known = self._owners.get(workspace)
        if known is not None:
            return known or None
        owner: str | None = None
        cursor: str | None = None
        try:
            for _ in range(_PAGES):
                page = await asked(member.client.users_list(limit=_PAGE, cursor=cursor), workspace)
                owners = (user["id"] for user in page["members"] if user.get("is_primary_owner"))
                owner, cursor = next(owners, None), _after(page)
                if owner is not None or cursor is None:
                    break
        except (Forbidden, TryLater):
            if member.installer is None:
                raise
            return None
        self._owners[workspace] = owner or ""
        return owner

    def _note(self, target: Target, person: Person, *, may: bool) -> None:
        self._managers[target, person] = may


def _is_in(channel: Json) -> bool:
    """Whether the bot is in a channel."""
    return any(channel.get(name) for name in ("is_im", "is_member", "is_mpim"))


def _after(page: AsyncSlackResponse) -> str | None:
    """The cursor of the page after one."""
    return (page.get("response_metadata") or {}).get("next_cursor") or None
