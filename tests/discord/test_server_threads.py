"""Threads, forum posts, direct messages, history and publishing: with rights and without."""

from datetime import timedelta
from typing import Any

import pytest

from tests.discord.bodies import layout, text
from tests.discord.clients import Wire, faults
from tests.discord.server import Discord, Kind
from tests.discord.server.world import Channel, Guild

Json = dict[str, Any]


def guild_of(channel: Channel) -> Guild:
    assert channel.guild is not None
    return channel.guild


async def posted(wire: Wire, channel: Channel, content: str = "word") -> str:
    status, answer = await wire.post(channel, {"content": content})
    assert status == 200, answer
    return str(answer["id"])


async def opened(wire: Wire, channel: Channel, message: str, **more: Any) -> tuple[int, Json]:
    path = f"/channels/{channel.id}/messages/{message}/threads"
    return await wire.ask("POST", path, {"name": "thread", **more})


async def test_a_message_has_one_thread_with_its_id(wire: Wire, channel: Channel) -> None:
    message = await posted(wire, channel)
    status, thread = await opened(wire, channel, message, auto_archive_duration=60)
    assert (status, thread["id"], thread["type"]) == (200, message, Kind.THREAD)
    assert thread["thread_metadata"]["auto_archive_duration"] == 60
    status, answer = await opened(wire, channel, message)
    assert (status, answer["code"]) == (400, 160004)
    _, shown = await wire.ask("GET", f"/channels/{channel.id}/messages/{message}")
    assert (shown["thread"]["id"], shown["flags"]) == (message, 1 << 5)
    assert [entry.message for entry in wire.server.journal.of("thread")] == [int(message)]


@pytest.mark.parametrize(
    ("more", "path", "code"),
    [
        ({"name": ""}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "x" * 101}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"auto_archive_duration": 61}, "auto_archive_duration", "BASE_TYPE_CHOICES"),
    ],
)
async def test_a_thread_over_a_limit_is_refused(
    more: Json, path: str, code: str, wire: Wire, channel: Channel
) -> None:
    status, answer = await opened(wire, channel, await posted(wire, channel), **more)
    assert (status, faults(answer)) == (400, {(path, code)})


async def test_threads_hang_on_messages_of_channels_alone(wire: Wire, channel: Channel) -> None:
    status, answer = await opened(wire, channel, "1")
    assert (status, answer["code"]) == (404, 10008)
    ann = wire.server.add_user("ann")
    wire.server.join(guild_of(channel), ann)
    _, dm = await wire.ask("POST", "/users/@me/channels", {"recipient_id": str(ann.id)})
    direct = wire.server.channels[int(dm["id"])]
    status, answer = await opened(wire, direct, await posted(wire, direct))
    assert (status, answer["code"]) == (400, 50024)


async def test_there_is_an_end_to_active_threads(wire: Wire, channel: Channel) -> None:
    guild_of(channel).thread_limit = 1
    first, second = await posted(wire, channel), await posted(wire, channel)
    assert (await opened(wire, channel, first))[0] == 200
    status, answer = await opened(wire, channel, second)
    assert (status, answer["code"]) == (400, 160006)
    wire.server.archive(wire.server.channels[int(first)])
    assert (await opened(wire, channel, second))[0] == 200


async def test_rights_for_threads(wire: Wire, channel: Channel) -> None:
    server = wire.server
    message = await posted(wire, channel)
    server.forbid(channel, server.bot, "create_public_threads")
    status, answer = await opened(wire, channel, message)
    assert (status, answer["code"]) == (403, 50013)
    server.forbid(channel, server.bot, "send_messages_in_threads")
    _, thread = await opened(wire, channel, message)
    status, answer = await wire.post(server.channels[int(thread["id"])], {"content": "word"})
    assert (status, answer["code"]) == (403, 50013)


