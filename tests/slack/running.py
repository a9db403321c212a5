"""The bot as it is in Slack: the real AsyncApp in Socket Mode, with what stands behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from adapters.slack.answering import PATIENCE, Answering
from adapters.slack.app import slack_app
from adapters.slack.contexts import Contexts
from adapters.slack.dialogs import dialog
from adapters.slack.events import Events, Joined
from adapters.slack.filling import PATIENCE as DIALOG_PATIENCE
from adapters.slack.guard import slack_guard
from adapters.slack.handled import Handled
from adapters.slack.means import Means
from adapters.slack.places import Places
from adapters.slack.platform import SlackPlatform
from adapters.slack.sockets import Sockets
from adapters.slack.speech import Speech
from adapters.slack.underway import UnderWay
from adapters.slack.workspaces import Api, OwnWorkspace, open_session
from bot.app import utc_now
from bot.chat.chat import Chat
from bot.chat.guard import Guard
from bot.stores import GetStores
from bot.subscription import Place
from tests.guarded import BrokenLimits, broken_by
from tests.slack.server import Slack, Token

LEAVE_WITHIN = 20.0


@dataclass(slots=True)
class Connected:
    """The bot's connections to Slack, and its platform; it hears nothing until it `listens`."""

    slack: Slack
    api: Api
    workspaces: OwnWorkspace
    platform: SlackPlatform
    under_way: UnderWay = field(default_factory=UnderWay)
    joined: list[Place] = field(default_factory=list)
    events: Events | None = None
    listening: "list[asyncio.Task[None]]" = field(default_factory=list)

    @property
    def answering(self) -> Answering:
        assert self.events is not None
        return self.events.answering

    async def listens(
        self,
        chat: Chat,
        get_stores: GetStores,
        joined: Joined | None = None,
        *,
        patience: float = PATIENCE,
        dialog_patience: float = DIALOG_PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Answer from now on."""
        platform = self.platform
        speech = Speech("ja", self.workspaces, utc_now)
        answering = Answering(
            chat,
            Contexts(speech, platform.places),
            Handled(get_stores, utc_now, patience=10.0),
            platform.guard,
            dialog,
            patience,
        )
        means = Means(self.workspaces, self.api, sleep)
        places = platform.places
        self.events = Events(answering, means, places, joined or self._joined, dialog_patience)
        await self.connects(1 + len(self.slack.link.socket.connections))

    async def connects(self, count: int) -> None:
        """Open a connection, so that there are so many."""
        assert self.events is not None
        app = slack_app(self.events, self.under_way, self.api)
        # However often a test cuts the connection, the next one comes at once.
        sockets = Sockets(app, self.api, self.slack.app_token.value, _at_once)
        self.listening.append(asyncio.create_task(sockets.run()))
        await self.slack.connected(count)

    async def leaves(self) -> None:
        """Hear nothing more, and finish what is under way."""
        for task in self.listening:
            task.cancel()
            # Whatever else it ended with is a failure.
            with suppress(asyncio.CancelledError):
                await task
        self.listening.clear()
        await self.under_way.ended(LEAVE_WITHIN)

    async def _joined(self, place: Place, language: str) -> None:
        self.joined.append(place)


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def opened_api(slack: Slack) -> AsyncIterator[Api]:
    async with open_session() as session:
        yield Api(session, slack.api_url)


@asynccontextmanager
async def logged_in(
    slack: Slack, token: Token, guard: Guard | None = None
) -> AsyncIterator[Connected]:
    """The bot of one workspace.

    Nothing that it sends may break a limit, unless another guard says what becomes of that.
    """
    used = guard or slack_guard(strict=True, meter=BrokenLimits())
    async with opened_api(slack) as api:
        workspaces = OwnWorkspace(api, token.value)
        platform = SlackPlatform(workspaces, Places(workspaces, utc_now), used)
        connected = Connected(slack, api, workspaces, platform)
        try:
            yield connected
        finally:
            await connected.leaves()
            assert guard is not None or not broken_by(used)
