"""Interactions: answers in time and once, what may be answered, and how people see them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.discord.bodies import button, layout, row, text
from tests.discord.clients import Wire, faults
from tests.discord.hands import Hand, waiting
from tests.discord.server import Discord, NoAnswer, NotOffered, Player
from tests.discord.server.world import Channel, Message

PRIVATE = 1 << 6


async def test_an_interaction_is_answered_once(wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        status, answer = await hand.answer(4, layout(text("hello")))
        assert (status, answer["resource"]["type"]) == (200, 4)
        assert answer["resource"]["message"]["components"][0]["content"] == "hello"
        status, answer = await hand.answer(4, {"content": "again"})
        assert (status, answer["code"]) == (400, 40060)


async def test_after_three_seconds_an_interaction_is_unknown(wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        wire.server.clock.advance(timedelta(seconds=3.1))
        status, answer = await Hand(wire, interaction).answer(4, {"content": "late"})
        assert (status, answer) == (404, {"message": "Unknown interaction", "code": 10062})


async def test_an_unknown_interaction_is_unknown(wire: Wire) -> None:
    status, answer = await wire.ask("POST", "/interactions/1/nothing/callback", {"type": 5})
    assert (status, answer["code"]) == (404, 10062)


async def test_the_token_lasts_15_minutes(wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        status, answer = await hand.follow({"content": "too early"})
        assert (status, answer["code"]) == (404, 10015)
        await hand.answer(5, {"flags": PRIVATE})
        wire.server.clock.advance(timedelta(minutes=14))
        assert (await hand.edit({"content": "in time"}))[0] == 200
        wire.server.clock.advance(timedelta(minutes=1, seconds=1))
        for status, answer in (
            await hand.edit({"content": "late"}),
            await hand.follow({"content": "late"}),
        ):
            assert (status, answer["code"]) == (401, 50027)


async def test_a_deferred_private_answer_is_private(wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        _, promised = await hand.answer(5, {"flags": PRIVATE})
        assert promised["interaction"]["response_message_loading"]
        status, answer = await hand.edit(layout(text("hello")))
        assert status == 200
        assert answer["flags"] == PRIVATE | 1 << 15
        assert not reader.place.messages
        (entry,) = wire.server.journal
        assert (entry.what, entry.private) == ("answer", True)
        # A thread cannot hang on it.
        path = f"/channels/{reader.place.id}/messages/{answer['id']}/threads"
        status, answer = await wire.ask("POST", path, {"name": "thread"})
        assert (status, answer["code"]) == (404, 10008)


async def test_the_first_follow_up_takes_the_place_of_a_deferred_answer(
    wire: Wire, reader: Player
) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        _, promised = await hand.answer(5)
        _, first = await hand.follow({"content": "one"})
        _, second = await hand.follow({"content": "two"})
        assert first["id"] == promised["interaction"]["response_message_id"] != second["id"]
        assert list(reader.place.messages) == [int(first["id"]), int(second["id"])]


@pytest.mark.parametrize("kind", [1, 6, 7, 8])
async def test_a_command_takes_no_other_answers(kind: int, wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        status, answer = await Hand(wire, interaction).answer(kind, {"content": "word"})
        assert status == 400
        assert faults(answer) == {("type", "BASE_TYPE_CHOICES")}


async def test_an_answer_is_held_to_the_limits_of_messages(wire: Wire, reader: Player) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        status, answer = await hand.answer(4, layout(text("x" * 4001)))
        assert status == 400
        assert ("data.components.0.content", "BASE_TYPE_BAD_LENGTH") in faults(answer)
        # It can be made up for: nothing has been answered yet.
        assert (await hand.answer(4, layout(text("short"))))[0] == 200
        status, answer = await hand.follow({"content": "x" * 2001})
        assert faults(answer) == {("content", "BASE_TYPE_MAX_LENGTH")}


async def test_what_is_offered_is_25_at_most(wire: Wire, reader: Player) -> None:
    doing = asyncio.create_task(reader.completes("/matome", "query", "g"))
    await asyncio.sleep(0)
    (interaction,) = wire.server.interactions.values()
    hand = Hand(wire, interaction)
    offered = [{"name": f"gpu {number}", "value": f"gpu {number}"} for number in range(26)]
    status, answer = await hand.answer(8, {"choices": offered})
    assert faults(answer) == {("data.choices", "BASE_TYPE_MAX_LENGTH")}
    long = [{"name": "x" * 101, "value": "x"}]
    status, answer = await hand.answer(8, {"choices": long})
    assert faults(answer) == {("data.choices.0.name", "BASE_TYPE_BAD_LENGTH")}
    long = [{"name": "x", "value": "x" * 101}]
    status, answer = await hand.answer(8, {"choices": long})
    assert faults(answer) == {("data.choices.0.value", "BASE_TYPE_BAD_LENGTH")}
    assert (await hand.answer(8, {"choices": offered[:25]}))[0] == 200
    assert await doing == [one["value"] for one in offered[:25]]
    assert status == 400


async def test_nothing_in_time_is_what_a_person_sees(reader: Player) -> None:
    with pytest.raises(NoAnswer):
        await replace(reader, first=0.05).types("/matome", query="gpu")


async def test_a_promise_that_is_not_kept_is_seen_too(wire: Wire, reader: Player) -> None:
    doing = asyncio.create_task(replace(reader, patience=0.05).types("/matome", query="gpu"))
    await asyncio.sleep(0)
    (interaction,) = wire.server.interactions.values()
    await Hand(wire, interaction).answer(5)
    with pytest.raises(NoAnswer):
        await doing


async def test_people_can_only_do_what_discord_offers(server: Discord, reader: Player) -> None:
    with pytest.raises(NotOffered):
        await reader.types("/unknown")
    with pytest.raises(NotOffered):
        await reader.types("/matome")
    with pytest.raises(NotOffered):
        await reader.types("/matome", query="x" * 101)
    with pytest.raises(NotOffered):
        await reader.types("/matome", query="gpu", colour="red")
    with pytest.raises(NotOffered, match="rights"):
        await reader.types("/digest list")
    with pytest.raises(NotOffered, match="subcommands"):
        await server.player(server.owner, reader.place).types("/digest")
    with pytest.raises(NotOffered, match="place"):
        await reader.dm.types("/digest list")
    with pytest.raises(NoAnswer):
        await replace(reader.dm, first=0.01).types("/matome", query="gpu")
    foreign = replace(reader.at(server.add_private_channel(server.owner)), first=0.01)
    with pytest.raises(NotOffered, match="installed"):
        await foreign.types("/matome", query="gpu")
    with pytest.raises(NoAnswer):
        await replace(foreign, installed=True).types("/matome", query="gpu")


async def test_buttons_that_are_not_there_are_not_pressed(
    wire: Wire, reader: Player, channel: Channel
) -> None:
    _, sent = await wire.post(
        channel, layout(row(button("Open"), button("Off", "b", disabled=True)))
    )
    message: Message = channel.messages[int(sent["id"])]
    for which in ("Share", "Off"):
        with pytest.raises(NotOffered):
            await reader.clicks(message, which)
    with pytest.raises(NoAnswer):
        await replace(reader, first=0.01).clicks(message, "Open")