async def test_an_archived_thread_opens_by_writing_and_a_locked_one_does_not(
    wire: Wire, channel: Channel
) -> None:
    server = wire.server
    message = await posted(wire, channel)
    await opened(wire, channel, message)
    thread = server.channels[int(message)]
    inside = await posted(wire, thread)
    server.archive(thread)
    path = f"/channels/{thread.id}/messages/{inside}"
    status, answer = await wire.ask("PATCH", path, {"content": "other"})
    assert (status, answer["code"]) == (400, 50083)
    await posted(wire, thread)
    _, shown = await wire.ask("GET", f"/channels/{thread.id}")
    assert shown["thread_metadata"]["archived"] is False
    server.archive(thread, locked=True)
    status, answer = await wire.post(thread, {"content": "word"})
    assert (status, answer["code"]) == (403, 160005)
    assert thread.archived
    server.delete_channel(thread)
    status, answer = await wire.post(thread, {"content": "word"})
    assert (status, answer["code"]) == (404, 10003)


@pytest.fixture
def forum(server: Discord, channel: Channel) -> Channel:
    guild = guild_of(channel)
    return server.add_channel(guild, "forum", Kind.FORUM, tags=("news",), tag_required=True)


async def test_a_forum_takes_threads_with_a_tag(wire: Wire, forum: Channel) -> None:
    status, answer = await wire.post(forum, {"content": "word"})
    assert (status, answer["code"]) == (400, 50008)
    path = f"/channels/{forum.id}/threads"
    body: Json = {"name": "post", "message": layout(text())}
    status, answer = await wire.ask("POST", path, body)
    assert (status, answer["code"]) == (400, 40067)
    status, answer = await wire.ask("POST", path, body | {"applied_tags": ["1"]})
    assert (status, answer["code"]) == (400, 10087)
    tags = [str(tag) for tag in forum.tags]
    status, answer = await wire.ask("POST", path, {"name": "post", "applied_tags": tags})
    assert faults(answer) == {("message", "BASE_TYPE_REQUIRED")}
    long = {"name": "post", "applied_tags": tags, "message": layout(text("x" * 4001))}
    status, answer = await wire.ask("POST", path, long)
    assert ("message.components.0.content", "BASE_TYPE_BAD_LENGTH") in faults(answer)
    status, answer = await wire.ask("POST", path, body | {"applied_tags": tags})
    assert (status, answer["parent_id"], answer["applied_tags"]) == (200, str(forum.id), tags)
    assert answer["message"]["id"] == answer["id"]
    threads = [one for one in guild_of(forum).channels.values() if one.is_thread]
    assert [str(one.id) for one in threads] == [answer["id"]]


async def test_direct_messages_may_be_closed(wire: Wire, channel: Channel) -> None:
    server = wire.server
    ann, ben = server.add_user("ann", dms_open=False), server.add_user("ben")
    server.join(guild_of(channel), ann)
    for person in (ann, ben):
        # Ben's are open, but he has nothing to do with the bot.
        _, dm = await wire.ask("POST", "/users/@me/channels", {"recipient_id": str(person.id)})
        direct = server.channels[int(dm["id"])]
        status, answer = await wire.post(direct, {"content": "word"})
        assert (status, answer["code"]) == (403, 50007)
    server.player(ben).writes("hello")
    await posted(wire, server.player(ben).place)
    status, answer = await wire.ask("POST", "/users/@me/channels", {"recipient_id": "1"})
    assert faults(answer) == {("recipient_id", "USER_UNKNOWN")}


async def test_history_before_after_and_around(wire: Wire, channel: Channel) -> None:
    wire.server.rates.buckets["GET /channels/{channel}/messages"] = (100, 1.0)
    ids = [await posted(wire, channel, str(number)) for number in range(7)]

    async def read(query: str) -> list[int]:
        status, found = await wire.ask("GET", f"/channels/{channel.id}/messages?{query}")
        assert status == 200, found
        return [ids.index(one["id"]) for one in found]

    assert await read("limit=3") == [6, 5, 4]
    assert await read(f"limit=3&before={ids[4]}") == [3, 2, 1]
    assert await read(f"limit=3&after={ids[1]}") == [4, 3, 2]
    assert await read(f"limit=3&around={ids[3]}") == [4, 3, 2]
    for limit in (0, 101):
        status, _ = await wire.ask("GET", f"/channels/{channel.id}/messages?limit={limit}")
        assert status == 400
    wire.server.forbid(channel, wire.server.bot, "read_message_history")
    assert await read("limit=3") == []


