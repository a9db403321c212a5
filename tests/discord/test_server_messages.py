"""Messages on the wire: their ids, flags, pings and nonces, and who may write."""

from datetime import timedelta
from typing import Any

from tests.discord.bodies import V2, container, gallery, layout, rows, text
from tests.discord.clients import Wire, faults
from tests.discord.server import bits
from tests.discord.server.world import Channel


async def test_every_component_has_an_id_and_given_ones_stay(wire: Wire, channel: Channel) -> None:
    _, sent = await wire.post(channel, layout(text(id=2), container(text(), rows(1), id=9)))
    _, [kept] = await wire.ask("GET", f"/channels/{channel.id}/messages")
    assert kept["components"] == sent["components"]
    first, second = kept["components"]
    inner = second["components"]
    assert [first["id"], second["id"]] == [2, 9]
    assert [inner[0]["id"], inner[1]["id"], inner[1]["components"][0]["id"]] == [1, 3, 4]


async def test_the_flag_of_v2_cannot_be_taken_back(wire: Wire, channel: Channel) -> None:
    _, sent = await wire.post(channel, layout(text()))
    path = f"/channels/{channel.id}/messages/{sent['id']}"
    status, answer = await wire.ask("PATCH", path, {"flags": 0, "content": "word"})
    assert status == 400
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert faults(answer) == {("content", code)}
    status, answer = await wire.ask("PATCH", path, {"flags": 0, "components": [text("other")]})
    assert (status, answer["flags"]) == (200, V2)


async def test_an_old_message_becomes_v2_when_its_content_goes(
    wire: Wire, channel: Channel
) -> None:
    _, sent = await wire.post(channel, {"content": "word"})
    path = f"/channels/{channel.id}/messages/{sent['id']}"
    status, answer = await wire.ask("PATCH", path, layout(text()))
    assert status == 400
    status, answer = await wire.ask("PATCH", path, layout(text(), content=None, embeds=None))
    assert (status, answer["flags"], answer["content"]) == (200, V2, "")


async def test_what_discord_does_not_document_is_refused_if_wanted(
    wire: Wire, channel: Channel
) -> None:
    """A message in Japanese of less than 4,000 characters may be too many bytes."""
    kana = "\N{HIRAGANA LETTER A}"
    fitting = [
        layout(text(kana * 3386)),
        layout(text(kana * 3380), text("x" * 6)),
        layout(gallery(10), *[gallery(9) for _ in range(6)]),
    ]
    too_much = [
        layout(text(kana * 3386 + "x")),
        layout(text(kana * 3380), text("x" * 7)),
        layout(gallery(10), gallery(10), *[gallery(9) for _ in range(5)]),
    ]
    for body in fitting + too_much:
        assert (await wire.post(channel, body))[0] == 200
    wire.server.undocumented_limits = True
    for body in fitting:
        assert (await wire.post(channel, body))[0] == 200
    for body in too_much:
        assert (await wire.post(channel, body))[0] == 500


async def test_whom_a_message_pings(wire: Wire, channel: Channel) -> None:
    server, guild = wire.server, channel.guild
    assert guild is not None
    ann = server.add_user("ann")
    open_role = server.add_role(guild, "readers", mentionable=True)
    closed_role = server.add_role(guild, "staff")
    said = f"@everyone <@{ann.id}> <@&{open_role.id}> <@&{closed_role.id}>"

    async def pinged(**more: Any) -> tuple[bool, list[str], list[str]]:
        _, answer = await wire.post(channel, layout(text(said), **more))
        users = [user["username"] for user in answer["mentions"]]
        return answer["mention_everyone"], users, answer["mention_roles"]

    assert await pinged(allowed_mentions={"parse": []}) == (False, [], [])
    assert await pinged() == (False, ["ann"], [str(open_role.id)])
    one = {"parse": [], "roles": [str(open_role.id)]}
    assert await pinged(allowed_mentions=one) == (False, [], [str(open_role.id)])
    server.allow(channel, server.bot, "mention_everyone")
    both = [str(open_role.id), str(closed_role.id)]
    assert await pinged() == (True, ["ann"], both)


async def test_a_nonce_makes_a_message_once_for_some_minutes(wire: Wire, channel: Channel) -> None:
    body = {"content": "word", "nonce": "x" * 22, "enforce_nonce": True}
    _, first = await wire.post(channel, body)
    _, again = await wire.post(channel, {**body, "content": "other"})
    assert (again["id"], again["content"]) == (first["id"], "word")
    assert len(wire.server.journal.of("post")) == 1
    assert first["nonce"] == again["nonce"] == "x" * 22
    _, [kept] = await wire.ask("GET", f"/channels/{channel.id}/messages")
    assert "nonce" not in kept
    _, free = await wire.post(channel, {**body, "enforce_nonce": False})
    assert free["id"] != first["id"]
    wire.server.clock.advance(timedelta(minutes=4))
    _, later = await wire.post(channel, body)
    assert later["id"] not in (first["id"], free["id"])


async def test_without_rights_nothing_is_posted(wire: Wire, channel: Channel) -> None:
    server = wire.server
    server.forbid(channel, server.bot, "send_messages")
    status, answer = await wire.post(channel, {"content": "word"})
    assert (status, answer) == (403, {"message": "Missing Permissions", "code": 50013})
    server.forbid(channel, server.bot, "view_channel")
    status, answer = await wire.post(channel, {"content": "word"})
    assert (status, answer) == (403, {"message": "Missing Access", "code": 50001})
    assert server.rights(channel) & bits("send_messages") == 0
    server.delete_channel(channel)
    status, answer = await wire.post(channel, {"content": "word"})
    assert (status, answer) == (404, {"message": "Unknown Channel", "code": 10003})
