"""A conversation about digests: a platform with rights, a clock that can be set, a real state."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from adapters.console.platform import ConsolePlatform
from bot.intent import Intent
from bot.stores import Stores
from bot.subscription import Subscription
from bot.view import Action, Effect, View

if TYPE_CHECKING:
    from tests.chat.conftest import Conversation


@dataclass(slots=True)
class Town(ConsolePlatform):
    """The terminal with more channels, where not everybody may do everything.

    `managers` has who may manage a target, `missing` the rights that the bot lacks in one,
    `failing` what a question about one, or about a person, ends with; `workspaces` has the servers
    of channels that are in another one.
    """

    managers: dict[str, set[str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    workspaces: dict[str, str] = field(default_factory=dict)

    async def workspace(self, target: str) -> str | None:
        """The server of a channel; all are in one, unless it is said where."""
        self._fail(target)
        return self.workspaces.get(target, "G1")

    async def may_manage(self, target: str, person: str) -> bool:
        """Whether somebody is one of the managers."""
        self._fail(target)
        return person in self.managers.get(target, ())

    async def can_post(self, target: str) -> Sequence[str]:
        """The rights that are missing."""
        self._fail(target)
        return self.missing.get(target, [])

    async def open_dm(self, person: str) -> str:
        """The target of their direct messages."""
        self._fail(person)
        return await ConsolePlatform.open_dm(self, person)

    def _fail(self, target: str) -> None:
        if target in self.failing:
            raise self.failing[target]


@dataclass(slots=True)
class Clock:
    """A time of day (UTC) that stands still until it is set."""

    at: datetime

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def pass_by(self, time: timedelta) -> None:
        """Let some time go by."""
        self.at += time


@dataclass(slots=True)
class Desk:
    """Somebody at the desk; `talk` is what they ask and get."""

    talk: "Conversation"
    town: Town
    stores: Stores
    clock: Clock

    async def do(self, intent: Intent, effect: Effect = Effect.OPEN) -> View:
        """Press something."""
        return await self.talk.act(Action(intent, effect))

    async def say(self, line: str) -> View:
        """Type something."""
        return await self.talk.ask(line)

    def as_person(self, person: str, target: str = "C1", **changes: object) -> "Desk":
        """Somebody else, perhaps elsewhere."""
        context = replace(
            self.talk.context,
            person=person,
            target=target,
            **changes,  # type: ignore[arg-type]
        )
        return replace(self, talk=replace(self.talk, context=context))

    def in_private(self, person: str) -> "Desk":
        """Somebody in their direct messages with the bot."""
        frame = replace(self.talk.context.frame, is_direct=True)
        return self.as_person(person, f"dm:{person}", frame=frame, workspace=None)

    async def only(self) -> Subscription:
        """The one subscription that there is."""
        (found,) = await self.stores.subscriptions.every()
        return found
