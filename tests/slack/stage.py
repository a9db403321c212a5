"""Slack for the tests of what every platform does: a person who is played, over the real wire."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adapters.slack.messages import posted
from adapters.slack.names import Target, reference_of
from benchmarks.town import Town, open_town
from bot.ports import Index, Platform
from bot.stores import Stores
from bot.view import Action, Posting, View
from tests.slack.running import Connected, logged_in
from tests.slack.server import Player, opened_slack
from tests.slack.server.blocks import characters
from tests.slack.server.seen import look
from tests.slack.server.world import Channel, Message

# Nobody is told to wait while Slack itself has patience, in seconds.
PATIENCE = 2.5


class SlackStage:
    """A channel of a workspace, and somebody in it."""

    def __init__(self, connected: Connected, channel: Channel, player: Player, town: Town) -> None:
        self._slack = connected.slack
        self._player = player
        self._town = town
        self.platform: Platform = connected.platform
        self.target = str(Target(channel.team.id, channel.id))

    async def shown(self, reference: str) -> str:
        """All text and labels of a message, as people read it and as it is written."""
        message = self._message(reference)
        return "\n".join([look(message), message.text, str(message.blocks)])

    async def codes(self, view: View) -> dict[Action, str]:
        """The code of everything that can be pressed."""
        return dict(await self._town.chat.codes_of(view.actions()))

    async def decoded(self, code: str) -> Action:
        """What a code stands for."""
        return await self._town.codes.decode(code, datetime.now(UTC))

    async def press(self, reference: str, view: View, action: Action) -> str:
        """Press the button with an action."""
        codes = await self.codes(view)
        message = self._message(reference)
        (label,) = (
            element["text"]["text"]
            for block in message.blocks
            for element in block.get("elements", ())
            if element.get("value") == codes[action]
        )
        since = len(self._slack.sights)
        await self._player.clicks(message, label, waits=False)
        return look(await self._private_since(since))

    async def say(self, text: str) -> str:
        """Ask by the command."""
        return (await self._player.types(f"/matome {text}")).text

    def break_down(self) -> None:
        """Take the index away."""
        object.__setattr__(self._town.library, "index", None)

    def rendered_size(self, view: View) -> int:
        """The characters of all texts, as Slack counts them."""
        codes = {action: f"1h{place}~AAAAAA" for place, action in enumerate(view.actions())}
        return characters(posted(Posting(view, "ja", codes)).blocks)

    async def _private_since(self, since: int) -> Message:
        """The new message that the person alone sees."""
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [
                sight.message
                for sight in self._slack.sights[since:]
                if sight.message is not None
                and sight.message.only_for is self._player.user
                and sight.what == "new"
            ]
            return bool(found)

        assert await self._slack.changes.until(is_there, 10.0)
        (message,) = found
        return message

    def _message(self, reference: str) -> Message:
        found = reference_of(reference)
        return self._slack.channels[found.channel].messages[found.ts]


@asynccontextmanager
async def on_slack(index: Index, state: Path) -> AsyncIterator[SlackStage]:
    """A Slack on loopback, with the bot behind the real app."""
    async with opened_slack() as slack:
        slack.rates.burst = slack.rates.workspace = 10_000
        slack.rates.tiers.clear()
        team = slack.add_team("readers")
        ann = slack.add_user(team, "ann")
        token = slack.install(team)
        channel = slack.add_channel(team, "general")
        async with (
            logged_in(slack, token) as connected,
            open_town(state, index, connected.platform) as town,
        ):

            async def get_stores() -> Stores:
                return town.stores

            await connected.listens(town.chat, get_stores, patience=PATIENCE)
            yield SlackStage(connected, channel, slack.player(ann, channel), town)
            await slack.settled()
            assert not slack.complaints
