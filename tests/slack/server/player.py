"""A person who is played: types, says, clicks, chooses, fills in dialogs, opens the App Home."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.slack.server import payloads
from tests.slack.server.acting import Acting, Holder, holding
from tests.slack.server.filling import Value
from tests.slack.server.places import direct, join, leave
from tests.slack.server.refusals import Json
from tests.slack.server.seen import NoAnswer, NotOffered, Seen, found
from tests.slack.server.views import VALUES
from tests.slack.server.wire import view_json
from tests.slack.server.world import Channel, Message, Sight

CHOOSABLE = (*VALUES, "overflow")


@dataclass(frozen=True, slots=True)
class Player(Acting):
    """A person in a place; what they do gives what they then see, NoAnswer where that is nothing.

    What a person's Slack would not let them do is NotOffered. With `waits=False` nothing is awaited
    but the app's acknowledgement.
    """

    def at(self, place: Channel) -> "Player":
        return replace(self, place=place, thread=None)

    def in_thread(self, message: Message | Seen) -> "Player":
        """The same person in the thread of a message."""
        on = message.shown if isinstance(message, Seen) else message
        return replace(self, place=on.channel, thread=on.thread_ts or on.ts)

    @property
    def dm(self) -> "Player":
        """The same person in the direct messages with the app."""
        return self.at(direct(self.state, self.place.team, self.user))

    async def types(self, line: str, *, waits: bool = True) -> Seen:
        """A slash command, such as types("/matome gpu")."""
        name, _, text = line.partition(" ")
        state = self.state
        if self.thread is not None:
            raise NotOffered("slash commands cannot be used in threads")
        if name not in state.app.commands:
            raise NotOffered(f"{name} is no command")
        self._here("commands")
        interaction = state.interact(self.user, self.team, channel=self.place)
        payload = payloads.command(state, interaction, name, text.strip())
        return await self._does("slash_commands", payload, interaction, waits=waits)

    def writes(self, text: str) -> Message:
        """A message of this person: here, in the thread, or to the app."""
        state, place = self.state, self.place
        if self.user.id not in place.members:
            raise NotOffered("this person is not in the channel")
        if place.archived:
            raise NotOffered("the channel is archived")
        body = {"text": text} | ({"thread_ts": self.thread} if self.thread else {})
        return state.post(place, self.user, body)

    async def says(self, text: str) -> Seen:
        """A message, and the app's first message after it: here, or in its thread."""
        since = len(self.state.sights)
        return await self.sees_after(self.writes(text), since)

    async def mentions(self, text: str) -> Seen:
        """The same, with the app mentioned first."""
        return await self.says(f"<@{self.state.bot(self.team).id}> {text}")

    async def sees_after(self, said: Message, since: int = 0) -> Seen:
        root = said.thread_ts or said.ts

        def answers(sight: Sight) -> bool:
            message = sight.message
            if message is None or not message.by_app or message.ts <= said.ts:
                return False
            return message.channel is said.channel and message.thread_ts in (None, root)

        return await self._sees(answers, since)

    async def sees(self, wanted: str | Callable[[Seen], bool], seconds: float = 10.0) -> Seen:
        """The newest message or open view with a text, or for which something is so, when there
        is one."""

        def so(seen: Seen) -> bool:
            return wanted in seen.text if isinstance(wanted, str) else wanted(seen)

        matching: list[Seen] = []

        def there() -> bool:
            matching[:] = [one for one in reversed(self.screen()) if so(one)]
            return bool(matching)

        if not await self.state.changes.until(there, seconds):
            raise NoAnswer(f"{wanted!r} is not to be seen among {[s.text for s in self.screen()]}")
        return matching[0]

    def screen(self) -> list[Seen]:
        """All that this person can see now: messages by their time, then views."""
        state, user = self.state, self.user
        messages = [
            message
            for channel in state.channels.values()
            if user.id in channel.members
            for message in (*channel.messages.values(), *channel.ephemeral)
            if message.only_for in (None, user)
        ]
        views = [*state.stacks.get(user.id, ()), *self._homes()]
        listed = [Seen(message) for message in sorted(messages, key=lambda one: one.ts)]
        return listed + [Seen(view=view) for view in views]

    def replies(self, on: Message | Seen) -> list[Seen]:
        """The answers in the thread of a message, oldest first."""
        message = on.shown if isinstance(on, Seen) else on
        root = message.thread_ts or message.ts
        return [Seen(one) for one in message.channel.replies.get(root, ())]

    async def clicks(self, on: Holder, which: str, *, waits: bool = True) -> Seen:
        """A button by its label (or a part of it), action_id or block_id."""
        blocks = self._blocks(on)
        block, one = found(blocks, which, ("button", "icon_button"))
        done = {"type": one["type"], "action_id": one["action_id"], "block_id": block["block_id"]}
        done |= {key: one[key] for key in ("text", "value", "style", "url") if key in one}
        return await self._acts(on, done, waits=waits)

    async def presses(
        self, on: Holder, action_id: str, value: str | None = None, *, waits: bool = True
    ) -> Seen:
        """A button of any action_id and value, also one that is not there: old, or forged."""
        done = {"type": "button", "action_id": action_id, "block_id": "b"}
        label = {"type": "plain_text", "text": "x", "emoji": True}
        value_part = {} if value is None else {"value": value}
        return await self._acts(on, {**done, "text": label, **value_part}, waits=waits)

    async def chooses(
        self, on: Holder, wanted: Value, of: str | None = None, *, waits: bool = True
    ) -> Seen:
        """Options of a menu, boxes or a picker (`of` names it where there are more)."""
        block, one = found(self._blocks(on), of, CHOOSABLE)
        holds = await self._put(on, block, one, wanted)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Seen(view=holding(on).view)
        done = {**holds, "action_id": one["action_id"], "block_id": block["block_id"]}
        return await self._acts(on, done, waits=waits)

    async def loads(self, on: Holder, text: str, of: str | None = None) -> list[str]:
        """What is on offer when a text is typed in a menu that asks the app for its options."""
        kinds = ("external_select", "multi_external_select")
        block, one = found(self._blocks(on), of, kinds)
        return [option["text"]["text"] for option in await self._load(on, block, one, text)]

    async def shortcut(self, name: str, *, waits: bool = True) -> Seen:
        """A global shortcut by its name or callback_id."""
        return await self._shortcut(name, None, waits=waits)

    async def message_shortcut(
        self, name: str, message: Message | Seen, *, waits: bool = True
    ) -> Seen:
        """A shortcut of the menu of a message."""
        on = message.shown if isinstance(message, Seen) else message
        return await self._shortcut(name, on, waits=waits)

    async def submits(
        self,
        view: Holder,
        values: dict[str, Value] | None = None,
        *,
        waits: bool = True,
        **more: Value,
    ) -> Seen:
        """A dialog with its fields by label, action_id or block_id; the others stay as they are."""
        return await self._submit(view, {**(values or {}), **more}, waits=waits)

    async def closes(self, view: Holder, *, all_of_them: bool = False) -> None:
        """A dialog by its cancel button, or with those below it by the cross."""
        await self._close(view, all_of_them=all_of_them)

    async def opens_home(self, *, waits: bool = True) -> Seen:
        """The App Home; awaited is that the app shows something there."""
        state = self.state
        if not state.app.home_tab:
            raise NotOffered("the app has no home")
        since = len(state.sights)
        channel = direct(state, self.team, self.user)
        event: Json = {"type": "app_home_opened", "user": self.user.id, "channel": channel.id}
        event["tab"] = "home"
        for view in self._homes():
            event["view"] = view_json(view, state.app, state.bot(self.team))
        state.tell(self.team, "app_home_opened", event)
        if waits:
            return await self._sees(lambda sight: sight.view in self._homes(), since)
        return Seen(view=next(iter(self._homes()), None))

    def joins(self, channel: Channel) -> None:
        join(self.state, channel, self.user)

    def leaves(self, channel: Channel) -> None:
        leave(self.state, channel, self.user)
