"""Workspaces come and go: the app is installed, thrown out, or its tokens are revoked."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.oauth.installation_store.models.installation import Installation
from structlog.stdlib import get_logger

from adapters.slack.failing import asked, is_expelled
from adapters.slack.installations import SealedInstallationStore, key_of
from adapters.slack.names import NAME, Person
from adapters.slack.places import Places
from adapters.slack.workspaces import InstalledWorkspaces, OwnWorkspace
from bot.chat.arrivals import Arrivals
from bot.errors import DeliveryError, MatomeError, TargetGone
from bot.locales import Texts
from bot.subscription import Place

_log = get_logger(__name__)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnArrivals:
    """The one workspace of a bot with a token of its own; `say` tells the operator."""

    workspace: OwnWorkspace
    arrivals: Arrivals
    say: Callable[[], None]

    async def found(self) -> None:
        """It is there: what was kept of it goes on."""
        await self.arrivals.found(NAME, set(await self.workspace.all()), lambda _: True)

    async def left(self, event: Json) -> None:
        """An event says that the app was thrown out, or that its token is good no more.

        It may come twice, late, or of another token.
        """
        if not _is_of_bot(event):
            return
        member = await self.workspace.itself()
        try:
            await asked(member.client.auth_test(), "auth.test")
        except DeliveryError as error:
            if not is_expelled(error):
                raise
            await self.arrivals.left(NAME, member.workspace)
            self.say()


@dataclass(frozen=True, slots=True)
class InstalledArrivals:
    """Workspaces that install the app by themselves; `texts_of` knows the language of people."""

    workspaces: InstalledWorkspaces
    store: SealedInstallationStore
    places: Places
    arrivals: Arrivals
    texts_of: Callable[[Person], Awaitable[Texts]]

    async def found(self) -> None:
        """After a start: what was installed, and what is not any more."""
        await self.arrivals.found(NAME, set(await self.workspaces.all()), lambda _: True)

    async def installed(self, made: Installation) -> None:
        """Say hello to who has installed it, once for each workspace."""
        workspace = key_of(made.enterprise_id, made.team_id, made.is_enterprise_install)
        self.workspaces.forget(workspace)
        try:
            installer = Person(workspace, made.user_id)
            target = await self.places.direct(installer)
            language = (await self.texts_of(installer)).language
            await self.arrivals.joined(Place(NAME, str(target), workspace), language)
        except MatomeError as error:
            # It is installed all the same.
            _log.warning("nobody could be welcomed", workspace=workspace, cause=error)
            await self.arrivals.found(NAME, {workspace}, lambda each: each == workspace)

    async def left(self, event: Json) -> None:
        """An event says that the app was thrown out, or that tokens are good no more.

        It may come twice, in any order with the other one, and when the app has been installed
        again: so Slack is asked. Where it cannot be, the time of the event decides, but about
        nothing more than it names: an organisation is not gone with one of its teams.
        """
        if not _is_of_bot(event):
            return
        for workspace in _workspaces_of(event):
            kept = await self.store.installation(workspace)
            if kept is None or not await self._is_expelled(workspace, kept, event):
                continue
            if await self.store.delete(workspace, kept):
                self.workspaces.forget(workspace)
                await self.arrivals.left(NAME, workspace)

    async def _is_expelled(self, workspace: str, kept: Installation, event: Json) -> bool:
        self.workspaces.forget(workspace)
        try:
            member = await self.workspaces.member(workspace)
            await asked(member.client.auth_test(), "auth.test")
        except TargetGone:
            return False
        except DeliveryError as error:
            if is_expelled(error):
                return True
            _log.warning(
                "whether the app is still there is not known", workspace=workspace, cause=error
            )
            is_newer = float(event.get("event_time", 0)) > kept.installed_at
            return is_newer and workspace == _named_by(event)
        return False


def _is_of_bot(event: Json) -> bool:
    """Whether an event is about the bot: tokens of persons are nothing that is kept."""
    inner = event.get("event") or {}
    return inner.get("type") != "tokens_revoked" or bool((inner.get("tokens") or {}).get("bot"))


def _workspaces_of(event: Json) -> list[str]:
    """The workspaces that an event may be about: the team's, and its whole organisation's."""
    return [str(event[name]) for name in ("team_id", "enterprise_id") if event.get(name)]


def _named_by(event: Json) -> str:
    """The workspace of the installation that an event is told to."""
    told_to = (event.get("authorizations") or [{}])[0]
    is_for_all = bool(told_to.get("is_enterprise_install"))
    return key_of(event.get("enterprise_id"), event.get("team_id"), is_for_all)
