"""A bare slack-bolt app, led to the Slack of the tests, and requests without a client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server import Slack, Token


def client_of(slack: Slack, token: Token | None = None, **more: Any) -> AsyncWebClient:
    value = token.value if token is not None else None
    return AsyncWebClient(token=value, base_url=slack.api_url, **more)


def app_of(slack: Slack, token: Token) -> AsyncApp:
    client = client_of(slack, token)
    return AsyncApp(client=client, signing_secret=slack.app.signing_secret)


@asynccontextmanager
async def connected(app: AsyncApp, slack: Slack) -> AsyncIterator[AsyncSocketModeHandler]:
    """An app in Socket Mode."""
    handler = AsyncSocketModeHandler(app, slack.app_token.value, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.connected()
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def served(app: AsyncApp, slack: Slack) -> AsyncIterator[None]:
    """An app that is sent signed HTTP."""
    runner = web.AppRunner(app.web_app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.app.socket_mode = False
        slack.app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        yield
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Wire:
    """Requests that slack_sdk itself would not send."""

    session: aiohttp.ClientSession
    slack: Slack
    token: Token

    async def ask(self, method: str, body: Any = None, *, token: str | None = None) -> Any:
        """The JSON of an answer to a JSON body."""
        value = self.token.value if token is None else token
        headers = {"Authorization": f"Bearer {value}"} if value else {}
        headers["Content-Type"] = "application/json; charset=utf-8"
        url = self.slack.api_url + method
        async with self.session.post(url, json=body or {}, headers=headers) as answer:
            return await answer.json()

    async def answer(self, url: str, body: Any) -> tuple[int, str]:
        """What a response_url says."""
        async with self.session.post(url, json=body) as answer:
            return answer.status, await answer.text()
