"""A server with a channel, and the platform alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.discord.platform import DiscordPlatform
from bot.outbox import delivery_key
from bot.view import Action, Heading, Paragraph, Posting, Run, View
from tests.discord.running import Connected, logged_in
from tests.discord.server import Discord, opened_discord
from tests.discord.server.world import Channel, Guild, Message

KEY = delivery_key("digest", "one")


@dataclass(frozen=True, slots=True)
class There:
    """A server with a channel, and the platform."""

    discord: Discord
    guild: Guild
    channel: Channel
    connected: Connected
    platform: DiscordPlatform

    @property
    def target(self) -> str:
        return str(self.channel.id)

    def message(self, reference: str) -> Message:
        channel, _, message = reference.partition("/")
        return self.discord.channels[int(channel)].messages[int(message)]


@pytest.fixture
async def there() -> AsyncIterator[There]:
    async with opened_discord() as discord:
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        async with logged_in(discord) as connected:
            yield There(discord, guild, channel, connected, connected.platform)


@pytest.fixture(params=[False, True], ids=["asked", "told"])
async def either(there: There, request: pytest.FixtureRequest) -> There:
    """What the gateway has told is used; what it has not is asked for."""
    if request.param:
        await there.connected.hears()
    return there


def saying(text: str, *, silent: bool = False, mention: str | None = None) -> Posting:
    codes: dict[Action, str] = {}
    blocks = (Heading((Run(text),)), Paragraph((Run("それから"),)))
    return Posting(View(text, blocks), "ja", codes, mention, silent)
