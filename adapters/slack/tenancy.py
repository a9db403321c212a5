"""In whose workspaces the bot is: its operator's own one, or all that have installed the app."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from structlog.stdlib import get_logger

from adapters.slack.arriving import InstalledArrivals, OwnArrivals
from adapters.slack.connection import App, Connection
from adapters.slack.failing import is_refused
from adapters.slack.installations import SealedInstallationStore
from adapters.slack.installing import INSTALL, Installing
from adapters.slack.places import Places
from adapters.slack.scopes import reason
from adapters.slack.speech import Speech
from adapters.slack.states import SealedStates
from adapters.slack.workspaces import (
    Api,
    InstalledWorkspaces,
    Introduction,
    OwnWorkspace,
    Workspaces,
)
from bot.chat.arrivals import Arrivals
from bot.errors import OperatorError, StateError, TryLater
from bot.locales import Texts
from bot.running.faces import Route
from bot.stores import GetStores

# Between two tries to reach Slack at the start, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

_log = get_logger(__name__)

Json = Mapping[str, Any]
Sleep = Callable[[float], Awaitable[None]]


class Tenancy(Protocol):
    """Where the bot is, and who is told that it comes and goes."""

    @property
    def workspaces(self) -> Workspaces:
        """All of them, with the tokens."""
        ...

    @property
    def flow(self) -> AsyncOAuthFlow | None:
        """How others install the app."""
        ...

    def routes(self) -> Sequence[Route]:
        """What browsers are answered."""
        ...

    def attend(self, arrivals: Arrivals, places: Places, speech: Speech) -> None:
        """Tell `arrivals` from now on."""
        ...

    async def log_in(self, texts: Texts) -> Sequence[str]:
        """Sentences for the operator about what there is at a start.

        Raises OperatorError where Slack refuses the bot.
        """
        ...

    async def found(self) -> None:
        """Tell of all workspaces that there are. Raises StateError and DeliveryError."""
        ...

    async def left(self, event: Json) -> None:
        """Tell that the bot was thrown out, where an event says so and it is true."""
        ...


class OwnTenancy:
    """A bot with a token of its own; `removed` is called when that is good no more."""

    def __init__(self, api: Api, token: str, sleep: Sleep, removed: Callable[[], None]) -> None:
        self.workspaces = OwnWorkspace(api, token)
        self.flow = None
        self._sleep = sleep
        self._removed = removed
        self._arrivals: OwnArrivals | None = None

    def routes(self) -> Sequence[Route]:
        """Nothing."""
        return ()

    def attend(self, arrivals: Arrivals, places: Places, speech: Speech) -> None:
        """Tell `arrivals` from now on."""
        self._arrivals = OwnArrivals(self.workspaces, arrivals, self._removed)

    async def log_in(self, texts: Texts) -> Sequence[str]:
        """Who it is, and what was not granted to it."""
        known = await self._introduced()
        shown = {"name": known.name, "workspace": known.workspace_name}
        said = [texts("slack.logged_in", **shown)]
        if known.lacking:
            lacking = [f"{scope} ({reason(scope, texts)})" for scope in known.lacking]
            said.append(texts("slack.missing_scopes", scopes=", ".join(lacking)))
        return said

    async def found(self) -> None:
        """The one workspace is there."""
        assert self._arrivals is not None
        await self._arrivals.found()

    async def left(self, event: Json) -> None:
        """Its token may be good no more."""
        assert self._arrivals is not None
        await self._arrivals.left(event)

    async def _introduced(self) -> Introduction:
        """Who the bot is; while Slack is away it is asked again. Raises OperatorError."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self.workspaces.introduced()
            except TryLater as error:
                if is_refused(error):
                    raise OperatorError("slack.bad_token") from error
                seconds = pause if error.seconds is None else error.seconds
                _log.warning("Slack cannot be reached", next_try_in=round(seconds), cause=error)
            await self._sleep(seconds)
            pause = min(2 * pause, _LONGEST_PAUSE)


class OpenTenancy:
    """An app that any workspace can install. `usual` is the language of who says none.

    `now` gives the time in UTC.
    """

    def __init__(
        self,
        api: Api,
        app: App,
        connection: Connection,
        get_stores: GetStores,
        now: Callable[[], datetime],
        usual: str,
    ) -> None:
        self._store = SealedInstallationStore(get_stores, app.sealer, now)
        client = api.client()
        rotator = AsyncTokenRotator(
            client=client, client_id=app.client_id, client_secret=app.client_secret
        )
        self.workspaces = InstalledWorkspaces(api, self._store, rotator, get_stores, now)
        self._installing = Installing(
            app,
            connection.authorize_url,
            client,
            self._store,
            SealedStates(get_stores, app.sealer, now),
            self._installed,
            usual,
        )
        self._arrivals: InstalledArrivals | None = None

    @property
    def flow(self) -> AsyncOAuthFlow:
        """How others install the app."""
        return self._installing.flow

    def routes(self) -> Sequence[Route]:
        """Where an installation begins and ends."""
        return self._installing.routes()

    def attend(self, arrivals: Arrivals, places: Places, speech: Speech) -> None:
        """Tell `arrivals` from now on."""
        self._arrivals = InstalledArrivals(
            self.workspaces, self._store, places, arrivals, speech.of
        )

    async def log_in(self, texts: Texts) -> Sequence[str]:
        """How many workspaces there are, unless the state is away, and where others add it."""
        try:
            count = len(await self.workspaces.all())
        except StateError as error:
            _log.warning("how many workspaces have added the app is not known", cause=error)
            return [texts("slack.open_at", path=INSTALL)]
        return [texts("slack.open_for_all", count=count, path=INSTALL)]

    async def found(self) -> None:
        """All that have installed it."""
        assert self._arrivals is not None
        await self._arrivals.found()

    async def left(self, event: Json) -> None:
        """A workspace may have removed it."""
        assert self._arrivals is not None
        await self._arrivals.left(event)

    async def _installed(self, made: Installation) -> None:
        assert self._arrivals is not None
        await self._arrivals.installed(made)
