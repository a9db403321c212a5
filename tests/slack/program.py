"""`matome run` as a process of its own, which is led to a Slack on loopback."""

import asyncio
import base64
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from tests.commands import COMMAND, SECONDS, Matome
from tests.slack.server import Slack, Token

# What slack_sdk calls where it exchanges codes is deprecated in aiohttp 3.14.
WARNINGS = "error,ignore:BasicAuth is deprecated:DeprecationWarning"
KEY = base64.b64encode(b"k" * 32).decode()


def over_a_socket(slack: Slack, token: Token, **changes: str) -> dict[str, str]:
    """The environment of a bot in its own workspace, with two tokens and nothing else."""
    given = {"SLACK_BOT_TOKEN": token.value, "SLACK_APP_TOKEN": slack.app_token.value}
    return {**_common(slack), **given, **changes}


def over_http(slack: Slack, token: Token | None, **changes: str) -> dict[str, str]:
    """The environment of a bot that Slack posts to: of one workspace, or without a token of many.

    The Slack is led to it.
    """
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    slack.app.socket_mode = False
    slack.app.url = f"{origin}/slack/events"
    slack.app.redirects = (f"{origin}/slack/oauth_redirect",)
    given = {
        "SLACK_SIGNING_SECRET": slack.app.signing_secret.replace("-", ""),
        "MATOME_HTTP": f"127.0.0.1:{port}",
    }
    slack.app.signing_secret = given["SLACK_SIGNING_SECRET"]
    if token is None:
        slack.app.client_secret = slack.app.client_secret.replace("-", "")
        given |= {
            "SLACK_CLIENT_ID": slack.app.client_id,
            "SLACK_CLIENT_SECRET": slack.app.client_secret,
            "MATOME_SECRET_KEY": KEY,
        }
    else:
        given["SLACK_BOT_TOKEN"] = token.value
    return {**_common(slack), **given, **changes}


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def serves(slack: Slack) -> None:
    """Wait until somebody listens who takes what Slack posts."""
    url = slack.app.url
    async with aiohttp.ClientSession() as session, asyncio.timeout(SECONDS):
        while True:
            try:
                if await slack.link.signed.verify_url():
                    return
                async with session.get(url.replace("/slack/events", "/livez")):
                    pass
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(matome: Matome, settings: Mapping[str, str]) -> AsyncIterator[Process]:
    """The program, which is stopped in the end if it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        stdout=PIPE,
        stderr=PIPE,
        cwd=matome.cwd,
        env=matome.environment(settings),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _common(slack: Slack) -> dict[str, str]:
    return {"SLACK_API_URL": slack.api_url, "PYTHONWARNINGS": WARNINGS}
