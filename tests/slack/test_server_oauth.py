"""Installing by OAuth with the real flow of slack-bolt, rotation of tokens, and organisations."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore

from tests.slack.bot import talking
from tests.slack.clients import client_of, served
from tests.slack.conftest import Town
from tests.slack.server import NotOffered, Slack
from tests.slack.server.oauth import TOKEN_SECONDS, authorized
from tests.slack.server.refusals import Refusal
from tests.slack.server.world import User, Workspace
from tests.slack.test_server_messages import refused

REDIRECT = "http://127.0.0.1/slack/oauth_redirect"


@pytest.fixture
async def installable(slack: Slack, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a slack-bolt app that can be installed into many workspaces."""
    settings = AsyncOAuthSettings(
        client_id=slack.app.client_id,
        client_secret=slack.app.client_secret,
        scopes=list(slack.app.scopes),
        authorization_url=slack.authorize_url,
        installation_store=FileInstallationStore(base_dir=str(tmp_path / "installed")),
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path / "states")),
    )
    app = AsyncApp(
        client=client_of(slack), signing_secret=slack.app.signing_secret, oauth_settings=settings
    )
    app.enable_token_revocation_listeners()
    async with served(talking(app), slack):
        origin = slack.app.url.removesuffix("/slack/events")
        slack.app.redirects = (f"{origin}/slack/oauth_redirect",)
        yield origin


async def installs(slack: Slack, origin: str, team: Workspace, user: User, **more: bool) -> int:
    """The status of the last page."""
    status, _ = await slack.add_to_slack(f"{origin}/slack/install", team, user, **more)
    return status


async def test_an_app_is_installed_and_answers_in_two_workspaces(
    slack: Slack, installable: str
) -> None:
    for name in ("one", "two"):
        team = slack.add_team(name)
        ann = slack.add_user(team, "ann", admin=True)
        assert await installs(slack, installable, team, ann) == 200
        general = slack.add_channel(team, "general")
        assert "gpu" in (await slack.player(ann, general).types("/matome gpu")).text
    assert len(slack.registry.installations) == 2
    await slack.settled()


async def test_an_organisation_installs_for_all_its_workspaces(
    slack: Slack, installable: str
) -> None:
    slack.app.org = True
    org = slack.add_enterprise("big")
    one, two = slack.add_team("one", org), slack.add_team("two", org)
    ann = slack.add_user(one, "ann", owner=True)
    slack.add_member(two, ann)
    assert await installs(slack, installable, one, ann, org=True) == 200
    for team in (one, two):
        player = slack.player(ann, slack.add_channel(team, "general"))
        seen = await player.types("/matome gpu")
        assert "gpu" in seen.text
        assert (await player.clicks(seen, "Open")).text == "opened"
        assert (await player.mentions("hello")).text == "you called"
    await slack.settled()
    assert not slack.complaints


async def test_an_installation_is_refused(slack: Slack, installable: str) -> None:
    team = slack.add_team("one")
    ann = slack.add_user(team, "ann", admin=True)
    assert await installs(slack, installable, team, ann, keeps_cookies=False) == 400
    assert await installs(slack, installable, team, ann, allows=False) == 200
    assert not slack.registry.tokens_of(slack.registry.installations[0])
    slack.app.redirects = ()
    with pytest.raises(NotOffered, match="bad_redirect_uri"):
        await installs(slack, installable, team, ann)


async def test_an_app_that_is_uninstalled_is_told_so(slack: Slack, installable: str) -> None:
    team = slack.add_team("one")
    ann = slack.add_user(team, "ann", admin=True)
    await installs(slack, installable, team, ann)
    (installation,) = slack.registry.installations
    (token,) = slack.registry.tokens_of(installation)
    slack.uninstall(installation)
    await slack.settled()
    told = [ack.what for ack in slack.link.acks]
    assert set(told) == {"events_api tokens_revoked", "events_api app_uninstalled"}
    answer = await refused(client_of(slack, token).auth_test())
    assert answer["error"] == "account_inactive"


