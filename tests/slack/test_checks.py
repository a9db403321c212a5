"""What the doctor says about Slack, each fault with what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack.checks import checks
from adapters.slack.connection import App, Connection
from adapters.slack.scopes import SCOPES
from bot.app import utc_now
from bot.locales import Texts
from bot.sealing import Sealer
from bot.settings import Settings
from bot.stores import Stores
from storage.index.reader import IndexReader
from tests.slack.conftest import Town
from tests.slack.facing import KEY, Faced, opened_face
from tests.slack.scene import Scene
from tests.slack.server import Slack


def connection_of(slack: Slack, token: str) -> Connection:
    """A bot in its own workspace, over a socket."""
    return Connection(token, slack.app_token.value, None, None, slack.api_url)


async def said(connection: Connection, stores: Stores | None = None) -> dict[str, bool]:
    found = checks(connection, stores, Texts("en"), utc_now)
    return {each.what: each.is_fine async for each in found}


async def faults(connection: Connection, stores: Stores | None = None) -> list[str]:
    return [what for what, is_fine in (await said(connection, stores)).items() if not is_fine]


async def test_a_sound_bot_has_no_fault(town: Town) -> None:
    found = await said(connection_of(town.slack, town.token.value))
    assert found == {
        "Slack: matome (workspace: readers)": True,
        "Slack's Socket Mode can be connected": True,
    }
    # Nobody has connected.
    assert not town.slack.link.socket.connections


async def test_a_wrong_token_is_a_fault_and_never_shown(town: Town) -> None:
    (fault,) = await faults(connection_of(town.slack, "xoxb-wrong"))
    assert "SLACK_BOT_TOKEN" in fault
    assert "xoxb-wrong" not in fault


async def test_every_scope_that_is_missing_is_named_with_what_it_is_for(town: Town) -> None:
    town.token.scopes = tuple(one for one in town.token.scopes if one not in SCOPES)
    found = await faults(connection_of(town.slack, town.token.value))
    assert len(found) == len(SCOPES)
    for (scope, key), fault in zip(SCOPES.items(), found, strict=True):
        assert scope in fault
        assert Texts("en")(key) in fault


async def test_the_app_token_is_looked_at(town: Town) -> None:
    sound = connection_of(town.slack, town.token.value)
    for token in ("xapp-wrong", town.token.value):
        (fault,) = await faults(replace(sound, app_token=token))
        assert "SLACK_APP_TOKEN" in fault
    town.slack.app_token.scopes = ()
    (fault,) = await faults(sound)
    assert "connections:write" in fault


async def test_a_slack_that_is_away_is_a_fault(town: Town) -> None:
    connection = replace(connection_of(town.slack, "xoxb-x"), api_url="http://127.0.0.1:9/api/")
    found = await faults(connection)
    assert found
    assert all("SLACK_API_URL" in fault for fault in found)


async def test_digests_in_channels_without_the_bot_are_named(scene: Scene) -> None:
    connection = connection_of(scene.slack, scene.token.value)
    for name in ("left", "old"):
        channel = scene.slack.add_channel(scene.team, name)
        await scene.play(scene.ann, channel).types("/matome digest add time:9:30")
        if name == "left":
            scene.slack.remove_bot(channel)
        else:
            scene.slack.archive(channel)
    await scene.play(scene.ann).types("/matome digest add time:9:30")
    stores = await scene.get_stores()
    assert len(await stores.subscriptions.every()) == 3
    found = await faults(connection, stores)
    assert len(found) == 2
    assert any("/invite @matome" in fault for fault in found)
    assert any("archived or deleted" in fault for fault in found)


@pytest.fixture
async def faced(slack: Slack, index: IndexReader, settings: Settings) -> AsyncIterator[Faced]:
    slack.rates.tiers.clear()
    async with opened_face(slack, index, settings) as opened:
        yield opened


def open_connection(slack: Slack) -> Connection:
    """An app that many install, over HTTP."""
    app = App(slack.app.client_id, slack.app.client_secret, Sealer([KEY]))
    return Connection(None, None, slack.app.signing_secret, app, slack.api_url)


async def test_an_app_of_many_workspaces_has_no_fault(faced: Faced) -> None:
    slack = faced.slack
    for name in ("one", "two"):
        team = slack.add_team(name)
        ann = slack.add_user(team, "ann", admin=True)
        await slack.add_to_slack(faced.install_url, team, ann)
    tokens = len(slack.registry.tokens)
    found = await said(open_connection(slack), faced.stores)
    assert all(found.values())
    text = "\n".join(found)
    assert "added the Slack app: 2" in text
    assert "/slack/events" in text
    # Nothing was made anew.
    assert len(slack.registry.tokens) == tokens


async def test_a_wrong_secret_and_lost_workspaces_are_faults(faced: Faced) -> None:
    slack = faced.slack
    team = slack.add_team("one")
    ann = slack.add_user(team, "ann", admin=True)
    await slack.add_to_slack(faced.install_url, team, ann)
    slack.registry.tokens_of(slack.registry.installations[0])[0].revoked = True
    slack.app.client_secret = "another"  # noqa: S105
    connection = open_connection(slack)
    slack.app.client_secret = "changed"  # noqa: S105
    found = await faults(connection, faced.stores)
    assert len(found) == 2
    assert "SLACK_CLIENT_SECRET" in found[0]
    assert "another" not in found[0]
    assert team.id in found[1]
