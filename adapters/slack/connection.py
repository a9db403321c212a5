"""How Slack is reached: with a token of one's own, or installed by many; by a socket or by HTTP."""

from dataclasses import dataclass, field
from urllib.parse import urljoin

from bot.sealing import Sealer

_SLACK = "https://slack.com/"


@dataclass(frozen=True, slots=True)
class App:
    """An app that many workspaces install, as Slack knows it; `sealer` encrypts their tokens."""

    client_id: str
    client_secret: str = field(repr=False)
    sealer: Sealer = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """Its secrets are shown nowhere.

    The bot has a `bot_token` in its one workspace, or is an `app` of many. With an `app_token`
    Slack tells what happens over a socket, else by requests that `signing_secret` signs. `api_url`
    is where Slack's API is, None for Slack's own.
    """

    bot_token: str | None = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    app: App | None = None
    api_url: str | None = None

    @property
    def authorize_url(self) -> str:
        """Where people allow what the app asks for: on the host of the API."""
        return urljoin(self.api_url or _SLACK, "/oauth/v2/authorize")
