"""A Slack into whose workspaces the app is installed, with what is kept of that in a real state."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from adapters.slack.installations import SealedInstallationStore
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import Api, InstalledWorkspaces
from bot.sealing import Sealer
from bot.stores import Stores
from storage.state.database import State, open_state
from storage.state.stores import stores_of
from tests.slack.running import opened_api
from tests.slack.server import Slack, Token
from tests.slack.there import platform_of

SECRET = b"k" * 32


@dataclass(frozen=True, slots=True)
class Installed:
    """An app that many have, as one replica has it."""

    slack: Slack
    api: Api
    state: State
    store: SealedInstallationStore
    workspaces: InstalledWorkspaces
    platform: SlackPlatform

    async def keep(self, token: Token, expires_at: datetime | None = None) -> str:
        """Keep what was granted with a token; returns the workspace."""
        await self.store.async_save(granted(token, expires_at))
        installation = token.installation
        assert installation is not None
        place = installation.team or installation.enterprise
        assert place is not None
        return place.id

    def replica(self) -> "Installed":
        """Another one, over the same state."""
        return installed(self.slack, self.api, self.state)


def granted(token: Token, expires_at: datetime | None = None) -> Installation:
    """An installation as OAuth brings it."""
    made = token.installation
    assert made is not None
    enterprise = made.enterprise
    return Installation(
        app_id="A1",
        enterprise_id=enterprise.id if enterprise else None,
        team_id=made.team.id if made.team else None,
        bot_token=token.value,
        bot_id=made.bot.bot_id,
        bot_user_id=made.bot.id,
        bot_scopes=",".join(made.scopes),
        bot_refresh_token=token.refresh or None,
        bot_token_expires_at=int(expires_at.timestamp()) if expires_at else None,
        user_id=made.installer.id,
        user_token="xoxp-of-a-person",  # noqa: S106 (of nobody)
        is_enterprise_install=made.team is None,
    )


def installed(slack: Slack, api: Api, state: State) -> Installed:
    stores = stores_of(state)

    async def get_stores() -> Stores:
        return stores

    now = slack.clock.now
    store = SealedInstallationStore(get_stores, Sealer([SECRET]), now)
    rotator = AsyncTokenRotator(
        client_id=slack.app.client_id, client_secret=slack.app.client_secret, client=api.client()
    )
    workspaces = InstalledWorkspaces(api, store, rotator, get_stores, now)
    return Installed(slack, api, state, store, workspaces, platform_of(slack, workspaces))


@pytest.fixture
async def many(slack: Slack, tmp_path: Path) -> AsyncIterator[Installed]:
    slack.rates.tiers.clear()
    async with open_state(tmp_path / "state.sqlite3") as state, opened_api(slack) as api:
        yield installed(slack, api, state)
