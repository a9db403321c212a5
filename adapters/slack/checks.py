"""What `matome doctor` asks Slack: tokens, scopes, the socket, and the channels of digests."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from slack_sdk.errors import SlackApiError

from adapters.slack.connection import App, Connection
from adapters.slack.failing import INVITE, asked, is_refused, word_of
from adapters.slack.http import EVENTS_PATH
from adapters.slack.installations import SealedInstallationStore
from adapters.slack.installing import INSTALL
from adapters.slack.names import NAME, target_of
from adapters.slack.places import Places
from adapters.slack.scopes import APP_SCOPE, granted, missing, reason
from adapters.slack.workspaces import (
    Api,
    InstalledWorkspaces,
    OwnWorkspace,
    Workspaces,
    open_session,
)
from bot.errors import DeliveryError, TargetGone
from bot.locales import Texts
from bot.running.faces import Checked
from bot.stores import Stores
from bot.watching.clock import ClockWatch

# Of so many workspaces each one is asked.
MOST_WORKSPACES = 100
# No code of any installation: what Slack says of it shows whether it knows the app.
_NO_CODE = "no-code"
_WRONG_APP = frozenset({"bad_client_secret", "invalid_client_id"})


async def checks(
    connection: Connection,
    stores: Stores | None,
    texts: Texts,
    now: Callable[[], datetime],
    clock: ClockWatch | None = None,
) -> AsyncIterator[Checked]:
    """Look at everything without changing anything; `now` gives the time in UTC."""
    async with open_session(clock=clock) as session:
        api = Api(session, connection.api_url)
        async for checked in _Checks(api, texts, stores, now).all(connection):
            yield checked


class _Checks:
    def __init__(
        self, api: Api, texts: Texts, stores: Stores | None, now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._texts = texts
        self._stores = stores
        self._now = now

    async def all(self, connection: Connection) -> AsyncIterator[Checked]:
        workspaces: Workspaces | None = None
        if connection.app is not None:
            yield await self._app(connection.app)
            if self._stores is not None:
                workspaces = self._installed(connection.app)
                async for checked in self._each(workspaces):
                    yield checked
        elif connection.bot_token is not None:
            workspaces = OwnWorkspace(self._api, connection.bot_token)
            async for checked in self._token(connection.bot_token):
                yield checked
        if connection.app_token is not None:
            yield await self._socket(connection.app_token)
        else:
            yield Checked(True, self._texts("slack.http", path=EVENTS_PATH))
        if workspaces is not None:
            async for checked in self._places(workspaces):
                yield checked

    async def _token(self, token: str, workspace: str = "") -> AsyncIterator[Checked]:
        """Whose a token is, and what was granted to it; `workspace` is where many are asked."""
        try:
            known = await asked(self._api.client(token).auth_test(), "auth.test")
        except DeliveryError as error:
            yield Checked(False, self._refused(error, workspace))
            return
        name = str(known.get("team") or workspace)
        if not workspace:
            yield Checked(True, self._texts("slack.token", name=known.get("user"), workspace=name))
        lacking = missing(granted(known))
        for scope in lacking:
            shown = {"scope": scope, "reason": reason(scope, self._texts), "workspace": name}
            yield Checked(False, self._texts("slack.missing_scope", **shown))

    async def _socket(self, app_token: str) -> Checked:
        """The app-level token, by an address for a socket that nobody opens."""
        request = self._api.client().apps_connections_open(app_token=app_token)
        try:
            await asked(request, "apps.connections.open")
        except DeliveryError as error:
            if word_of(error) == "missing_scope":
                return Checked(False, self._texts("slack.missing_app_scope", scope=APP_SCOPE))
            if is_refused(error) or word_of(error) == "not_allowed_token_type":
                return Checked(False, self._texts("slack.bad_app_token"))
            return Checked(False, self._texts("slack.unreachable", cause=_cause(error)))
        return Checked(True, self._texts("slack.socket"))

    async def _app(self, app: App) -> Checked:
        """The app's id and secret, by a code that nobody was given."""
        request = self._api.client().oauth_v2_access(
            client_id=app.client_id, client_secret=app.client_secret, code=_NO_CODE
        )
        try:
            await asked(request, "oauth.v2.access")
        except DeliveryError as error:
            return Checked(False, self._texts("slack.unreachable", cause=_cause(error)))
        except SlackApiError as error:
            if word_of(error) in _WRONG_APP:
                return Checked(False, self._texts("slack.bad_app", word=word_of(error)))
        return Checked(True, self._texts("slack.app", path=INSTALL))

    def _installed(self, app: App) -> InstalledWorkspaces:
        return InstalledWorkspaces(self._api, self._store(app), None, self._get_stores, self._now)

    def _store(self, app: App) -> SealedInstallationStore:
        return SealedInstallationStore(self._get_stores, app.sealer, self._now)

    async def _get_stores(self) -> Stores:
        assert self._stores is not None
        return self._stores

    async def _each(self, workspaces: Workspaces) -> AsyncIterator[Checked]:
        """The tokens of workspaces, of which those that can be read and used are counted."""
        listed = await workspaces.all()
        yield Checked(True, self._texts("slack.installed", count=len(listed)))
        for workspace in listed[:MOST_WORKSPACES]:
            member = await workspaces.member(workspace)
            async for checked in self._token(member.client.token or "", workspace):
                yield checked

    async def _places(self, workspaces: Workspaces) -> AsyncIterator[Checked]:
        """The channels of digests: whether the bot is there."""
        if self._stores is None:
            return
        places = Places(workspaces, self._now)
        every = await self._stores.subscriptions.every()
        targets = {each.place.target for each in every if each.place.platform == NAME}
        for target in sorted(targets):
            try:
                lacking = await places.lacking(target_of(target))
            except TargetGone:
                yield Checked(False, self._texts("slack.channel_gone", target=target))
            except DeliveryError as error:
                yield Checked(False, self._refused(error, target))
            else:
                if lacking:
                    shown = {"target": target, "invite": INVITE}
                    yield Checked(False, self._texts("slack.not_in_channel", **shown))

    def _refused(self, error: DeliveryError, where: str) -> str:
        if not is_refused(error):
            return self._texts("slack.unreachable", cause=_cause(error))
        if where:
            return self._texts("slack.removed_from", workspace=where)
        return self._texts("slack.bad_token")


def _cause(error: DeliveryError) -> str:
    return str(error.details.get("cause") or error.details.get("missing") or error)
