"""Getting a client of Discord connected and keeping it so: what passes is tried again."""

from collections.abc import Awaitable, Callable

import aiohttp
import discord
from structlog.stdlib import get_logger

from adapters.discord.client import MatomeClient
from bot.errors import OperatorError

# Between two tries to reach Discord at the start, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
# What the gateway ends a connection with for good, by its numbers.
_BAD_TOKEN, _BAD_SHARD, _MORE_SHARDS, _BAD_INTENTS = 4004, 4010, 4011, (4013, 4014)

_log = get_logger(__name__)


async def log_in(
    client: MatomeClient, token: str, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Log in; while Discord is away, again and again. Raises OperatorError for a wrong token."""
    pause = _FIRST_PAUSE
    while True:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise OperatorError("discord.bad_token") from error
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("Discord cannot be reached", next_try_in=round(pause), cause=error)
            await client.http.close()
            # It was closed with what used it.
            client.http.connector = aiohttp.TCPConnector(limit=0)
            await sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return


async def stay_connected(client: MatomeClient) -> None:
    """Hear what happens until cancelled. Raises OperatorError where Discord ends it for good."""
    try:
        await client.connect()
    except discord.PrivilegedIntentsRequired as error:
        raise OperatorError("discord.intents") from error
    except discord.ConnectionClosed as error:
        match error.code:
            case code if code == _BAD_TOKEN:
                raise OperatorError("discord.bad_token") from error
            case code if code in (_BAD_SHARD, _MORE_SHARDS):
                raise OperatorError("discord.bad_shards") from error
            case code if code in _BAD_INTENTS:
                raise OperatorError("discord.intents") from error
            case code:
                raise OperatorError("discord.closed", code=code) from error


async def keep_commands(client: MatomeClient, sleep: Callable[[float], Awaitable[None]]) -> None:
    """Register the commands once; what fails is tried again."""
    pause = _FIRST_PAUSE
    while True:
        try:
            if await client.sync_commands():
                _log.info("the commands were registered anew")
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            _log.warning("the commands could not be registered", cause=error)
            await sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return
