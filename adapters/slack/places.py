"""Places of Slack: what a channel is, who is in it, who may manage it, and direct messages."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.failing import INVITE, asked
from adapters.slack.names import Person, Target
from adapters.slack.workspaces import Workspaces
from bot.errors import TargetGone

# How long is known what a channel is, and what a person may do there.
_KNOWN_FOR = timedelta(minutes=1)
_REMEMBERED = 10_000
# Members of a channel and of a workspace are looked through so far: pages of the most that Slack
# gives.
_PAGE, _PAGES = 1000, 20

Json = dict[str, Any]


@dataclass(slots=True)
class Places:
    """What is known of places. `now` gives the time in UTC.

    With `only_admins` the members of a channel do not decide about it, but the workspace's admins.
    """

    workspaces: Workspaces
    now: Callable[[], datetime]
    only_admins: bool = False
    _channels: "OrderedDict[tuple[str, str], tuple[Json, datetime]]" = field(
        default_factory=OrderedDict, init=False
    )
    _managers: "OrderedDict[tuple[Target, Person], tuple[bool, datetime]]" = field(
        default_factory=OrderedDict, init=False
    )
    _direct: "OrderedDict[Person, str]" = field(default_factory=OrderedDict, init=False)

    async def channel(self, target: Target) -> Json:
        """What Slack says of a channel. Raises DeliveryError."""
        key = target.workspace, target.channel
        known = self._channels.get(key)
        if known is not None and self.now() < known[1]:
            return known[0]
        member = await self.workspaces.member(target.workspace)
        request = member.client.conversations_info(channel=target.channel)
        found: Json = (await asked(request, str(target)))["channel"]
        self._channels[key] = found, self.now() + _KNOWN_FOR
        _trim(self._channels)
        return found

    def forget(self, target: Target) -> None:
        """Ask anew what a channel is: something has changed there."""
        self._channels.pop((target.workspace, target.channel), None)

    async def lacking(self, target: Target) -> Sequence[str]:
        """What keeps the bot from posting. Raises TargetGone where nobody can."""
        channel = await self.channel(target)
        if channel.get("is_archived"):
            raise TargetGone("delivery.gone", what=str(target))
        is_there = channel.get("is_im") or channel.get("is_member") or channel.get("is_mpim")
        return () if is_there else (INVITE,)

    async def may_manage(self, target: Target, person: Person) -> bool:
        """Whether somebody decides what is posted in a place. Raises DeliveryError."""
        known = self._managers.get((target, person))
        if known is not None and self.now() < known[1]:
            return known[0]
        may = person.workspace == target.workspace and await self._manages(target, person)
        self._managers[target, person] = may, self.now() + _KNOWN_FOR
        _trim(self._managers)
        return may

    async def direct(self, person: Person) -> Target:
        """The conversation of the bot with a person alone. Raises DeliveryError."""
        known = self._direct.get(person)
        if known is None:
            member = await self.workspaces.member(person.workspace)
            opened = await asked(member.client.conversations_open(users=person.user), str(person))
            known = self._direct[person] = str(opened["channel"]["id"])
            _trim(self._direct)
        return Target(person.workspace, known)

    async def whom_to_tell(self, target: Target) -> Sequence[Person]:
        """Of direct messages the person; else who has installed the bot, and the owner."""
        member = await self.workspaces.member(target.workspace)
        try:
            channel = await self.channel(target)
        except TargetGone:
            channel = {}
        if channel.get("is_im"):
            return [Person(target.workspace, str(channel["user"]))]
        users = [member.installer, await self._owner(target.workspace)]
        return [Person(target.workspace, user) for user in dict.fromkeys(filter(None, users))]

    async def _manages(self, target: Target, person: Person) -> bool:
        channel = await self.channel(target)
        if channel.get("is_im"):
            return bool(channel.get("user") == person.user)
        if self.only_admins:
            return await self._is_admin(person)
        return await self._is_member(target, person)

    async def _is_admin(self, person: Person) -> bool:
        member = await self.workspaces.member(person.workspace)
        found = await asked(member.client.users_info(user=person.user), str(person))
        return bool(found["user"].get("is_admin") or found["user"].get("is_owner"))

    async def _is_member(self, target: Target, person: Person) -> bool:
        member = await self.workspaces.member(target.workspace)
        cursor = ""
        for _ in range(_PAGES):
            request = member.client.conversations_members(
                channel=target.channel, limit=_PAGE, cursor=cursor
            )
            page = await asked(request, str(target))
            if person.user in page["members"]:
                return True
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return False

    async def _owner(self, workspace: str) -> str | None:
        """The workspace's primary owner, as far as they are found."""
        member = await self.workspaces.member(workspace)
        cursor = ""
        for _ in range(_PAGES):
            page = await asked(member.client.users_list(limit=_PAGE, cursor=cursor), workspace)
            for user in page["members"]:
                if user.get("is_primary_owner"):
                    return str(user["id"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None


def _trim(known: "OrderedDict[Any, Any]") -> None:
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