async def test_ids_tell_the_time(wire: Wire, channel: Channel) -> None:
    first = int(await posted(wire, channel))
    wire.server.clock.advance(timedelta(hours=1))
    second = int(await posted(wire, channel))
    assert abs(((second - first) >> 22) - 3_600_000) < 10_000


async def test_announcements_are_published_once(wire: Wire, channel: Channel) -> None:
    message = await posted(wire, channel)
    path = f"/channels/{channel.id}/messages/{message}/crosspost"
    status, answer = await wire.ask("POST", path)
    assert (status, answer["code"]) == (400, 50024)
    news = wire.server.add_channel(guild_of(channel), "news", Kind.ANNOUNCEMENT)
    message = await posted(wire, news)
    path = f"/channels/{news.id}/messages/{message}/crosspost"
    status, answer = await wire.ask("POST", path)
    assert (status, answer["flags"]) == (200, 1)
    status, answer = await wire.ask("POST", path)
    assert (status, answer["code"]) == (400, 40033)


async def test_messages_of_others_are_not_edited(wire: Wire, channel: Channel) -> None:
    ann = wire.server.add_user("ann")
    wire.server.join(guild_of(channel), ann)
    said = wire.server.player(ann, channel).writes("hello")
    path = f"/channels/{channel.id}/messages/{said.id}"
    status, answer = await wire.ask("PATCH", path, {"content": "other"})
    assert (status, answer["code"]) == (403, 50005)
    status, answer = await wire.ask("DELETE", path)
    assert (status, answer["code"]) == (403, 50013)
    own = await posted(wire, channel)
    path = f"/channels/{channel.id}/messages/{own}"
    assert (await wire.ask("DELETE", path))[0] == 204
    for method in ("GET", "PATCH", "DELETE"):
        body = {"content": "word"} if method == "PATCH" else None
        status, answer = await wire.ask(method, path, body)
        assert (status, answer["code"]) == (404, 10008)


async def test_how_long_threads_stay_open(wire: Wire, channel: Channel) -> None:
    for minutes in (60, 1440, 4320, 10080):
        message = await posted(wire, channel)
        status, answer = await opened(wire, channel, message, auto_archive_duration=minutes)
        assert status == 200
        assert answer["thread_metadata"]["auto_archive_duration"] == minutes
    _, answer = await opened(wire, channel, await posted(wire, channel))
    assert answer["thread_metadata"]["auto_archive_duration"] == 1440


async def test_a_thread_of_its_own_is_renamed_and_closed(wire: Wire, channel: Channel) -> None:
    _, thread = await opened(wire, channel, await posted(wire, channel))
    path = f"/channels/{thread['id']}"
    status, answer = await wire.ask("PATCH", path, {"name": "x" * 101})
    assert (status, faults(answer)) == (400, {("name", "BASE_TYPE_BAD_LENGTH")})
    status, answer = await wire.ask("PATCH", path, {"name": "x" * 100, "archived": True})
    assert (status, answer["thread_metadata"]["archived"]) == (200, True)
    # Locking is for those who may manage threads.
    status, answer = await wire.ask("PATCH", path, {"locked": True})
    assert (status, answer["code"]) == (403, 50013)


async def test_a_forum_post_has_five_tags_at_most(wire: Wire, channel: Channel) -> None:
    names = tuple(map(str, range(6)))
    forum = wire.server.add_channel(guild_of(channel), "forum", Kind.FORUM, tags=names)
    body = {"name": "post", "message": {"content": "word"}}
    tags = [str(tag) for tag in forum.tags]
    path = f"/channels/{forum.id}/threads"
    status, answer = await wire.ask("POST", path, {**body, "applied_tags": tags})
    assert (status, faults(answer)) == (400, {("applied_tags", "BASE_TYPE_MAX_LENGTH")})
    assert (await wire.ask("POST", path, {**body, "applied_tags": tags[:5]}))[0] == 200
