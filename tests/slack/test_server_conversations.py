"""Channels, people and history as the app can read them."""

from tests.slack.conftest import Town
from tests.slack.server import Kind
from tests.slack.test_server_messages import refused


async def test_channels_are_listed_in_pages(town: Town) -> None:
    slack, client = town.slack, town.client
    slack.add_channel(town.team, "hidden", Kind.PRIVATE, bot=False)
    inside = slack.add_channel(town.team, "inside", Kind.PRIVATE)
    old = slack.add_channel(town.team, "old")
    slack.archive(old)
    types = "public_channel,private_channel"
    first = await client.conversations_list(types=types, limit=2)
    assert [one["name"] for one in first["channels"]] == ["general", "inside"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_list(types=types, limit=2, cursor=cursor)
    assert [one["name"] for one in rest["channels"]] == ["old"]
    assert not rest["response_metadata"]["next_cursor"]
    open_ones = await client.conversations_list(types=types, exclude_archived=True)
    assert [one["name"] for one in open_ones["channels"]] == ["general", "inside"]
    own = await client.users_conversations(types="private_channel", user=town.ann.id)
    assert [one["id"] for one in own["channels"]] == [inside.id]
    assert (await refused(client.conversations_list(types="rooms")))["error"] == "invalid_types"
    asking = client.conversations_list(cursor="nonsense!")
    assert (await refused(asking))["error"] == "invalid_cursor"


async def test_a_channel_and_its_members(town: Town) -> None:
    info = await town.client.conversations_info(channel=town.general.id, include_num_members=True)
    told = info["channel"]
    assert (told["is_member"], told["is_private"], told["num_members"]) == (True, False, 4)
    members = (await town.client.conversations_members(channel=town.general.id))["members"]
    assert {town.ann.id, town.boss.id} < set(members)


async def test_a_channel_is_joined(town: Town) -> None:
    other = town.slack.add_channel(town.team, "other", bot=False)
    asking = town.client.conversations_history(channel=other.id)
    assert (await refused(asking))["error"] == "not_in_channel"
    assert (await town.client.conversations_join(channel=other.id))["channel"]["is_member"]
    assert not (await town.client.conversations_history(channel=other.id))["messages"]


async def test_direct_messages_are_opened_once(town: Town) -> None:
    first = await town.client.conversations_open(users=town.ann.id)
    again = await town.client.conversations_open(users=town.ann.id, return_im=True)
    assert again["channel"]["user"] == town.ann.id
    assert first["channel"]["id"] == again["channel"]["id"]
    group = await town.client.conversations_open(users=[town.ann.id, town.boss.id])
    assert town.slack.channels[group["channel"]["id"]].kind is Kind.MPIM
    assert (await refused(town.client.conversations_open(users="U0")))["error"] == "user_not_found"


async def test_history_has_no_replies_and_comes_in_pages(town: Town) -> None:
    slack, client, channel = town.slack, town.client, town.general
    said = [slack.post(channel, town.ann, {"text": str(number)}) for number in range(5)]
    reply = slack.post(channel, town.ann, {"text": "reply", "thread_ts": said[0].ts})
    page = await client.conversations_history(channel=channel.id, limit=3)
    assert [one["text"] for one in page["messages"]] == ["4", "3", "2"]
    assert page["has_more"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=channel.id, limit=3, cursor=cursor)
    assert [one["text"] for one in rest["messages"]] == ["1", "0"]
    assert not rest["has_more"]
    assert rest["messages"][-1]["reply_count"] == 1
    since = await client.conversations_history(channel=channel.id, oldest=said[3].ts)
    assert [one["text"] for one in since["messages"]] == ["4"]
    since = await client.conversations_history(
        channel=channel.id, oldest=said[3].ts, latest=said[3].ts, inclusive=True
    )
    assert [one["text"] for one in since["messages"]] == ["3"]
    thread = await client.conversations_replies(channel=channel.id, ts=said[0].ts)
    assert [one["ts"] for one in thread["messages"]] == [said[0].ts, reply.ts]
    asking = client.conversations_replies(channel=channel.id, ts="1.000000")
    assert (await refused(asking))["error"] == "thread_not_found"
    asking = client.conversations_history(channel=channel.id, oldest="yesterday")
    assert (await refused(asking))["error"] == "invalid_ts_oldest"


async def test_people(town: Town) -> None:
    slack = town.slack
    zoe = slack.add_user(
        town.team, "zoe", owner=True, locale="en-GB", zone="Europe/London", offset=0
    )
    told = (await town.client.users_info(user=zoe.id, include_locale=True))["user"]
    assert (told["tz"], told["locale"], told["is_admin"]) == ("Europe/London", "en-GB", True)
    told = (await town.client.users_info(user=town.ann.id))["user"]
    assert (told["is_admin"], "locale" in told) == (False, False)
    guest = slack.add_user(town.team, "guest", guest="single")
    assert (await town.client.users_info(user=guest.id))["user"]["is_ultra_restricted"]
    assert (await refused(town.client.users_info(user="U0")))["error"] == "user_not_found"


async def test_the_workspace_and_the_bot(town: Town) -> None:
    assert (await town.client.team_info())["team"]["domain"] == "readers"
    told = (await town.client.bots_info(bot=town.slack.bot(town.team).bot_id))["bot"]
    assert told["app_id"] == town.slack.app.id
    assert (await refused(town.client.bots_info(bot="B0")))["error"] == "bot_not_found"
    assert (await town.client.api_test(foo="bar"))["args"] == {"foo": "bar"}
    assert (await refused(town.client.api_test(error="my_error")))["error"] == "my_error"
    teams = (await town.client.auth_teams_list())["teams"]
    assert [one["id"] for one in teams] == [town.team.id]
