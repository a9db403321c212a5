"""The bot in many workspaces: which token is used where, and how tokens are made anew."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.errors import TargetGone, TryLater
from tests.logged import events
from tests.slack.installed import Installed
from tests.slack.installed import many as many
from tests.slack.server import Trouble, Way
from tests.slack.there import BEFORE, KEY, There, saying, utc_now
from tests.slack.there import there as there

HOUR = timedelta(hours=1)
MINUTES = timedelta(minutes=2)


async def test_a_bot_with_a_token_of_its_own_is_in_one_workspace(there: There) -> None:
    workspaces = there.platform.workspaces
    assert list(await workspaces.all()) == [there.town.team.id]
    member = await workspaces.member(there.town.team.id)
    bot = there.slack.bot(there.town.team)
    assert (member.bot, member.user, member.installer) == (bot.bot_id, bot.id, None)
    with pytest.raises(TargetGone):
        await workspaces.member("T99999999")
    assert there.asked("auth.test") == 1


async def test_a_token_of_an_organisation_names_the_organisation(there: There) -> None:
    slack, team = there.slack, there.town.team
    slack.app.org = True
    team.enterprise = slack.add_enterprise("group")
    own = there.town.token.installation
    assert own is not None
    own.removed = True
    token = slack.install(team, there.town.ann, org=True)
    slack.invite_bot(there.channel)
    platform = there.again(token=token)
    (workspace,) = await platform.workspaces.all()
    assert workspace == team.enterprise.id
    reference = await platform.post(f"{workspace}/{there.channel.id}", saying("a"), KEY)
    assert reference.startswith(f"{workspace}/")


async def test_each_workspace_has_its_own_token(many: Installed) -> None:
    slack = many.slack
    targets = []
    for name in ("one", "two"):
        team = slack.add_team(name)
        workspace = await many.keep(slack.install(team))
        targets.append(f"{workspace}/{slack.add_channel(team, 'general').id}")
    before = utc_now() - BEFORE
    for target in targets:
        reference = await many.platform.post(target, saying("a"), KEY)
        assert await many.replica().platform.find(target, KEY, before) == reference
    assert list(await many.workspaces.all()) == sorted(each.split("/")[0] for each in targets)
    # No channel is reached with the token of another workspace.
    first, second = (target.split("/") for target in targets)
    with pytest.raises(TargetGone):
        await many.platform.post(f"{first[0]}/{second[1]}", saying("a"), KEY)
    with pytest.raises(TargetGone):
        await many.platform.post(f"T99999999/{first[1]}", saying("a"), KEY)


async def test_an_organisation_is_one_workspace(many: Installed) -> None:
    slack = many.slack
    slack.app.org = True
    enterprise = slack.add_enterprise("group")
    teams = [slack.add_team(name, enterprise) for name in ("one", "two")]
    operator = slack.add_user(teams[0], "operator")
    workspace = await many.keep(slack.install(teams[0], operator, org=True))
    assert workspace == enterprise.id
    for team in teams:
        person = slack.add_user(team, "person")
        channel = slack.add_channel(team, "general")
        target = f"{workspace}/{channel.id}"
        reference = await many.platform.post(target, saying("a"), KEY)
        found = await many.platform.find(target, KEY, utc_now() - BEFORE)
        assert found == reference
        assert await many.platform.may_manage(target, f"{workspace}/{person.id}")
        direct = await many.platform.open_dm(f"{workspace}/{person.id}")
        assert await many.platform.post(direct, saying("a"), KEY)
        # An organisation has no one list of people; who has installed it is told.
        told = await many.platform.whom_to_tell(target)
        assert list(told) == [f"{workspace}/{operator.id}"]
    assert not slack.complaints


async def test_who_has_installed_it_is_told_first_then_the_owner(many: Installed) -> None:
    slack = many.slack
    team = slack.add_team("one")
    owner = slack.add_user(team, "owner", owner=True)
    installer = slack.add_user(team, "installer")
    workspace = await many.keep(slack.install(team, installer))
    target = f"{workspace}/{slack.add_channel(team, 'general').id}"
    both = [f"{workspace}/{installer.id}", f"{workspace}/{owner.id}"]
    assert list(await many.platform.whom_to_tell(target)) == both
    # The owner need not be found for that.
    slack.troubles.plan("users.list", Trouble(Way.STATUS))
    assert list(await many.replica().platform.whom_to_tell(target)) == both[:1]


async def test_what_another_replica_does_is_noticed_within_a_minute(many: Installed) -> None:
    slack = many.slack
    team = slack.add_team("one")
    workspace = await many.keep(slack.install(team))
    await many.workspaces.member(workspace)
    other = many.replica()
    await other.store.async_delete_all(enterprise_id=None, team_id=workspace)
    await many.workspaces.member(workspace)
    slack.clock.advance(MINUTES)
    with pytest.raises(TargetGone):
        await many.workspaces.member(workspace)
    # Whoever is told of it forgets it at once.
    await many.keep(slack.install(team))
    await many.workspaces.member(workspace)
    await other.store.async_delete_all(enterprise_id=None, team_id=workspace)
    many.workspaces.forget(workspace)
    with pytest.raises(TargetGone):
        await many.workspaces.member(workspace)


async def test_a_token_that_is_soon_over_is_made_anew_once(many: Installed) -> None:
    slack = many.slack
    slack.app.rotation = True
    team = slack.add_team("one")
    old = slack.install(team)
    workspace = await many.keep(old, slack.clock.now() + HOUR)
    members = await asyncio.gather(*[many.workspaces.member(workspace) for _ in range(5)])
    (token,) = {member.client.token for member in members}
    assert token != old.value
    await members[0].client.auth_test()
    # Others have it from the state.
    assert (await many.replica().workspaces.member(workspace)).client.token == token
    asked = [name for _, name in slack.requests]
    assert asked.count("oauth.v2.access") == 1
    assert not slack.complaints


async def test_of_two_replicas_that_do_it_at_once_both_go_on(many: Installed) -> None:
    slack = many.slack
    slack.app.rotation = True
    workspace = await many.keep(slack.install(slack.add_team("one")), slack.clock.now() + HOUR)
    other = many.replica()
    slack.troubles.plan("oauth.v2.access", Trouble(Way.SLOW, seconds=0.2), 2)
    members = await asyncio.gather(
        many.workspaces.member(workspace), other.workspaces.member(workspace)
    )
    for member in members:
        await member.client.auth_test()
    # A minute later both have the new one.
    slack.clock.advance(MINUTES)
    again = [await each.workspaces.member(workspace) for each in (many, other)]
    assert len({member.client.token for member in again}) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(Way.STATUS),
        Trouble(Way.RESET),
        Trouble(Way.LIMITED, seconds=30),
        Trouble(Way.BODY, 200, body=b"ok", kind="text/plain"),
    ],
)
async def test_a_token_that_is_good_still_serves_while_none_can_be_made(
    many: Installed, trouble: Trouble
) -> None:
    slack = many.slack
    slack.app.rotation = True
    old = slack.install(slack.add_team("one"))
    workspace = await many.keep(old, slack.clock.now() + HOUR)
    slack.troubles.plan("oauth.v2.access", trouble)
    assert (await many.workspaces.member(workspace)).client.token == old.value
    slack.clock.advance(MINUTES)
    assert (await many.workspaces.member(workspace)).client.token != old.value


async def test_a_token_that_is_over_ends_nothing(
    many: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    slack = many.slack
    slack.app.rotation = True
    team = slack.add_team("one")
    old = slack.install(team)
    workspace = await many.keep(old, slack.clock.now() - HOUR)
    old.refreshed = True
    target = f"{workspace}/{slack.add_channel(team, 'general').id}"
    with caplog.at_level(logging.WARNING), pytest.raises(TryLater) as later:
        await many.platform.post(target, saying("a"), KEY)
    assert later.value.seconds == 300
    (event,) = events(caplog)
    assert event["workspace"] == workspace
    assert "invalid_refresh_token" in event["cause"]
    assert old.value not in caplog.text
    assert old.refresh not in caplog.text
    # Installed anew, it goes on at once.
    await many.keep(slack.install(team), slack.clock.now() + HOUR)
    many.workspaces.forget(workspace)
    assert await many.platform.post(target, saying("a"), KEY)
