"""Tokens that last half a day: made anew in time, once, and what is done when that fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from adapters.slack.installations import SealedInstallationStore
from adapters.slack.workspaces import Api, InstalledWorkspaces
from bot.app import opened_stores, utc_now
from bot.errors import StateError, TryLater
from bot.sealing import Sealer
from bot.settings import Settings
from bot.stores import Stores
from tests.slack.running import opened_api
from tests.slack.server import Slack, Token, Trouble, Way
from tests.slack.server.world import Workspace

HOUR = 3600.0


async def nothing() -> None:
    """Nobody does anything meanwhile."""


class Replicas:
    """Several processes of the bot over one state; `slept` has how long they waited.

    Where they are hurried, they only say so. While the state is away, nothing can be kept.
    """

    def __init__(self, slack: Slack, api: Api, stores: Stores, team: Workspace) -> None:
        self.slack = slack
        self.team = team
        self.slept: list[float] = []
        self.is_hurried = True
        self.is_away = False
        self.asleep: Callable[[], Awaitable[None]] = nothing
        self._api = api
        self._stores = stores
        self.store = SealedInstallationStore(self.get_stores, Sealer([b"k" * 32]), utc_now)

    async def get_stores(self) -> Stores:
        if self.is_away:
            raise StateError("away")
        return self._stores

    def replica(self) -> InstalledWorkspaces:
        app = self.slack.app
        rotator = AsyncTokenRotator(
            client=self._api.client(), client_id=app.client_id, client_secret=app.client_secret
        )
        return InstalledWorkspaces(
            self._api, self.store, rotator, self.get_stores, utc_now, self._sleep
        )

    async def keep(self, token: Token, seconds_left: float) -> None:
        """A token that is over in so many seconds, as far as the bot knows."""
        found = token.installation
        assert found is not None
        kept = Installation(
            app_id=self.slack.app.id,
            team_id=self.team.id,
            user_id=found.installer.id,
            bot_token=token.value,
            bot_id=found.bot.bot_id,
            bot_user_id=found.bot.id,
            bot_refresh_token=token.refresh,
            bot_token_expires_at=int(utc_now().timestamp() + seconds_left),
        )
        await self.store.async_save(kept)

    @property
    def made(self) -> int:
        """How many tokens were made anew."""
        return len(self.slack.registry.tokens) - 2

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.asleep()
        await asyncio.sleep(0 if self.is_hurried else seconds)


@pytest.fixture
async def replicas(slack: Slack, settings: Settings) -> AsyncIterator[Replicas]:
    slack.app.rotation = True
    slack.rates.tiers.clear()
    async with opened_api(slack) as api, opened_stores(settings) as stores:
        yield Replicas(slack, api, stores, slack.add_team("one"))


async def works(workspaces: InstalledWorkspaces, team: Workspace) -> str:
    """The token that is used, which is good."""
    client = (await workspaces.member(team.id)).client
    assert (await client.auth_test())["ok"]
    assert client.token is not None
    return client.token


async def test_a_token_is_made_anew_two_hours_before_it_is_over(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, 2 * HOUR + 60)
    assert await works(replicas.replica(), replicas.team) == token.value
    await replicas.keep(token, 2 * HOUR - 60)
    new = await works(replicas.replica(), replicas.team)
    assert new != token.value
    kept = await replicas.store.installation(replicas.team.id)
    assert kept is not None
    assert kept.bot_token == new
    assert kept.bot_token_expires_at is not None
    assert kept.bot_token_expires_at > utc_now().timestamp() + 11 * HOUR
    # Who looks later has that one.
    assert await works(replicas.replica(), replicas.team) == new
    assert replicas.made == 1


async def test_a_token_that_is_over_is_made_anew(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    replicas.slack.clock.advance(timedelta(hours=13))
    await replicas.keep(token, -HOUR)
    assert await works(replicas.replica(), replicas.team) != token.value


async def test_of_many_at_once_one_asks(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)
    replica = replicas.replica()
    used = await asyncio.gather(*[works(replica, replicas.team) for _ in range(50)])
    assert len(set(used)) == 1
    assert replicas.made == 1
    assert not replicas.slack.refusals


@pytest.mark.parametrize("seconds_left", [HOUR, -HOUR])
async def test_replicas_at_once_all_have_one_that_is_good(
    replicas: Replicas, seconds_left: float
) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, seconds_left)
    replicas.is_hurried = False
    several = [replicas.replica() for _ in range(5)]
    used = await asyncio.gather(*[works(one, replicas.team) for one in several])
    assert replicas.made == 1
    new = set(used) - {token.value}
    assert len(new) == 1
    if seconds_left < 0:
        assert set(used) == new


async def test_while_it_lasts_the_old_one_serves_where_no_new_one_is_given(
    replicas: Replicas,
) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, HOUR)
    token.refreshed = True
    assert await works(replicas.replica(), replicas.team) == token.value
    replicas.slack.troubles.plan("oauth.v2.access", Trouble(Way.RESET))
    assert await works(replicas.replica(), replicas.team) == token.value
    assert replicas.slept == []


async def test_where_none_is_given_it_is_tried_later(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)
    token.refreshed = True
    with pytest.raises(TryLater) as raised:
        await replicas.replica().member(replicas.team.id)
    assert raised.value.seconds == 300
    assert 1 < sum(replicas.slept) < 5


async def test_a_replica_waits_for_one_that_was_faster(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)
    # The other one was given it, and has not kept it yet.
    token.refreshed = True
    new = replicas.slack.install(replicas.team)
    replicas.asleep = lambda: replicas.keep(new, 12 * HOUR)
    assert await works(replicas.replica(), replicas.team) == new.value
    assert len(replicas.slept) == 1


async def test_a_slack_that_is_away_is_asked_later(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)
    replicas.slack.troubles.plan("oauth.v2.access", Trouble(Way.RESET))
    replica = replicas.replica()
    with pytest.raises(TryLater) as raised:
        await replica.member(replicas.team.id)
    assert raised.value.seconds is None
    assert await works(replica, replicas.team) != token.value


async def test_who_waits_no_longer_does_not_lose_the_new_one(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)
    replicas.slack.troubles.plan("oauth.v2.access", Trouble(Way.SLOW, seconds=0.2))
    replica = replicas.replica()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(replica.member(replicas.team.id), 0.05)
    assert await works(replica, replicas.team) != token.value
    assert replicas.made == 1
    assert not replicas.slack.refusals


async def test_what_cannot_be_kept_at_once_is_kept_later(replicas: Replicas) -> None:
    token = replicas.slack.install(replicas.team)
    await replicas.keep(token, -HOUR)

    def leave(method: str) -> None:
        replicas.is_away = True

    replicas.slack.troubles.choose = leave
    replica = replicas.replica()
    with pytest.raises(StateError):
        await replica.member(replicas.team.id)
    replicas.slack.troubles.choose = lambda method: None
    replicas.is_away = False
    new = await works(replica, replicas.team)
    assert new != token.value
    assert await works(replicas.replica(), replicas.team) == new
    assert replicas.made == 1
