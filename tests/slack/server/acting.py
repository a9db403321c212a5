"""What a player's doings have in common: what is sent, and waiting for what is then seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.slack.server import payloads
from tests.slack.server.answers import respond, suggested
from tests.slack.server.filling import Value, check_filled, held
from tests.slack.server.link import Ack
from tests.slack.server.objects import offered
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.responding import react
from tests.slack.server.seen import NoAnswer, NotOffered, Seen, found
from tests.slack.server.state import State
from tests.slack.server.views import VALUES, close_all, initial_state
from tests.slack.server.world import (
    Channel,
    Interaction,
    Kind,
    Message,
    Sight,
    User,
    View,
    Workspace,
)

Holder = Message | View | Seen


def holding(on: Holder) -> Seen:
    """The message or view on which something is used."""
    if isinstance(on, Seen):
        return on
    return Seen(view=on) if isinstance(on, View) else Seen(on)


@dataclass(frozen=True, slots=True)
class Acting:
    """`patience` is how many seconds a person waits to see something."""

    state: State
    user: User
    place: Channel
    thread: str | None = None
    patience: float = 10.0

    @property
    def team(self) -> Workspace:
        return self.place.team

    def _here(self, scope: str) -> None:
        """Refuse what cannot be done here: not installed, not a member, archived."""
        installation = self.state.registry.of(self.team)
        if installation is None or scope not in installation.scopes:
            raise NotOffered("the app is not installed here")
        if self.user.id not in self.place.members or self.place.archived:
            raise NotOffered("this person cannot write here")

    def _homes(self) -> list[View]:
        view = self.state.homes.get((self.team.id, self.user.id))
        return [view] if view is not None else []

    def _blocks(self, on: Holder) -> list[Json]:
        seen = holding(on)
        if seen.view is not None and (not seen.view.open or seen.view.user is not self.user):
            raise NotOffered("the view is not open")
        message = seen.message
        if message is not None:
            others = message.only_for not in (None, self.user)
            if message.deleted or others or self.user.id not in message.channel.members:
                raise NotOffered("the message is not to be seen")
        return seen.blocks

    def _interaction(self, on: Holder) -> Interaction:
        seen = holding(on)
        channel = seen.message.channel if seen.message is not None else None
        return self.state.interact(
            self.user, self.team, channel=channel, message=seen.message, view=seen.view
        )

    async def _ask(self, kind: str, payload: Json, *, responds: bool) -> Ack:
        ack = await self.state.link.ask(kind, payload, responds=responds)
        if ack is None:
            raise NoAnswer(f"operation_timeout: {payload.get('command') or payload['type']}")
        return ack

    async def _does(
        self, kind: str, payload: Json, interaction: Interaction, *, waits: bool
    ) -> Seen:
        since = len(self.state.sights)
        ack = await self._ask(kind, payload, responds=kind == "slash_commands")
        if ack.payload and kind == "slash_commands":
            self._taken(lambda: respond(self.state, interaction, ack.payload))
        if not waits:
            return Seen(interaction=interaction)
        return await self._sees(lambda sight: self._answers(sight, interaction), since)

    def _taken(self, taking: Callable[[], Any]) -> None:
        """What Slack does not take from an acknowledgement is shown to the person as an error."""
        try:
            taking()
        except Refusal as refusal:
            self.state.refusals.append(refusal)
            raise NoAnswer(f"the app's answer was refused: {refusal}") from refusal

    def _answers(self, sight: Sight, interaction: Interaction) -> bool:
        """Whether a person would take something for the answer to what they did."""
        if sight.interaction is not None:
            return sight.interaction is interaction
        if sight.view is not None:
            return True
        message = sight.message
        assert message is not None
        if not message.by_app and sight.what != "unfurl":
            return False
        near = message.channel is self.place or message.channel.kind is Kind.IM
        return near or interaction.view is not None

    async def _sees(self, wanted: Callable[[Sight], bool], since: int) -> Seen:
        """The first that this person sees of what is wanted."""
        state = self.state
        matching: list[Sight] = []
        read = since

        def there() -> bool:
            nonlocal read
            new, read = state.sights[read:], len(state.sights)
            matching.extend(one for one in new if one.visible_to(self.user) and wanted(one))
            return bool(matching)

        if not await state.changes.until(there, self.patience):
            raise NoAnswer("nothing is to be seen")
        return _seen(matching[0])

    async def _acts(self, on: Holder, done: Json, *, waits: bool) -> Seen:
        self._blocks(on)
        interaction = self._interaction(on)
        payload = payloads.actions(self.state, interaction, done)
        return await self._does("interactive", payload, interaction, waits=waits)

    async def _put(self, on: Holder, block: Json, element: Json, value: Value) -> Json:
        """Have an element hold a value; options are loaded where the app has them."""
        if element["type"] == "overflow":
            options = offered(element)
            return held({"type": "static_select"}, value, options) | {"type": "overflow"}
        options = offered(element)
        if "external_select" in element["type"] and value is not None:
            texts = value if isinstance(value, list) else [value]
            for text in texts:
                options += await self._load(on, block, element, str(text))
        holds = held(element, value, options)
        seen = holding(on)
        holder = seen.view if seen.view is not None else seen.shown
        if not holder.state:
            holder.state = initial_state(seen.blocks)
        holder.state.setdefault(block["block_id"], {})[element["action_id"]] = holds
        return holds

    async def _load(self, on: Holder, block: Json, element: Json, text: str) -> list[Json]:
        if len(text) < element.get("min_query_length", 3):
            raise NotOffered(f"nothing is asked for {text!r}: it is too short")
        interaction = self._interaction(on)
        payload = payloads.suggestion(
            self.state, interaction, block["block_id"], element["action_id"], text
        )
        ack = await self._ask("interactive", payload, responds=True)
        options: list[Json] = []
        self._taken(lambda: options.extend(suggested(ack.payload)))
        return options

    async def _shortcut(self, name: str, on: Message | None, *, waits: bool) -> Seen:
        for one in self.state.app.shortcuts:
            if name in (one.name, one.callback_id) and one.on_message == (on is not None):
                break
        else:
            raise NotOffered(f"no shortcut {name!r}")
        if on is not None and on.only_for is not None:
            raise NotOffered("a message that one person alone sees has no shortcuts")
        self._here("commands")
        channel = on.channel if on is not None else None
        interaction = self.state.interact(self.user, self.team, channel=channel, message=on)
        payload = payloads.shortcut(self.state, interaction, one.callback_id)
        return await self._does("interactive", payload, interaction, waits=waits)

    async def _submit(self, on: Holder, values: dict[str, Value], *, waits: bool) -> Seen:
        view = holding(on).dialog
        blocks = self._blocks(view)
        if view.body.get("submit") is None:
            raise NotOffered("the dialog has nothing to submit it with")
        for name, value in values.items():
            block, element = found(blocks, name, tuple(VALUES))
            await self._put(view, block, element, value)
        check_filled(view)
        interaction = self._interaction(view)
        payload = payloads.submission(self.state, interaction)
        since = len(self.state.sights)
        ack = await self._ask("interactive", payload, responds=True)
        self._taken(lambda: react(self.state, interaction, ack.payload))
        reaction = (ack.payload or {}).get("response_action")
        if reaction in ("errors", "update", "push"):
            stays = self.state.stacks[self.user.id][-1]
            return Seen(view=stays, edited=reaction != "push", interaction=interaction)
        if not waits:
            return Seen(view=view, closed=True, interaction=interaction)
        return await self._sees(lambda sight: self._answers(sight, interaction), since)

    async def _close(self, on: Holder, *, all_of_them: bool) -> None:
        view = holding(on).dialog
        self._blocks(view)
        stack = self.state.stacks[self.user.id]
        gone = list(reversed(stack)) if all_of_them or view.body.get("clear_on_close") else [view]
        if all_of_them:
            close_all(self.state, self.user.id)
        for one in gone:
            one.open = False
            if one in self.state.stacks[self.user.id]:
                self.state.stacks[self.user.id].remove(one)
            if one.body.get("notify_on_close"):
                interaction = self._interaction(one)
                cleared = all_of_them or len(gone) > 1
                payload = payloads.closed(self.state, interaction, cleared=cleared)
                await self._ask("interactive", payload, responds=False)


def _seen(sight: Sight) -> Seen:
    return Seen(
        sight.message,
        sight.view,
        edited=sight.what in ("changed", "unfurl"),
        gone=sight.what == "deleted",
        interaction=sight.interaction,
    )
