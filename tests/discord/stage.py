"""Discord for the tests of what every platform does: a person who is played, over the real wire."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from adapters.discord.messages import message_of
from benchmarks.town import Town, open_town
from bot.ports import Index, Platform
from bot.view import Action, Posting, View
from tests.discord.running import Connected, logged_in
from tests.discord.server import Player, opened_discord
from tests.discord.server.messages import texts
from tests.discord.server.world import Channel, Message


def read(markdown: str) -> str:
    """What people read of a text, as far as escapes go."""
    return re.sub(r"\\([^\w\s])", r"\1", markdown)


class DiscordStage:
    """A channel of a server, and somebody in it."""

    def __init__(self, connected: Connected, channel: Channel, player: Player, town: Town) -> None:
        self._discord = connected.discord
        self._player = player
        self._town = town
        self.platform: Platform = connected.platform
        self.target = str(channel.id)

    async def shown(self, reference: str) -> str:
        """All text and labels of a message."""
        body = self._message(reference).body
        return read("\n".join([*texts(body), str(body)]))

    async def codes(self, view: View) -> dict[Action, str]:
        """The code of everything that can be pressed."""
        return dict(await self._town.chat.codes_of(view.actions()))

    async def decoded(self, code: str) -> Action:
        """What a code stands for."""
        return await self._town.codes.decode(code, self._discord.clock.now())

    async def press(self, reference: str, view: View, action: Action) -> str:
        """Press the button with an action."""
        codes = await self.codes(view)
        seen = await self._player.clicks(self._message(reference), codes[action])
        assert seen.private
        assert not seen.edited
        return read(seen.text)

    async def say(self, text: str) -> str:
        """Ask by the command."""
        return read((await self._player.types("/matome", query=text)).text)

    def break_down(self) -> None:
        """Take the index away."""
        object.__setattr__(self._town.library, "index", None)

    def rendered_size(self, view: View) -> int:
        """The characters of all texts, as Discord counts them."""
        codes = {action: f"1h{place}~AAAAAA" for place, action in enumerate(view.actions())}
        body = message_of(Posting(view, "ja", codes), ())
        return sum(len(text.encode("utf-16-le")) // 2 for text in texts(body))

    def _message(self, reference: str) -> Message:
        channel, _, message = reference.partition("/")
        return self._discord.channels[int(channel)].messages[int(message)]


@asynccontextmanager
async def on_discord(index: Index, state: Path) -> AsyncIterator[DiscordStage]:
    """A Discord on loopback, with the bot behind the real client."""
    async with opened_discord() as discord:
        discord.undocumented_limits = True
        discord.answer_within = timedelta(seconds=30)
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        ann = discord.add_user("ann")
        discord.join(guild, ann)
        async with (
            logged_in(discord) as connected,
            open_town(state, index, connected.platform) as town,
        ):
            await connected.listens(town.chat)
            yield DiscordStage(connected, channel, discord.player(ann, channel), town)
