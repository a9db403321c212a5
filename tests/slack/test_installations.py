"""Installations as slack_sdk asks for them, over sealed rows."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.slack.installations import SealedInstallationStore, key_of
from bot.errors import OperatorError
from bot.sealing import Sealer
from bot.stores import Stores
from storage.state.stores import stores_of
from storage.state.tables import INSTALLATION
from tests.slack.installed import Installed, granted
from tests.slack.installed import many as many

HOUR = timedelta(hours=1)


async def test_what_was_granted_is_found_again(many: Installed) -> None:
    slack = many.slack
    slack.app.rotation = True
    token = slack.install(slack.add_team("one"))
    expires = slack.clock.now() + HOUR
    workspace = await many.keep(token, expires)
    found = await many.store.async_find_installation(enterprise_id=None, team_id=workspace)
    bot = await many.store.async_find_bot(enterprise_id=None, team_id=workspace)
    assert found is not None
    assert bot is not None
    assert bot.bot_token == found.bot_token == token.value
    assert bot.bot_refresh_token == token.refresh
    assert bot.bot_token_expires_at == int(expires.timestamp())
    assert found.user_id == granted(token).user_id
    assert found.installed_at == pytest.approx(bot.installed_at)


async def test_no_token_of_a_person_is_kept(many: Installed) -> None:
    workspace = await many.keep(many.slack.install(many.slack.add_team("one")))
    found = await many.store.installation(workspace)
    assert found is not None
    assert found.user_token is None


async def test_the_state_says_nothing_of_tokens(many: Installed) -> None:
    many.slack.app.rotation = True
    token = many.slack.install(many.slack.add_team("one"))
    await many.keep(token)
    async with many.state.reading() as connection:
        (row,) = (await connection.execute(select(INSTALLATION))).all()
    for secret in (token.value, token.refresh, "xox"):
        assert secret not in str(row)


async def test_what_was_sealed_with_another_key_is_told(many: Installed) -> None:
    workspace = await many.keep(many.slack.install(many.slack.add_team("one")))
    stores = stores_of(many.state)

    async def get_stores() -> Stores:
        return stores

    def store(*keys: bytes) -> SealedInstallationStore:
        return SealedInstallationStore(get_stores, Sealer(keys), many.slack.clock.now)

    with pytest.raises(OperatorError, match="other_key"):
        await store(b"n" * 32).installation(workspace)
    assert await store(b"n" * 32, b"k" * 32).installation(workspace)


async def test_another_installation_takes_the_place_of_the_one_before(many: Installed) -> None:
    team = many.slack.add_team("one")
    first = many.slack.install(team)
    second = many.slack.install(team)
    workspace = await many.keep(first)
    assert await many.keep(second) == workspace
    found = await many.store.installation(workspace)
    assert found is not None
    assert found.bot_token == second.value
    assert list(await many.workspaces.all()) == [workspace]


async def test_a_workspace_of_an_organisation_has_its_own_or_that_of_all(many: Installed) -> None:
    slack = many.slack
    slack.app.org = True
    enterprise = slack.add_enterprise("group")
    own, other = (slack.add_team(name, enterprise) for name in ("one", "two"))
    single = slack.install(own)
    whole = slack.install(other, org=True)
    for token in (single, whole):
        await many.keep(token)

    async def token_of(team: str, *, is_org: bool) -> str | None:
        found = await many.store.async_find_bot(
            enterprise_id=enterprise.id, team_id=team, is_enterprise_install=is_org
        )
        return None if found is None else found.bot_token

    assert await token_of(own.id, is_org=False) == single.value
    assert await token_of(other.id, is_org=False) == whole.value
    assert await token_of(own.id, is_org=True) == whole.value
    await many.store.async_delete_all(enterprise_id=enterprise.id, team_id=own.id)
    assert await token_of(own.id, is_org=False) == whole.value
    await many.store.async_delete_all(enterprise_id=enterprise.id, team_id=None)
    assert await token_of(own.id, is_org=True) is None


async def test_deleting_what_a_person_granted_leaves_the_bot(many: Installed) -> None:
    workspace = await many.keep(many.slack.install(many.slack.add_team("one")))
    store = many.store
    await store.async_delete_installation(enterprise_id=None, team_id=workspace, user_id="U1")
    assert await store.installation(workspace)
    for _ in range(2):
        await store.async_delete_bot(enterprise_id=None, team_id=workspace)
    assert await store.installation(workspace) is None
    # The tokens of a bot that is not there any more do not bring it back.
    bot = granted(many.slack.install(many.slack.add_team("two"))).to_bot()
    await store.async_save_bot(bot)
    assert list(await many.workspaces.all()) == []


def test_workspaces_are_named_by_team_or_organisation() -> None:
    assert key_of(None, "T1", None) == "T1"
    assert key_of("E1", "T1", False) == "T1"
    assert key_of("E1", "T1", True) == "E1"
    assert key_of("E1", None, None) == "E1"