async def test_a_code_is_good_once_and_for_its_redirect(town: Town) -> None:
    slack, app = town.slack, town.slack.app
    app.redirects = (REDIRECT,)
    query = {"client_id": app.client_id, "scope": "chat:write,commands", "state": "s"}
    query["redirect_uri"] = REDIRECT
    client: Any = client_of(slack)

    def code() -> str:
        back = authorized(slack, query, town.team, town.ann)
        assert back.endswith("&state=s")
        return back.split("code=")[1].split("&")[0]

    def asking(**more: Any) -> Any:
        given = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code()}
        return client.oauth_v2_access(**(given | {"redirect_uri": REDIRECT} | more))

    for more, error in (
        ({"client_id": "0"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"code": "none"}, "invalid_code"),
        ({"redirect_uri": "http://other"}, "bad_redirect_uri"),
        ({"grant_type": "magic"}, "invalid_grant_type"),
    ):
        assert (await refused(asking(**more)))["error"] == error
    one = code()
    assert (await asking(code=one))["team"]["id"] == town.team.id
    assert (await refused(asking(code=one)))["error"] == "code_already_used"
    late = code()
    slack.clock.advance(timedelta(minutes=11))
    assert (await refused(asking(code=late)))["error"] == "invalid_code"


async def test_what_nobody_can_allow(town: Town) -> None:
    app = town.slack.app
    app.redirects = (REDIRECT,)
    query = {"client_id": app.client_id, "scope": "chat:write", "redirect_uri": REDIRECT}
    for wrong, error in (
        ({"client_id": "0"}, "invalid_client_id"),
        ({"redirect_uri": "http://other"}, "bad_redirect_uri"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "admin"}, "invalid_scope"),
    ):
        with pytest.raises(Refusal, match=error):
            authorized(town.slack, query | wrong, town.team, town.ann)
    denied = authorized(town.slack, query, town.team, town.ann, allows=False)
    assert denied == f"{REDIRECT}?error=access_denied"


async def test_tokens_are_rotated(town: Town) -> None:
    slack, app = town.slack, town.slack.app
    app.rotation = True
    token = slack.install(town.team)
    client: Any = client_of(slack)

    async def refreshed(refresh: str) -> Any:
        return await client.oauth_v2_access(
            client_id=app.client_id,
            client_secret=app.client_secret,
            grant_type="refresh_token",
            refresh_token=refresh,
        )

    answer = await refreshed(token.refresh)
    assert (answer["expires_in"], answer["refresh_token"] != token.refresh) == (TOKEN_SECONDS, True)
    assert (await client.auth_test(token=answer["access_token"]))["ok"]
    assert (await client.auth_test(token=token.value))["ok"]
    assert (await refused(refreshed(token.refresh)))["error"] == "invalid_refresh_token"
    slack.clock.advance(timedelta(hours=12, minutes=1))
    asking = client.auth_test(token=answer["access_token"])
    assert (await refused(asking))["error"] == "token_expired"


async def test_an_organisation_has_one_installation(slack: Slack) -> None:
    slack.app.org = True
    org = slack.add_enterprise("big")
    one, two = slack.add_team("one", org), slack.add_team("two", org)
    ann = slack.add_user(one, "ann", owner=True)
    slack.add_member(two, ann)
    token = slack.install(one, ann, org=True)
    client = client_of(slack, token)
    told = await client.auth_test()
    assert (told["is_enterprise_install"], told["enterprise_id"], told["team_id"]) == (
        True,
        org.id,
        org.id,
    )
    assert {team["id"] for team in (await client.auth_teams_list())["teams"]} == {one.id, two.id}
    assert "team_id" in str(await refused(client.conversations_list()))
    general = slack.add_channel(two, "general")
    listed = await client.conversations_list(team_id=two.id)
    assert [channel["id"] for channel in listed["channels"]] == [general.id]
    asking = client.conversations_list(team_id="T0")
    assert (await refused(asking))["error"] == "team_not_found"
    assert (await client.chat_postMessage(channel=general.id, text="x"))["ok"]
