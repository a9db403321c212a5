"""By which answers reach people: connections that all share, and patience where Slack is busy."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient
from structlog.stdlib import get_logger

from adapters.slack.contexts import Json
from adapters.slack.failing import asked
from adapters.slack.names import Person
from adapters.slack.workspaces import Api, Member, Workspaces
from bot.errors import TryLater

Answer = TypeVar("Answer")

# How long is waited between the tries to say something, in seconds.
_PAUSES = (0.5, 2.0)
_LONGEST_PAUSE = 20.0
# What a response_url takes at most, in seconds.
_SECONDS = 10.0
# Slack's own hosts end like this; governments have theirs.
_HOSTS = (".slack.com", ".slack-gov.com")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """By which all answers are sent."""

    workspaces: Workspaces
    api: Api
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def member(self, person: Person) -> Member:
        """The bot where a person is. Raises DeliveryError and StateError."""
        return await self.workspaces.member(person.workspace)

    async def insisting(
        self,
        request: Callable[[], Awaitable[Answer]],
        what: str,
        arrived: Callable[[], Awaitable[Answer | None]] | None = None,
    ) -> Answer:
        """The answer to a request that is tried again where Slack is busy. Raises DeliveryError.

        `arrived` finds what came of a request whose answer was lost; without it the request may
        be done twice.
        """
        for pause in _PAUSES:
            try:
                return await asked(request(), what)
            except TryLater as error:
                seconds = pause if error.seconds is None else error.seconds
                if seconds > _LONGEST_PAUSE:
                    raise
                await self.sleep(seconds)
                if arrived is not None and error.seconds is None:
                    found = await arrived()
                    if found is not None:
                        return found
        return await asked(request(), what)

    async def respond(self, url: str, body: Json) -> bool:
        """Whether a response_url takes something: five times within half an hour it does.

        One that is not of Slack is not asked. It came signed; but what goes there are answers for
        one person alone, from within the operator's network.
        """
        if not is_of_slack(url, self.api.url):
            _log.warning("a response_url is not of Slack")
            return False
        client = AsyncWebhookClient(url, session=self.api.session, retry_handlers=[])
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await client.send_dict(dict(body))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.info("a response_url cannot be reached", cause=type(error).__name__)
            return False
        if answer.status_code != 200:
            _log.info("a response_url refuses", status=answer.status_code, body=answer.body[:100])
        return bool(answer.status_code == 200)


def is_of_slack(url: str, api_url: str | None) -> bool:
    """Whether an address is one of Slack's, or of what stands in its place by the settings."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https" and host.endswith(_HOSTS):
        return True
    return api_url is not None and url.startswith(f"{_origin(api_url)}/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
