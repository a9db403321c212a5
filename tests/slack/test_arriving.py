"""Workspaces go and come back: events in any order, twice, late, and with a new installation."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.facing import Faced, opened_face
from tests.slack.server import Installation, Slack, Trouble, Way
from tests.slack.server.world import User, Workspace

UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U1"]}}


@pytest.fixture
async def faced(slack: Slack, index: IndexReader, settings: Settings) -> AsyncIterator[Faced]:
    """An app that any workspace can install."""
    slack.rates.tiers.clear()
    async with opened_face(slack, index, settings) as opened:
        yield opened


async def installed(faced: Faced) -> tuple[Workspace, User]:
    """A workspace that has added the app."""
    team = faced.slack.add_team("one")
    ann = faced.slack.add_user(team, "ann", admin=True)
    await again(faced, team, ann)
    return team, ann


async def again(faced: Faced, team: Workspace, ann: User) -> None:
    status, _ = await faced.slack.add_to_slack(faced.install_url, team, ann)
    assert status == 200


def installation_of(slack: Slack, team: Workspace) -> Installation:
    found = slack.registry.of(team)
    assert found is not None
    return found


async def kept(faced: Faced) -> list[str]:
    """Where it is installed."""
    return list(await faced.stores.installations.workspaces("slack"))


def gone(faced: Faced, team: Workspace) -> bool:
    """Whether nothing is sent to a workspace, since the bot was removed there."""
    assert isinstance(faced.state, Path)
    with closing(sqlite3.connect(faced.state)) as state:
        query = "SELECT 1 FROM workspace WHERE platform = 'slack' AND workspace = ?"
        return state.execute(query, [team.id]).fetchone() is not None


@pytest.mark.parametrize("revoked_first", [True, False])
async def test_a_removed_app_is_forgotten_in_either_order(
    faced: Faced, revoked_first: bool
) -> None:
    team, _ = await installed(faced)
    faced.slack.uninstall(installation_of(faced.slack, team), revoked_first=revoked_first)
    await faced.handled()
    assert await kept(faced) == []
    assert gone(faced, team)
    # Told again, there is nothing to be done any more.
    for event in (UNINSTALLED, REVOKED):
        assert await faced.tells(event, team.id) == 200
    await faced.handled()
    assert await kept(faced) == []


@pytest.mark.parametrize("event", [UNINSTALLED, REVOKED])
async def test_who_comes_back_stays_whatever_is_told_late(
    faced: Faced, event: dict[str, object]
) -> None:
    team, ann = await installed(faced)
    faced.slack.uninstall(installation_of(faced.slack, team))
    await faced.handled()
    await again(faced, team, ann)
    assert await kept(faced) == [team.id]
    assert not gone(faced, team)
    assert await faced.tells(event, team.id) == 200
    await faced.handled()
    assert await kept(faced) == [team.id]
    assert not gone(faced, team)
    general = faced.slack.add_channel(team, "general")
    assert "GPU" in (await faced.slack.player(ann, general).types("/matome gpu")).text


async def test_who_adds_it_again_is_served_with_the_new_token(faced: Faced) -> None:
    slack = faced.slack
    team, ann = await installed(faced)
    general = slack.add_channel(team, "general")
    assert "GPU" in (await slack.player(ann, general).mentions("gpu")).text
    (old,) = slack.registry.tokens_of(installation_of(slack, team))
    await again(faced, team, ann)
    slack.revoke(old)
    assert "GPU" in (await slack.player(ann, general).mentions("gpu")).text


async def test_it_says_hello_once_to_who_comes_back(faced: Faced) -> None:
    team, ann = await installed(faced)
    slack = faced.slack
    assert await slack.changes.until(lambda: len(slack.journal.of("post")) == 1, 10)
    slack.uninstall(installation_of(slack, team))
    await faced.handled()
    await again(faced, team, ann)
    await faced.handled()
    assert len(slack.journal.of("post")) == 1


async def test_a_token_that_is_revoked_ends_it(faced: Faced) -> None:
    team, _ = await installed(faced)
    (token,) = faced.slack.registry.tokens_of(installation_of(faced.slack, team))
    faced.slack.revoke(token)
    await faced.handled()
    assert await kept(faced) == []
    assert gone(faced, team)


async def test_tokens_of_persons_are_not_the_bots(faced: Faced) -> None:
    team, _ = await installed(faced)
    asked = len(faced.slack.refusals)
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}
    assert await faced.tells(event, team.id) == 200
    await faced.handled()
    assert await kept(faced) == [team.id]
    assert len(faced.slack.refusals) == asked


@pytest.mark.parametrize(("age", "is_gone"), [(-60.0, True), (600.0, False)])
async def test_while_slack_is_away_the_time_decides(
    faced: Faced, age: float, is_gone: bool
) -> None:
    team, _ = await installed(faced)
    await faced.handled()
    faced.slack.troubles.choose = lambda method: Trouble(Way.STATUS)
    assert await faced.tells(UNINSTALLED, team.id, age=age) == 200
    await faced.handled()
    assert (await kept(faced) == []) is is_gone


async def test_another_workspace_is_left_alone(faced: Faced) -> None:
    team, _ = await installed(faced)
    other = faced.slack.add_team("two")
    assert await faced.tells(UNINSTALLED, other.id) == 200
    await faced.handled()
    assert await kept(faced) == [team.id]
    assert not gone(faced, other)


async def test_a_workspace_that_leaves_its_organisation_in_place_stays_served(
    faced: Faced,
) -> None:
    slack = faced.slack
    slack.app.org = True
    org = slack.add_enterprise("big")
    team = slack.add_team("one", org)
    ann = slack.add_user(team, "ann", owner=True)
    status, _ = await slack.add_to_slack(faced.install_url, team, ann, org=True)
    assert status == 200
    # An installation of the workspace alone is gone, and was never known here.
    assert await faced.tells(UNINSTALLED, team.id, enterprise_id=org.id) == 200
    await faced.handled()
    assert await kept(faced) == [org.id]


@pytest.mark.parametrize("is_whole", [True, False])
async def test_while_slack_is_away_an_organisation_does_not_go_with_a_team(
    faced: Faced, is_whole: bool
) -> None:
    slack = faced.slack
    slack.app.org = True
    org = slack.add_enterprise("big")
    team = slack.add_team("one", org)
    ann = slack.add_user(team, "ann", owner=True)
    await slack.add_to_slack(faced.install_url, team, ann, org=True)
    await faced.handled()
    slack.troubles.choose = lambda method: Trouble(Way.STATUS)
    told_to = {"enterprise_id": org.id, "is_enterprise_install": is_whole}
    more = {"enterprise_id": org.id, "authorizations": [told_to]}
    assert await faced.tells(UNINSTALLED, team.id, age=-60.0, **more) == 200
    await faced.handled()
    assert await kept(faced) == ([] if is_whole else [org.id])


async def test_what_was_removed_while_nobody_looked_is_noticed_at_a_start(
    slack: Slack, index: IndexReader, settings: Settings
) -> None:
    slack.rates.tiers.clear()
    async with opened_face(slack, index, settings) as faced:
        team, ann = await installed(faced)
        general = slack.add_channel(team, "general")
        await slack.player(ann, general).types("/matome digest add time:9:30")
        (digest,) = await faced.stores.subscriptions.every()
        assert digest.place.workspace == team.id
        await faced.stores.installations.delete("slack", team.id)
        assert not gone(faced, team)
    async with opened_face(slack, index, settings) as faced:
        assert gone(faced, team)


async def test_a_bot_of_its_own_workspace_tells_the_operator(
    slack: Slack, index: IndexReader, settings: Settings
) -> None:
    team = slack.add_team("one")
    token = slack.install(team)
    async with opened_face(slack, index, settings, token) as faced:
        assert faced.said == ["Logged in to “one” in Slack as matome."]
        assert await faced.tells(REVOKED, team.id) == 200
        await faced.handled()
        # It was another one.
        assert len(faced.said) == 1
        slack.uninstall(installation_of(slack, team))
        await faced.handled()
        # Both events say so; it is told once.
        assert len(faced.said) == 2
        assert "SLACK_BOT_TOKEN" in faced.said[1]
        assert gone(faced, team)
