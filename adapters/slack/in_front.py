"""Answers in front of everything, for who asks where there is no message and no place."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.slack.contexts import Json
from adapters.slack.means import Means
from adapters.slack.modals import Modal, TooLateError
from adapters.slack.names import Person
from adapters.slack.places import Places
from adapters.slack.render import Rendered
from adapters.slack.surfaces import Conversation
from bot.chat.guard import Guard
from bot.locales import Texts

# What a global shortcut is used on: like App Home, nothing that a modal could lie on.
NOTHING: Mapping[str, Any] = {"type": "home", "id": ""}


@dataclass(frozen=True, slots=True)
class InFront:
    """A modal, and direct messages where it is too late for one."""

    means: Means
    places: Places
    modal: Modal
    since: str

    async def wait(self, texts: Texts) -> None:
        """Open a modal that the answer takes the place of, if it is not too late for that."""
        with suppress(TooLateError):
            await self.modal.wait(texts)

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Show the answer, if need be where somebody finds it later."""
        try:
            await self.modal.show(rendered, texts, replaces=False)
        except TooLateError:
            target = await self.places.direct(self.modal.person)
            said = Conversation(self.means, self.modal.person, target, self.since)
            await said.show(rendered, texts, replaces=False)

    async def open(self, dialog: Json) -> None:
        """Open a dialog. Raises TooLateError."""
        await self.modal.open(dialog)

    async def ignore(self) -> None:
        """Show nothing."""


def in_front(
    means: Means,
    places: Places,
    guard: Guard,
    person: Person,
    trigger: str,
    since: str,
    view: Json = NOTHING,
) -> InFront:
    """In front of App Home, or of anything else; `since` is the ts of what somebody did."""
    modal = Modal(means, guard, person, "", trigger, view, replaces=False)
    return InFront(means, places, modal, since)
