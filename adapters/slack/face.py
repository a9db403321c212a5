"""Slack as one of the platforms that the program serves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_bolt.async_app import AsyncApp
from structlog.stdlib import get_logger

from adapters.slack.checks import checks
from adapters.slack.connection import Connection
from adapters.slack.guard import slack_guard
from adapters.slack.http import EVENTS_PATH, SignedRequests
from adapters.slack.names import NAME
from adapters.slack.places import Places
from adapters.slack.platform import SlackPlatform
from adapters.slack.sockets import LINK, Sockets
from adapters.slack.speech import Speech
from adapters.slack.tenancy import OpenTenancy, OwnTenancy, Tenancy
from adapters.slack.underway import UnderWay
from adapters.slack.wiring import Wiring
from adapters.slack.workspaces import Api, open_session
from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat
from bot.errors import MatomeError, OperatorError
from bot.locales import Texts
from bot.meter import NO_METER, Links, Meter
from bot.running.faces import LEAVE_WITHIN, Checked, Route
from bot.running.holding import Holding
from bot.stores import GetStores, Stores
from bot.watching.clock import ClockWatch

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bot is: `language` is that of people of whom it is not known.

    With `only_admins` nobody else decides about digests. `texts` and `say` are for the operator;
    `now` gives the time in UTC, with which Slack's is compared by `clock`.
    """

    language: str
    only_admins: bool
    texts: Texts
    say: Callable[[str], None]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    meter: Meter = NO_METER
    clock: ClockWatch | None = None


class _StoresOfBot:
    """The stores of the bot, which is opened when its platforms are there already."""

    def __init__(self) -> None:
        self.get: GetStores | None = None

    async def __call__(self) -> Stores:
        assert self.get is not None, "nothing is kept before the bot is there"
        return await self.get()


class SlackFace:
    """The app with its platform, over a socket or over HTTP. It needs a running event loop."""

    def __init__(self, connection: Connection, manner: Manner) -> None:
        self._connection = connection
        self._manner = manner
        session = open_session(manner.meter, manner.clock)
        self._api = Api(session, connection.api_url)
        self._stores = _StoresOfBot()
        self._tenancy = self._tenancy_of(connection)
        workspaces = self._tenancy.workspaces
        self._platform = SlackPlatform(
            workspaces,
            Places(workspaces, manner.now, manner.only_admins),
            slack_guard(meter=manner.meter),
        )
        self._under_way = UnderWay()
        self._requests: SignedRequests | None = None
        if connection.app_token is None and connection.signing_secret is not None:
            self._requests = SignedRequests(connection.signing_secret)
        self._app: AsyncApp | None = None
        self._is_there = self._is_removed = False
        self._links = Links(NAME, manner.meter)
        if connection.app_token is not None:
            self._links.expect(LINK)

    @property
    def links(self) -> Mapping[str, bool]:
        """The socket; over HTTP Slack connects to the bot."""
        return self._links.states

    def lacking(self) -> MatomeError | None:
        """The token has to be known as good, and the socket be connected."""
        if self._is_removed:
            return OperatorError("slack.removed")
        if not self._is_there:
            return OperatorError("health.connecting")
        if missing := self._links.missing:
            return OperatorError("health.disconnected", links=", ".join(missing))
        return None

    @property
    def platform(self) -> SlackPlatform:
        """The place where the bot speaks unasked."""
        return self._platform

    def routes(self) -> Sequence[Route]:
        """Slack's own requests, and those of browsers that install the app."""
        if self._requests is None:
            return self._tenancy.routes()
        return Route("POST", EVENTS_PATH, self._requests.answer), *self._tenancy.routes()

    def attend(
        self, chat: Chat, arrivals: Arrivals, get_stores: GetStores, holding: Holding
    ) -> None:
        """Answer by the chat from now on, and tell of workspaces.

        Nothing is held: Slack tells each event to one socket of an app, whoever has opened it.
        """
        manner, tenancy = self._manner, self._tenancy
        self._stores.get = get_stores
        speech = Speech(manner.language, tenancy.workspaces, manner.now)
        tenancy.attend(arrivals, self._platform.places, speech)
        wiring = Wiring(
            self._api,
            self._platform,
            speech,
            self._under_way,
            self._stores,
            manner.now,
            not holding.is_alone,
            manner.meter,
        )
        secret = self._connection.signing_secret if self._requests is not None else None
        self._app = wiring.app(chat, arrivals.joined, tenancy.left, secret or "", tenancy.flow)

    async def run(self) -> None:
        """Hear what happens until cancelled. Raises OperatorError."""
        assert self._app is not None
        for sentence in await self._tenancy.log_in(self._manner.texts):
            self._manner.say(sentence)
        self._is_there = True
        # Nothing is heard before this has waited for the state: what Slack tells again to another
        # replica would be answered twice.
        await self._note_workspaces()
        try:
            if self._requests is not None:
                self._requests.open(self._app.async_dispatch)
                await asyncio.Event().wait()
            elif self._connection.app_token is not None:
                token, sleep = self._connection.app_token, self._manner.sleep
                await Sockets(self._app, self._api, token, sleep, links=self._links).run()
        finally:
            await self._leave()

    def checks(self, stores: Stores | None) -> AsyncIterator[Checked]:
        """What the doctor finds."""
        return checks(
            self._connection, stores, self._manner.texts, self._manner.now, self._manner.clock
        )

    async def close(self) -> None:
        """End all connections."""
        await self._api.session.close()

    def _tenancy_of(self, connection: Connection) -> Tenancy:
        manner = self._manner
        if connection.app is not None:
            return OpenTenancy(
                self._api, connection.app, connection, self._stores, manner.now, manner.language
            )
        assert connection.bot_token is not None, "the settings have one or the other"
        return OwnTenancy(self._api, connection.bot_token, manner.sleep, self._removed)

    async def _note_workspaces(self) -> None:
        try:
            await self._tenancy.found()
        except MatomeError as error:
            _log.warning("where the bot was removed meanwhile could not be noted", cause=error)

    async def _leave(self) -> None:
        """Take nothing more, and finish what is under way."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LEAVE_WITHIN
        try:
            async with asyncio.timeout_at(end):
                if self._requests is not None:
                    await self._requests.close()
        except TimeoutError:
            _log.warning("requests are left that have not been answered")
        await self._under_way.ended(max(0.0, end - loop.time()))

    def _removed(self) -> None:
        """Tell the operator, once: Slack says it by several events."""
        if self._is_removed:
            return
        self._is_removed = True
        self._manner.say(self._manner.texts("slack.removed"))
