"""The bot in each workspace: the client with its token there, and who it is."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.failing import LONG_PAUSE, asked, word_of
from adapters.slack.installations import SealedInstallationStore
from adapters.slack.names import NAME
from bot.errors import TargetGone, TryLater
from bot.stores import GetStores

# Longer than Slack takes for anything that a bot asks, in seconds.
TIMEOUT = 30
# How long is known what an installation grants: another replica may learn of changes.
_KNOWN_FOR = timedelta(minutes=1)
_REMEMBERED = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """The bot in a workspace; `installer` is the user who has added it, if that is known."""

    workspace: str
    client: AsyncWebClient
    bot: str
    user: str
    installer: str | None = None


class Workspaces(Protocol):
    """Where the bot is. Raises DeliveryError and StateError."""

    async def member(self, workspace: str) -> Member:
        """The bot in a workspace. Raises TargetGone where it is not."""
        ...

    async def all(self) -> Sequence[str]:
        """All workspaces."""
        ...


def open_session() -> aiohttp.ClientSession:
    """Connections for all clients, which set a limit to how long a request may take."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    return aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


@dataclass(frozen=True, slots=True)
class Api:
    """Makes clients that share the connections of a session; `url` is of a proxy or a test."""

    session: aiohttp.ClientSession
    url: str | None = None

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client that sends each request once: the outbox has to know what became of it."""
        return AsyncWebClient(
            token=token,
            base_url=self.url or AsyncWebClient.BASE_URL,
            timeout=TIMEOUT,
            session=self.session,
            retry_handlers=[],
        )


class OwnWorkspace:
    """The one workspace of a bot with a token of its own."""

    def __init__(self, api: Api, token: str) -> None:
        self._client = api.client(token)
        self._member: Member | None = None

    async def itself(self) -> Member:
        """The bot, wherever it is. Raises DeliveryError."""
        if self._member is None:
            known = await asked(self._client.auth_test(), "auth.test")
            self._member = Member(
                known.get("team_id") or known["enterprise_id"],
                self._client,
                known["bot_id"],
                known["user_id"],
            )
        return self._member

    async def member(self, workspace: str) -> Member:
        """The bot in a workspace. Raises TargetGone for any other than its own."""
        member = await self.itself()
        if workspace != member.workspace:
            raise TargetGone("delivery.gone", what=workspace)
        return member

    async def all(self) -> Sequence[str]:
        """The only one."""
        return [(await self.itself()).workspace]


class InstalledWorkspaces:
    """All workspaces into which the app was installed.

    `now` gives the time in UTC. A token that soon is over is made anew.
    """

    def __init__(
        self,
        api: Api,
        store: SealedInstallationStore,
        rotator: AsyncTokenRotator,
        get_stores: GetStores,
        now: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._store = store
        self._rotator = rotator
        self._get_stores = get_stores
        self._now = now
        self._known: OrderedDict[str, tuple[Member, datetime]] = OrderedDict()
        self._rotating: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def member(self, workspace: str) -> Member:
        """The bot in a workspace. Raises TargetGone where it is not, or not any more."""
        known = self._known.get(workspace)
        if known is not None and self._now() < known[1]:
            return known[0]
        installation = await self._fresh(workspace)
        if installation is None:
            self.forget(workspace)
            raise TargetGone("delivery.gone", what=workspace)
        member = Member(
            workspace,
            self._api.client(installation.bot_token),
            installation.bot_id or "",
            installation.bot_user_id or "",
            installation.user_id,
        )
        self._known[workspace] = member, self._now() + _KNOWN_FOR
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return member

    async def all(self) -> Sequence[str]:
        """All of them."""
        return await (await self._get_stores()).installations.workspaces(NAME)

    def forget(self, workspace: str) -> None:
        """Look again: it was installed anew, or removed."""
        self._known.pop(workspace, None)

    async def _fresh(self, workspace: str) -> Installation | None:
        """What is kept of a workspace, with a token that is not over soon. Raises TryLater."""
        installation = await self._store.installation(workspace)
        if installation is None or installation.bot_token_expires_at is None:
            return installation
        # A refresh token counts once, so one of those who need it asks.
        lock = self._rotating.setdefault(workspace, asyncio.Lock())
        async with lock:
            installation = await self._store.installation(workspace)
            return None if installation is None else await self._rotated(workspace, installation)

    async def _rotated(self, workspace: str, installation: Installation) -> Installation:
        bot = installation.to_bot()
        try:
            rotated = await asked(self._rotator.perform_bot_token_rotation(bot=bot), workspace)
        except (SlackTokenRotationError, TryLater) as error:
            # Another replica may have been faster.
            again = await self._store.installation(workspace) or installation
            if self._is_good(again):
                return again
            _log.warning("the token of %s could not be made anew: %s", workspace, _cause(error))
            raise TryLater("the token could not be made anew", LONG_PAUSE) from error
        if rotated is None:
            return installation
        await self._store.async_save_bot(rotated)
        return await self._store.installation(workspace) or installation

    def _is_good(self, installation: Installation) -> bool:
        """Whether a token is not over yet."""
        expires = installation.bot_token_expires_at
        return expires is None or expires > self._now().timestamp()


def _cause(error: SlackTokenRotationError | TryLater) -> str:
    """What Slack has said, else what has happened."""
    if isinstance(error, TryLater):
        return str(error)
    return word_of(error.api_error) or "no answer of Slack's"
