"""Where the app is installed, as slack_sdk asks for it, over encrypted rows of the state."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation

from adapters.slack.names import NAME
from bot.sealing import Sealer
from bot.stores import GetStores

# What is never asked for, and would not be kept if it came.
_NOT_KEPT: dict[str, Any] = {
    "user_token": None,
    "user_scopes": "",
    "user_refresh_token": None,
    "user_token_expires_at": None,
    "incoming_webhook_url": None,
    "incoming_webhook_channel": None,
    "incoming_webhook_channel_id": None,
    "incoming_webhook_configuration_url": None,
    "custom_values": {},
}
# What changes when a token is made anew.
_ROTATED = ("bot_token", "bot_refresh_token", "bot_token_expires_at", "bot_scopes")


class SealedInstallationStore(AsyncInstallationStore):
    """Keeps of each workspace, or organisation, the newest installation; no tokens of persons.

    `now` gives the time in UTC. Raises StateError where the state is away, and OperatorError where
    what is kept was sealed with another key.
    """

    def __init__(self, get_stores: GetStores, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._get_stores = get_stores
        self._sealer = sealer
        self._now = now

    @property
    def logger(self) -> logging.Logger:
        """Where slack_sdk logs."""
        return logging.getLogger(__name__)

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in place of the one before."""
        kept = {**installation.to_dict_for_copying(), **_NOT_KEPT}
        sealed = self._sealer.seal(json.dumps(kept, default=_written))
        key = key_of(
            installation.enterprise_id, installation.team_id, installation.is_enterprise_install
        )
        installations = (await self._get_stores()).installations
        await installations.keep(NAME, key, sealed, self._now())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep the tokens of a bot that were made anew."""
        key = key_of(bot.enterprise_id, bot.team_id, bot.is_enterprise_install)
        known = await self.installation(key)
        if known is not None:
            for name in _ROTATED:
                setattr(known, name, getattr(bot, name))
            await self.async_save(known)

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The bot in a workspace, else in its whole organisation."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id,
            team_id=team_id,
            is_enterprise_install=is_enterprise_install,
        )
        return None if found is None else found.to_bot()

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The installation in a workspace, else in its whole organisation, whoever has made it."""
        keys = (None if is_enterprise_install else team_id, enterprise_id)
        for key in filter(None, keys):
            found = await self.installation(key)
            if found is not None:
                return found
        return None

    async def installation(self, workspace: str) -> Installation | None:
        """What is kept of a workspace or organisation."""
        sealed = await (await self._get_stores()).installations.sealed(NAME, workspace)
        return None if sealed is None else self._opened(sealed)

    async def delete(self, workspace: str, known: Installation) -> bool:
        """Delete an installation, unless another one has taken its place; whether it was there."""
        installations = (await self._get_stores()).installations
        sealed = await installations.sealed(NAME, workspace)
        if sealed is None or self._opened(sealed).bot_token != known.bot_token:
            return False
        return await installations.delete(NAME, workspace, sealed)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the installation: it is the bot's."""
        await self.async_delete_all(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Delete what a person has granted, which is nothing that is kept."""
        if user_id is None:
            await self.async_delete_all(enterprise_id=enterprise_id, team_id=team_id)

    def _opened(self, sealed: str) -> Installation:
        return Installation(**json.loads(self._sealer.unseal(sealed)))

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete everything of a workspace, or of an organisation where no team is named."""
        key = team_id or enterprise_id
        if key is not None:
            await (await self._get_stores()).installations.delete(NAME, key)


def key_of(enterprise: str | None, team: str | None, is_enterprise_install: bool | None) -> str:
    """The workspace of an installation: the organisation where it is for all of its teams."""
    key = enterprise if is_enterprise_install or not team else team
    assert key is not None, "every installation is somewhere"
    return key


def _written(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
