"""A person who is played: types, completes, clicks, chooses, submits, says, opens threads."""

import secrets
import time
from dataclasses import dataclass, replace

from tests.discord.server import permissions
from tests.discord.server.channels import dm_with
from tests.discord.server.command_rights import may_use
from tests.discord.server.components import BUTTON
from tests.discord.server.interactions import DEFER, DEFER_UPDATE, UPDATE
from tests.discord.server.options import Resolved, Value, command_data, named_command
from tests.discord.server.refusals import Json
from tests.discord.server.seen import NoAnswer, NotOffered, Seen, button, filled, select
from tests.discord.server.state import State
from tests.discord.server.wire import channel_json, member_json, message_json, user_json
from tests.discord.server.world import (
    Channel,
    Interaction,
    InteractionKind,
    Message,
    User,
)


@dataclass(frozen=True, slots=True)
class Player:
    """A person in a place; what they do gives what they then see, NoAnswer where that is nothing.

    `installed` tells that they have the app themselves, so that its commands are there in every
    place. A first answer has to come in `first` seconds (None: what Discord allows), and what a
    deferral promises in `patience`.
    """

    state: State
    user: User
    place: Channel
    installed: bool = False
    first: float | None = None
    patience: float = 30.0

    def at(self, place: Channel) -> "Player":
        return replace(self, place=place)

    @property
    def dm(self) -> "Player":
        """The same person in the direct messages with the bot."""
        return self.at(dm_with(self.state, self.user))

    async def types(self, command: str, **options: Value) -> Seen:
        """A slash command, such as types("/digest add", time="08:00")."""
        return await self._does(InteractionKind.COMMAND, self._command(command, options))

    async def completes(self, command: str, option: str, text: str, **options: Value) -> list[str]:
        """The values offered while an option is typed."""
        data = self._command(command, {**options, option: text}, focused=option)
        seen = await self._does(InteractionKind.AUTOCOMPLETE, data)
        return [str(one["value"]) for one in seen.choices]

    async def message_command(self, name: str, message: Message) -> Seen:
        """A command of the menu "Apps" of a message."""
        command = named_command(self.state.commands, name, kind=3)
        self._may_use(command)
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message_json(message)}},
        }
        return await self._does(InteractionKind.COMMAND, data)

    async def clicks(self, message: Message | Seen, which: str) -> Seen:
        """A button by its label (or a part of it) or custom_id."""
        on = _message(message)
        one = button(on, which)
        if one.get("disabled"):
            raise NotOffered(f"the button {which!r} is disabled")
        return await self.presses(on, one["custom_id"], one["id"])

    async def presses(self, message: Message | Seen, custom_id: str, key: int = 0) -> Seen:
        """A button of any custom_id, also one that the message does not have: old, or forged."""
        data = {"component_type": BUTTON, "custom_id": custom_id, "id": key}
        return await self._does(InteractionKind.COMPONENT, data, on=_message(message))

    async def chooses(self, message: Message | Seen, *wanted: Value, of: str | None = None) -> Seen:
        """Options of a select, by label or value, or channels, roles and people.

        `of` names the select where there are more.
        """
        on = _message(message)
        one = select(on, of)
        options = one.get("options") or []
        resolved = self._resolved()
        values = []
        for want in wanted:
            found = [o["value"] for o in options if want in (o["value"], o["label"])]
            if options and not found:
                raise NotOffered(f"no option {want!r} among {[o['label'] for o in options]}")
            values.append(found[0] if found else resolved.told(want))
        data = {
            "component_type": one["type"],
            "custom_id": one["custom_id"],
            "id": one["id"],
            "values": values,
            "resolved": resolved.data,
        }
        return await self._does(InteractionKind.COMPONENT, data, on=on)

    async def submits(self, modal: Seen, **values: Value | list[Value]) -> Seen:
        """A dialog with its fields by custom_id or label."""
        assert modal.modal is not None, "what was seen is no dialog"
        resolved = self._resolved()
        told: dict[str, str | list[str]] = {
            name: [str(resolved.told(one)) for one in value]
            if isinstance(value, list)
            else str(resolved.told(value))
            for name, value in values.items()
        }
        data = {
            "custom_id": modal.modal["custom_id"],
            "components": filled(modal.modal, told),
            "resolved": resolved.data,
        }
        on = modal.interaction.on if modal.interaction is not None else None
        return await self._does(InteractionKind.MODAL, data, on=on)

    def writes(self, text: str, *, to_bot: bool = False) -> Message:
        """A message of this person; `to_bot` mentions the bot first."""
        right = "send_messages_in_threads" if self.place.is_thread else "send_messages"
        if not self.state.rights(self.place, self.user) & permissions.BITS[right]:
            raise NotOffered("this person may not write here")
        content = f"<@{self.state.bot.id}> {text}" if to_bot else text
        body: Json = {"content": content}
        return self.state.write(self.place, self.user, body, {}, what="said")

    async def says(self, text: str, *, to_bot: bool = False) -> Seen:
        """A message, and the bot's first message after it: here, or in a thread on it."""
        said = self.writes(text, to_bot=to_bot)
        return await self.sees_after(said)

    async def sees_after(self, said: Message) -> Seen:
        """The bot's first message after another one: in its place, or in a thread on it."""
        answers: list[Message] = []

        def answered() -> bool:
            places = [self.place, *([said.thread] if said.thread is not None else ())]
            found = [one for place in places for one in place.messages.values()]
            answers[:] = [
                one
                for one in sorted(found, key=lambda one: one.id)
                if one.author is self.state.bot and one.id > said.id
            ]
            return bool(answers)

        if not await self.state.changes.until(answered, self.patience):
            raise NoAnswer("the bot has said nothing")
        return Seen(answers[0])

    def opens_thread(self, name: str, on: Message | None = None) -> "Player":
        """A thread of this person's own, here or on a message; the player is then in it."""
        needed = permissions.BITS["create_public_threads"]
        if not self.state.rights(self.place, self.user) & needed:
            raise NotOffered("this person may not open threads here")
        return self.at(self.state.open_thread(self.place, self.user, name, 1440, on))

    def _command(
        self,
        typed: str,
        options: dict[str, Value],
        focused: str | None = None,
    ) -> Json:
        base, *path = typed.removeprefix("/").split()
        command = named_command(self.state.commands, base, kind=1)
        self._may_use(command)
        return command_data(command, path, options, focused, self._resolved())

    def _resolved(self) -> Resolved:
        return Resolved(lambda place: self.state.rights(place, self.user), self.place.guild)

    def _may_use(self, command: Json) -> None:
        """Refuse what Discord would not offer here: by place, installation, and rights."""
        guild = self.place.guild
        context = _context(self.place)
        contexts = command.get("contexts")
        if contexts is not None and context not in contexts:
            raise NotOffered(f"/{command['name']} is not offered in this place")
        here = guild.joined if guild is not None else not self.place.foreign
        kinds = command.get("integration_types") or [0]
        if not (here and 0 in kinds) and not (self.installed and 1 in kinds):
            raise NotOffered(f"/{command['name']} is not installed here")
        if not may_use(self.state, command, self.place, self.user):
            raise NotOffered(f"/{command['name']} needs rights that this person does not have")

    async def _does(self, kind: InteractionKind, data: Json, on: Message | None = None) -> Seen:
        state = self.state
        interaction = Interaction(
            state.ids.next(),
            secrets.token_urlsafe(24),
            kind,
            self.user,
            self.place if on is None else on.channel,
            data,
            state.clock.now(),
            on=on,
        )
        state.interactions[interaction.token] = interaction
        told = self._told(interaction)
        interaction.told = time.monotonic()
        state.gateway.tell("INTERACTION_CREATE", told, guild=interaction.channel.guild)
        seconds = state.answer_within.total_seconds() if self.first is None else self.first
        if not await state.changes.until(lambda: interaction.answer is not None, seconds):
            raise NoAnswer(f"the application did not respond to {kind.name} {data}")
        return await self._outcome(interaction)

    async def _outcome(self, interaction: Interaction) -> Seen:
        def settled() -> bool:
            return bool(
                interaction.edits
                or interaction.follow_ups
                or (interaction.original is not None and interaction.original.deleted)
            )

        answer = interaction.answer
        promised = answer in (DEFER, DEFER_UPDATE)
        if promised and not await self.state.changes.until(settled, self.patience):
            raise NoAnswer("nothing came after the promise of an answer")
        message = interaction.original
        follow_ups = interaction.follow_ups
        if follow_ups and not interaction.edits and answer != UPDATE:
            return Seen(follow_ups[0], interaction=interaction)
        return Seen(
            message,
            modal=interaction.modal,
            choices=tuple(interaction.choices or ()),
            edited=message is not None and message is interaction.on,
            interaction=interaction,
        )

    def _told(self, interaction: Interaction) -> Json:
        state, place = self.state, interaction.channel
        guild = place.guild
        found: Json = {
            "id": str(interaction.id),
            "application_id": str(state.bot.id),
            "type": int(interaction.kind),
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(place.id),
            "channel": channel_json(place),
            "locale": self.user.locale,
            "entitlements": [],
            "attachment_size_limit": 10_485_760,
            "context": _context(place),
            "authorizing_integration_owners": self._owners(),
            "app_permissions": str(state.rights(place) or permissions.USUAL),
        }
        if interaction.on is not None:
            found["message"] = message_json(interaction.on)
        if guild is None:
            return found | {"user": user_json(self.user)}
        member = member_json(guild.members[self.user.id])
        member["permissions"] = str(state.rights(place, self.user))
        partial = {"id": str(guild.id), "features": [], "locale": guild.locale}
        return found | {
            "guild_id": str(guild.id),
            "guild": partial,
            "guild_locale": guild.locale,
            "member": member,
        }

    def _owners(self) -> Json:
        guild = self.place.guild
        found: Json = {}
        if guild.joined if guild is not None else not self.place.foreign:
            found["0"] = str(guild.id) if guild is not None else "0"
        if self.installed:
            found["1"] = str(self.user.id)
        return found


def _context(place: Channel) -> int:
    """A guild (0), direct messages with the bot (1), or those with somebody else (2)."""
    if place.guild is not None:
        return 0
    return 2 if place.foreign else 1


def _message(seen: Message | Seen) -> Message:
    return seen.shown if isinstance(seen, Seen) else seen
