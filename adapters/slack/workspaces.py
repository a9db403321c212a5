"""The bot in each workspace: the client with its token there, and who it is."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import aiohttp
from cachetools import TTLCache
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from structlog.stdlib import get_logger

from adapters.slack.failing import LONG_PAUSE, asked
from adapters.slack.installations import SealedInstallationStore
from adapters.slack.limited import measured
from adapters.slack.names import NAME
from adapters.slack.scopes import granted, missing
from bot.errors import TargetGone, TryLater
from bot.meter import NO_METER, Meter
from bot.remembering import remembered_for
from bot.stores import GetStores
from bot.watching.clock import ClockWatch
from bot.watching.http_clock import compare_clocks

# Longer than Slack takes for anything that a bot asks, in seconds.
TIMEOUT = 30
# How long is known what an installation grants: another replica may learn of changes.
_KNOWN_FOR = timedelta(minutes=1)
# A token is made anew before it is over, in seconds; it lasts half a day.
_ROTATED_BEFORE = 2 * 3600
# Between two looks whether another replica has kept a new one, in seconds.
_PAUSES = (0.0, 0.1, 0.3, 1.0, 2.0)
# The library has a clock of its own; whether it is time is decided before it is asked.
_ANY_TIME = 10**6

_log = get_logger(__name__)


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


def open_session(meter: Meter = NO_METER, clock: ClockWatch | None = None) -> aiohttp.ClientSession:
    """Connections for all clients, which set a limit to how long a request may take.

    Slack's clock is compared with `clock`.
    """
    trace = measured(meter)
    if clock is not None:
        compare_clocks(trace, clock, "Slack")
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[trace],
    )


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


class Introduction(NamedTuple):
    """Who the bot is by its token: names that people see, and the scopes that it lacks."""

    member: Member
    name: str
    workspace_name: str
    lacking: Sequence[str]


class OwnWorkspace:
    """The one workspace of a bot with a token of its own."""

    def __init__(self, api: Api, token: str) -> None:
        self._client = api.client(token)
        self._known: Introduction | None = None

    async def introduced(self) -> Introduction:
        """The bot, wherever it is, as Slack knows it by its token. Raises DeliveryError."""
        if self._known is None:
            known = await asked(self._client.auth_test(), "auth.test")
            workspace = known.get("team_id") or known["enterprise_id"]
            self._known = Introduction(
                Member(workspace, self._client, known["bot_id"], known["user_id"]),
                str(known.get("user") or ""),
                str(known.get("team") or workspace),
                missing(granted(known)),
            )
        return self._known

    async def itself(self) -> Member:
        """The bot, wherever it is. Raises DeliveryError."""
        return (await self.introduced()).member

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

    `now` gives the time in UTC. A token that soon is over is made anew, if there is a `rotator`.
    """

    def __init__(
        self,
        api: Api,
        store: SealedInstallationStore,
        rotator: AsyncTokenRotator | None,
        get_stores: GetStores,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._store = store
        self._rotator = rotator
        self._get_stores = get_stores
        self._now = now
        self._sleep = sleep
        self._known: TTLCache[str, Member] = remembered_for(_KNOWN_FOR, now)
        # Whoever wants a token anew at the same time waits for the same one.
        self._rotating: dict[str, asyncio.Task[Installation]] = {}
        # By the tokens whose place they take: what could not be kept when Slack gave it.
        self._unkept: dict[str | None, Bot] = {}

    async def member(self, workspace: str) -> Member:
        """The bot in a workspace. Raises TargetGone where it is not, or not any more."""
        known = self._known.get(workspace)
        if known is not None:
            return known
        installation = await self._store.installation(workspace)
        if installation is None:
            self.forget(workspace)
            raise TargetGone("delivery.gone", what=workspace)
        if self._rotator is not None and self._seconds_left(installation) < _ROTATED_BEFORE:
            installation = await self._rotated(workspace, installation, self._rotator)
        member = Member(
            workspace,
            self._api.client(installation.bot_token),
            installation.bot_id or "",
            installation.bot_user_id or "",
            installation.user_id,
        )
        self._known[workspace] = member
        return member

    async def all(self) -> Sequence[str]:
        """All of them."""
        return await (await self._get_stores()).installations.workspaces(NAME)

    def forget(self, workspace: str) -> None:
        """Look again: it was installed anew, or removed."""
        self._known.pop(workspace, None)

    async def _rotated(
        self, workspace: str, old: Installation, rotator: AsyncTokenRotator
    ) -> Installation:
        """The installation with a token that is not over soon, if one is to be had.

        Whoever waits no longer does not end it: a refresh token counts once, so that what is given
        for it has to be kept. Raises TryLater where the old one is over, and StateError.
        """
        asking = self._rotating.get(workspace)
        if asking is None:
            asking = asyncio.create_task(self._anew(workspace, old, rotator))
            self._rotating[workspace] = asking
            asking.add_done_callback(lambda _: self._rotating.pop(workspace))
        return await asyncio.shield(asking)

    async def _anew(
        self, workspace: str, old: Installation, rotator: AsyncTokenRotator
    ) -> Installation:
        newer = await self._newer(workspace, old)
        if newer is not None:
            return newer
        try:
            made = self._unkept.get(old.bot_token) or await asked(
                rotator.perform_bot_token_rotation(
                    bot=old.to_bot(), minutes_before_expiration=_ANY_TIME
                ),
                workspace,
            )
        except SlackTokenRotationError as error:
            _log.info("no new token", workspace=workspace, cause=error.api_error)
            return await self._awaited(workspace, old, error)
        except TryLater:
            if self._seconds_left(old) > 0:
                return old
            raise
        if made is None:
            return old
        self._unkept[old.bot_token] = made
        await self._store.async_save_bot(made)
        del self._unkept[old.bot_token]
        return await self._newer(workspace, old) or old

    async def _awaited(
        self, workspace: str, old: Installation, error: SlackTokenRotationError
    ) -> Installation:
        """What to go on with after a refusal: each refresh token counts once.

        Another replica may have been faster, and be about to keep what it was given.
        """
        if self._seconds_left(old) > 0:
            return await self._newer(workspace, old) or old
        for pause in _PAUSES:
            await self._sleep(pause)
            newer = await self._newer(workspace, old)
            if newer is not None:
                return newer
        _log.warning("a token is over, and there is no new one", workspace=workspace, cause=error)
        raise TryLater("the token could not be made anew", LONG_PAUSE) from error

    async def _newer(self, workspace: str, old: Installation) -> Installation | None:
        """What is kept of a workspace, if it is not the old token any more."""
        kept = await self._store.installation(workspace)
        return None if kept is None or kept.bot_token == old.bot_token else kept

    def _seconds_left(self, installation: Installation) -> float:
        """How long a token is good still; endless where tokens are not rotated."""
        end = installation.bot_token_expires_at
        return math.inf if end is None else end - self._now().timestamp()
