"""Dialogs in use: faults stand beside their fields, and what came of it in the dialog's place.

An acknowledgement says which, so that Slack keeps what was filled in where something is wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from structlog.stdlib import get_logger

from adapters.slack.answering import Answering, Deed
from adapters.slack.carried import carried_by
from adapters.slack.contexts import Json, of_interaction
from adapters.slack.dialogs import errors_of, field_of, malformed, values_of
from adapters.slack.in_front import in_front
from adapters.slack.means import Means
from adapters.slack.modals import Modal, answer_modal, thinking
from adapters.slack.offering import options_for
from adapters.slack.places import Places
from adapters.slack.render import Rendered
from adapters.slack.validate import option_findings, view_findings
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.chat.forms import Form, FormError
from bot.chat.guard import Guard
from bot.errors import MatomeError
from bot.intent import Search
from bot.locales import Texts

# The callback_id of the global shortcut that opens the dialog for a search.
SEARCH = "search"
# Slack waits three seconds, for a dialog to be opened as well.
PATIENCE = 2.0
# So long after an acknowledgement it has reached Slack for sure, in seconds.
SETTLED = 0.5

_log = get_logger(__name__)

# slack-bolt's: acknowledges with what becomes of the dialog.
Ack = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class Submitted:
    """The place of a dialog that was submitted; what takes longer than Slack waits comes later."""

    modal: Modal
    guard: Guard
    acknowledge: Ack
    _is_acknowledged: bool = field(default=False, init=False)

    async def wait(self, texts: Texts) -> None:
        """Show words that the answer takes the place of."""
        await self._put([thinking(texts)], texts)

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Show the answer in the place of the dialog."""
        if self._is_acknowledged:
            # What overtakes an acknowledgement would be overwritten by it.
            await self.modal.means.sleep(SETTLED)
            await self.modal.show(rendered, texts, replaces=True)
        else:
            await self._put(rendered.blocks, texts)

    async def refuse(self, errors: Mapping[str, str]) -> bool:
        """Say what is wrong beside fields, by their block_ids; whether it is in time for that."""
        if self._is_acknowledged:
            return False
        self._is_acknowledged = True
        await self.acknowledge(response_action="errors", errors=dict(errors))
        return True

    async def open(self, dialog: Json) -> None:
        """Show another dialog."""
        await self.modal.open(dialog)

    async def ignore(self) -> None:
        """Close the dialog, unless it stays with what is wrong."""
        if not self._is_acknowledged:
            self._is_acknowledged = True
            await self.acknowledge()

    async def _put(self, blocks: Sequence[Json], texts: Texts) -> None:
        view = answer_modal(blocks, self.modal.target, texts)
        self.guard.check(view, view_findings)
        self._is_acknowledged = True
        await self.acknowledge(response_action="update", view=view)


@dataclass(frozen=True, slots=True)
class Filling:
    """Dialogs: opened for who wants to search, completed, and submitted."""

    answering: Answering
    means: Means
    places: Places
    patience: float = PATIENCE

    async def search(self, body: Json, workspace: str) -> None:
        """Open the dialog for a search."""
        origin, trigger = of_interaction(body, workspace), str(body["trigger_id"])

        async def ask(context: Context) -> Form:
            return await self.answering.chat.form(Search(""), context)

        deed = Deed("a shortcut in Slack", ("shortcut", trigger), origin, ask)
        guard, at = self.answering.guard, str(body.get("action_ts") or "0")
        surface = in_front(self.means, self.places, guard, origin.person, trigger, at)
        await self.answering.answer(deed, surface)

    async def complete(self, body: Json, workspace: str, acknowledge: Ack) -> None:
        """Offer what a field may become."""
        typed = str(body.get("value") or "")
        field_of_command = field_of(str(body.get("action_id") or ""))
        found: Sequence[tuple[str, str]] = ()
        try:
            async with asyncio.timeout(self.patience):
                context = await self.answering.contexts.of(of_interaction(body, workspace))
                if field_of_command is not None:
                    chat = self.answering.chat
                    offers = await chat.complete_option(*field_of_command, typed, context)
                    found = [(offer.value, offer.label) for offer in offers]
        except (MatomeError, TimeoutError) as error:
            _log.warning("a field cannot be completed", field=body.get("action_id"), cause=error)
        offered = options_for(found, typed)
        self.answering.guard.note(offered, option_findings)
        await acknowledge(options=offered)

    async def submit(self, body: Json, workspace: str, acknowledge: Ack) -> None:
        """Do what a dialog asks for."""
        origin, view = of_interaction(body, workspace), body["view"]
        guard, trigger = self.answering.guard, str(body.get("trigger_id") or "")
        carried = carried_by(view)
        modal = Modal(
            self.means, guard, origin.person, carried.target, trigger, view, replaces=True
        )
        surface = Submitted(modal, guard, acknowledge)
        asking = _Asking(self.answering.chat, view, carried.code, workspace, surface)
        deed = Deed("a dialog in Slack", ("dialog", trigger or view["id"]), origin, asking.ask)
        await replace(self.answering, patience=self.patience).answer(deed, surface)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a dialog asks for, with its `code`."""

    chat: Chat
    view: Json
    code: str
    workspace: str
    surface: Submitted

    async def ask(self, context: Context) -> Reply | None:
        """What came of it, None where it is said beside fields what is wrong."""
        values = values_of(self.view, self.workspace)
        wrong = malformed(values)
        if wrong and await self.surface.refuse(
            {key: context.texts.of(error) for key, error in wrong.items()}
        ):
            return None
        try:
            return await self.chat.submitted(self.code, values, context)
        except FormError as error:
            beside = errors_of(error, list(values), context.texts)
            if beside and await self.surface.refuse(beside):
                return None
            raise
