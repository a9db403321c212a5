"""`matome run` as a process of its own, which is led to a Discord on loopback."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.commands import COMMAND, Matome
from tests.discord.server import Discord

# What discord.py imports on 3.11 is deprecated there.
WARNINGS = "error,ignore:'audioop' is deprecated:DeprecationWarning"


def settings_for(discord: Discord, token: str = "") -> dict[str, str]:
    """The environment that leads the program to a Discord, with another token if one is given."""
    return {
        "DISCORD_TOKEN": token or discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "PYTHONWARNINGS": WARNINGS,
    }


@asynccontextmanager
async def running(matome: Matome, discord: Discord, token: str = "") -> AsyncIterator[Process]:
    """The program, which is stopped in the end if it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        stdout=PIPE,
        stderr=PIPE,
        cwd=matome.cwd,
        env=matome.environment(settings_for(discord, token)),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
