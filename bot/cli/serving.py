"""`matome run` with a token: the bot in Discord, until the program is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.discord.answering import Answering
from adapters.discord.client import (
    Arrived,
    Connection,
    MatomeClient,
    Shards,
    closed,
    keep_commands,
    log_in,
    prepare,
    stay_connected,
)
from adapters.discord.contexts import Speech
from adapters.discord.events import Events
from adapters.discord.guard import Guard
from adapters.discord.places import Places
from adapters.discord.platform import DiscordPlatform
from bot.app import CLOCKS, Bot, opened_bot, pictures_of
from bot.cli.output import progress_bar, say
from bot.locales import Texts
from bot.settings import DiscordSettings, Settings
from bot.supervisor import Service, supervise
from bot.syncing import keep_in_step


@dataclass(frozen=True, slots=True)
class OpenedDiscord:
    """The bot behind Discord, with its client, which is not logged in yet."""

    bot: Bot
    client: MatomeClient


async def serve_discord(settings: Settings, discord: DiscordSettings, texts: Texts) -> None:
    """Answer in Discord until told to stop; what is under way then is brought to its end.

    Raises OperatorError where Discord refuses the bot.
    """
    async with opened_discord(settings, discord, texts) as opened:
        client, bot = opened.client, opened.bot
        await log_in(client, discord.token, asyncio.sleep)
        say(texts("discord.logged_in", name=client.user))
        observe = bot.delivering.observer.look
        await supervise(
            [
                Service("stop", told_to_stop, leads=True),
                Service("discord", lambda: stay_connected(client), leads=True),
                Service("commands", lambda: keep_commands(client, asyncio.sleep)),
                Service("sync", lambda: keep_in_step(settings, asyncio.sleep, observe)),
                Service("delivery", bot.delivering.run),
            ]
        )


@asynccontextmanager
async def opened_discord(
    settings: Settings, discord: DiscordSettings, texts: Texts
) -> AsyncIterator[OpenedDiscord]:
    """The bot for Discord; its connection ends after everything that goes through it."""
    connection = connection_of(discord)
    prepare(connection)
    client = MatomeClient(connection)
    places = Places(client, CLOCKS.now)
    guard = Guard()
    pictures = pictures_of(settings)
    platform = DiscordPlatform(client, places, guard, pictures)
    async with AsyncExitStack() as until:
        until.push_async_callback(closed, client)
        with progress_bar(texts) as progress:
            opening = opened_bot(settings, [platform], progress=progress)
            bot = await until.enter_async_context(opening)
        arrivals = bot.arrivals
        answering = Answering(bot.chat, Speech(settings.language), guard, pictures=pictures)
        client.attend(
            Events(answering, platform, places),
            Arrived(arrivals.joined, arrivals.left, arrivals.found),
        )
        yield OpenedDiscord(bot, client)


def connection_of(discord: DiscordSettings) -> Connection:
    """How the settings say that Discord is reached."""
    shards = None if discord.shards is None else Shards(*discord.shards)
    return Connection(discord.token, shards, discord.api_url, discord.gateway_url)


async def told_to_stop() -> None:
    """Wait for Ctrl-C, or for whoever runs services to end this one."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, stopped.set)
    try:
        await stopped.wait()
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
