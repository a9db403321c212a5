"""Puts together what answers people in Slack."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from adapters.slack.answering import Answering
from adapters.slack.app import slack_app
from adapters.slack.contexts import Contexts
from adapters.slack.dialogs import dialog
from adapters.slack.events import Events, Joined, Left
from adapters.slack.handled import Handled
from adapters.slack.means import Means
from adapters.slack.platform import SlackPlatform
from adapters.slack.speech import Speech
from adapters.slack.underway import UnderWay
from adapters.slack.workspaces import Api
from bot.chat.chat import Chat
from bot.meter import NO_METER, Meter
from bot.stores import GetStores


@dataclass(frozen=True, slots=True)
class Wiring:
    """What answering stands on, whatever it is that answers. `now` gives the time in UTC."""

    api: Api
    platform: SlackPlatform
    speech: Speech
    under_way: UnderWay
    get_stores: GetStores
    now: Callable[[], datetime]
    shared: bool
    meter: Meter = NO_METER

    def app(
        self,
        chat: Chat,
        joined: Joined,
        left: Left,
        signing_secret: str,
        oauth_flow: AsyncOAuthFlow | None,
    ) -> AsyncApp:
        """The app that answers by the chat, and tells where the bot comes and goes."""
        platform = self.platform
        answering = Answering(
            chat,
            Contexts(self.speech, platform.places),
            Handled(self.get_stores, self.now, shared=self.shared),
            platform.guard,
            dialog,
            meter=self.meter,
        )
        means = Means(platform.workspaces, self.api)
        events = Events(answering, means, platform.places, joined, left=left)
        return slack_app(
            events,
            self.under_way,
            self.api,
            signing_secret=signing_secret,
            oauth_flow=oauth_flow,
        )
