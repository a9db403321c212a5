"""Who decides about places of Slack, and who is told of them."""

from datetime import timedelta

import pytest

from adapters.slack.names import person_of, target_of
from bot.errors import TryLater
from tests.slack.server import Kind, Trouble, Way
from tests.slack.server.world import User
from tests.slack.there import There
from tests.slack.there import there as there


@pytest.mark.parametrize("kind", [Kind.PUBLIC, Kind.PRIVATE])
async def test_the_members_of_a_channel_decide_about_it(there: There, kind: Kind) -> None:
    ann, boss = there.town.ann, there.town.boss
    channel = there.slack.add_channel(there.town.team, "news", kind, members=[ann])
    stranger = there.slack.add_user(there.town.team, "stranger")

    async def may(user: User) -> bool:
        return await there.platform.may_manage(there.in_(channel), there.person(user))

    assert [await may(one) for one in (ann, boss, stranger)] == [True, False, False]


async def test_where_it_is_said_so_only_admins_decide(there: There) -> None:
    owner = there.slack.add_user(there.town.team, "owner", owner=True)
    platform = there.again(only_admins=True)

    async def may(user: User) -> bool:
        return await platform.may_manage(there.target, there.person(user))

    assert await may(there.town.boss)
    assert await may(owner)
    assert not await may(there.town.ann)
    assert not await platform.may_manage(there.target, f"{there.town.team.id}/U99999999")


async def test_an_admin_does_not_decide_about_a_private_channel_of_others(there: There) -> None:
    ann, boss = there.town.ann, there.town.boss
    channel = there.slack.add_channel(there.town.team, "closed", Kind.PRIVATE, members=[ann])
    platform, target = there.again(only_admins=True), there.in_(channel)
    assert not await platform.may_manage(target, there.person(boss))
    assert not await platform.may_manage(target, there.person(ann))
    channel.members[boss.id] = boss
    assert await there.again(only_admins=True).may_manage(target, there.person(boss))


async def test_admins_of_an_organisation_are_admins(there: There) -> None:
    enterprise = there.slack.add_enterprise("group")
    there.town.team.enterprise = enterprise
    enterprise.admins.add(there.town.ann.id)
    platform = there.again(only_admins=True)
    assert await platform.may_manage(there.target, there.person(there.town.ann))


async def test_direct_messages_are_the_business_of_one_person(there: There) -> None:
    direct = await there.platform.open_dm(there.person(there.town.ann))
    for platform in (there.platform, there.again(only_admins=True)):
        assert await platform.may_manage(direct, there.person(there.town.ann))
        assert not await platform.may_manage(direct, there.person(there.town.boss))
    assert list(await there.platform.can_post(direct)) == []


async def test_direct_messages_of_several_are_the_business_of_each(there: There) -> None:
    group = there.slack.add_group(there.town.ann, there.town.boss, team=there.town.team)
    stranger = there.slack.add_user(there.town.team, "stranger")
    target = there.in_(group)
    assert await there.platform.may_manage(target, there.person(there.town.ann))
    assert not await there.platform.may_manage(target, there.person(stranger))
    assert list(await there.platform.can_post(target)) == []


async def test_nobody_of_another_workspace_decides(there: There) -> None:
    assert not await there.platform.may_manage(there.target, f"T9/{there.town.ann.id}")


async def test_a_member_is_found_among_thousands(there: There) -> None:
    team = there.town.team
    people = [there.slack.add_user(team, f"person {number}") for number in range(2500)]
    crowd = there.slack.add_channel(team, "crowd")
    target = there.in_(crowd)
    assert await there.platform.may_manage(target, there.person(people[-1]))
    assert not await there.platform.may_manage(target, f"{team.id}/U99999999")
    assert there.asked("conversations.members") == 6


async def test_what_is_known_is_not_asked_again_for_a_minute(there: There) -> None:
    ann = there.person(there.town.ann)
    for _ in range(3):
        assert await there.platform.may_manage(there.target, ann)
        assert await there.platform.workspace(there.target)
    assert there.asked("conversations.members") == there.asked("conversations.info") == 1
    del there.channel.members[there.town.ann.id]
    there.slack.clock.advance(timedelta(seconds=61))
    assert not await there.platform.may_manage(there.target, ann)


async def test_whoever_writes_in_a_channel_is_a_member(there: There) -> None:
    """Of a private channel without the bot that cannot be asked."""
    closed = there.slack.add_channel(there.town.team, "closed", Kind.PRIVATE, bot=False)
    target, ann = target_of(there.in_(closed)), person_of(there.person(there.town.ann))
    there.platform.places.note(target, ann)
    assert await there.platform.may_manage(str(target), str(ann))
    strict = there.again(only_admins=True)
    strict.places.note(target_of(there.target), ann)
    assert not await strict.may_manage(there.target, str(ann))


async def test_the_owner_is_told(there: There) -> None:
    """Who has installed a bot with a token of its own is not known."""
    owner = next(iter(there.town.team.owners))
    expected = [f"{there.town.team.id}/{owner}"]
    assert list(await there.platform.whom_to_tell(there.target)) == expected
    direct = await there.platform.open_dm(there.person(there.town.ann))
    ann = [there.person(there.town.ann)]
    assert list(await there.platform.whom_to_tell(direct)) == ann
    # Of a channel that is gone as well.
    there.slack.delete_channel(there.channel)
    assert list(await there.again().whom_to_tell(there.target)) == expected


async def test_the_owner_is_looked_for_once_an_hour(there: There) -> None:
    for _ in range(3):
        await there.platform.whom_to_tell(there.target)
    assert there.asked("users.list") == 1
    there.slack.clock.advance(timedelta(minutes=61))
    await there.platform.whom_to_tell(there.target)
    assert there.asked("users.list") == 2


async def test_who_is_to_be_told_is_found_later_when_slack_is_away(there: There) -> None:
    there.slack.troubles.plan("users.list", Trouble(Way.STATUS))
    with pytest.raises(TryLater):
        await there.platform.whom_to_tell(there.target)
    assert await there.platform.whom_to_tell(there.target)
