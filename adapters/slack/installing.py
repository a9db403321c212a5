"""Adding the app to many workspaces: the way through Slack's own page and back, by OAuth."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.web.async_client import AsyncWebClient
from structlog.stdlib import get_logger

from adapters.slack.connection import App
from adapters.slack.environment import hidden_environment
from adapters.slack.installations import SealedInstallationStore
from adapters.slack.pages import (
    BEGINNING,
    DENIED,
    EXPIRED,
    FAILED,
    HEADERS,
    INSTALLED,
    ORGANISATION,
    Page,
    shown,
    spoken,
)
from adapters.slack.scopes import SCOPES
from adapters.slack.states import GOOD_FOR, SealedStates
from bot.errors import MatomeError
from bot.locales import Texts
from bot.running.faces import Route

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
# What Slack calls it that somebody has not allowed it.
_DENIED = "access_denied"

_log = get_logger(__name__)


class _Flow(AsyncOAuthFlow):
    """slack-bolt's own, with a page of ours at its beginning."""

    def __init__(self, client: AsyncWebClient, settings: AsyncOAuthSettings, usual: str) -> None:
        super().__init__(client=client, settings=settings, logger=logging.getLogger(__name__))
        self._usual = usual

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        return shown(BEGINNING, _language(request, self._usual), url)


class Installing:
    """Answers browsers. `installed` is told of each installation that was made and is kept.

    `usual` is the language of who says none.
    """

    def __init__(
        self,
        app: App,
        authorize_url: str,
        client: AsyncWebClient,
        store: SealedInstallationStore,
        states: SealedStates,
        installed: Callable[[Installation], Awaitable[None]],
        usual: str,
    ) -> None:
        self._installed = installed
        self._usual = usual
        with hidden_environment():
            settings = AsyncOAuthSettings(
                client_id=app.client_id,
                client_secret=app.client_secret,
                scopes=list(SCOPES),
                user_scopes=[],
                authorization_url=authorize_url,
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                callback_options=AsyncCallbackOptions(self._succeeded, self._failed),
                installation_store=store,
                state_store=states,
                state_expiration_seconds=int(GOOD_FOR.total_seconds()),
            )
        self._end_cookie = settings.state_utils.build_set_cookie_for_deletion()
        self._flow = _Flow(client, settings, usual)

    @property
    def flow(self) -> AsyncOAuthFlow:
        """What slack-bolt is given, so that it makes none with files of its own."""
        return self._flow

    def routes(self) -> Sequence[Route]:
        """Where somebody begins, and where Slack sends them back."""
        return Route("GET", INSTALL, self._begin), Route("GET", REDIRECT, self._come_back)

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        answer = await self._flow.handle_installation(await to_bolt_request(request))
        return await to_aiohttp_response(_with_headers(answer))

    async def _come_back(self, request: web.Request) -> web.StreamResponse:
        asked = await to_bolt_request(request)
        try:
            answer = await self._flow.handle_callback(asked)
        except (MatomeError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("an installation could not be made", cause=error)
            answer = self._answer(asked, 503, FAILED, INSTALL)
        return await to_aiohttp_response(answer)

    async def _succeeded(self, args: AsyncSuccessArgs) -> BoltResponse:
        made = args.installation
        await self._installed(made)
        app = quote(made.app_id or "")
        if made.is_enterprise_install:
            organisation = quote(made.enterprise_id or "")
            link = (
                f"https://app.slack.com/manage/{organisation}/integrations/profile/{app}"
                "/workspaces/add"
            )
            name = made.enterprise_name or organisation
            return self._answer(args.request, 200, ORGANISATION, link, name=name)
        team = quote(made.team_id or "")
        link = f"https://slack.com/app_redirect?app={app}&team={team}"
        return self._answer(args.request, 200, INSTALLED, link, name=made.team_name or team)

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        page = DENIED if args.reason == _DENIED else EXPIRED
        return self._answer(args.request, args.suggested_status_code, page, INSTALL)

    def _answer(
        self, request: AsyncBoltRequest, status: int, page: Page, link: str, **details: str
    ) -> BoltResponse:
        """A page at the end of the way: what was for this way only is forgotten."""
        body = shown(page, _language(request, self._usual), link, **details)
        headers: dict[str, str | Sequence[str]] = {**HEADERS, "Set-Cookie": self._end_cookie}
        return BoltResponse(status=status, body=body, headers=headers)


def _language(request: AsyncBoltRequest, usual: str) -> Texts:
    return spoken(request.headers.get("accept-language", ()), usual)


def _with_headers(answer: BoltResponse) -> BoltResponse:
    for name, value in HEADERS.items():
        answer.headers[name.lower()] = [value]
    return answer
