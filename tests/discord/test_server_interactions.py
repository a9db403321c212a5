"""Interactions: answers in time and once, what may be answered, and how people see them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.discord.bodies import button, layout, row, text
from tests.discord.clients import Wire, faults
from tests.discord.server import Discord, NoAnswer, NotOffered, Player
from tests.discord.server.world import Channel, Interaction, Message

COMMAND = {
    "name": "matome",
    "description": "Search",
    "contexts": [0, 1, 2],
    "integration_types": [0, 1],
    "options": [
        {
            "type": 3,
            "name": "query",
            "description": "What",
            "required": True,
            "autocomplete": True,
            "max_length": 100,
        }
    ],
}
MANAGE = {
    "name": "digest",
    "description": "Digests",
    "default_member_permissions": "32",
    "contexts": [0],
    "options": [{"type": 1, "name": "list", "description": "All of them"}],
}
PRIVATE = 1 << 6


@pytest.fixture
async def reader(wire: Wire, channel: Channel) -> Player:
    server = wire.server
    ann = server.add_user("ann")
    assert channel.guild is not None
    server.join(channel.guild, ann)
    commands = [COMMAND, MANAGE, {"name": "Look", "type": 3}]
    await wire.ask("PUT", f"/applications/{server.bot.id}/commands", commands)
    return replace(server.player(ann, channel), first=10.0)


@asynccontextmanager
async def waiting(player: Player) -> AsyncIterator[Interaction]:
    """A person who waits for the answer to a command."""
    known = set(player.state.interactions)
    doing = asyncio.create_task(player.types("/matome", query="gpu"))
    await asyncio.sleep(0)
    (token,) = set(player.state.interactions) - known
    yield player.state.interactions[token]
    doing.cancel()
    await asyncio.wait({doing})


class Hand:
    """Answers an interaction by hand."""

    def __init__(self, wire: Wire, interaction: Interaction) -> None:
        self._wire = wire
        self._callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
        self._webhook = f"/webhooks/{wire.server.bot.id}/{interaction.token}"

    async def answer(self, kind: int, data: Any = None) -> tuple[int, Any]:
        body = {"type": kind, "data": data}
        return await self._wire.ask("POST", self._callback + "?with_response=1", body)

    async def edit(self, data: Any, message: str = "@original") -> tuple[int, Any]:
        return await self._wire.ask("PATCH", f"{self._webhook}/messages/{message}", data)

    async def follow(self, data: Any) -> tuple[int, Any]:
        return await self._wire.ask("POST", self._webhook, data)


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


def field(custom_id: str = "time", **more: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": custom_id, "style": 1, **more}


def dialog(**more: Any) -> dict[str, Any]:
    label = {"type": 18, "label": "Time", "component": field(**more)}
    return {"custom_id": "set", "title": "Digest", "components": [label]}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": "x" * 46}, "data.title"),
        ({"custom_id": "x" * 101}, "data.custom_id"),
        ({"components": []}, "data.components"),
        ({"components": dialog()["components"] * 6}, "data.components"),
        ({"components": dialog(max_length=4001)["components"]}, "max_length"),
        ({"components": dialog(placeholder="x" * 101)["components"]}, "placeholder"),
        ({"components": [{**dialog()["components"][0], "label": "x" * 46}]}, "label"),
        ({"components": [{**dialog()["components"][0], "description": "x" * 101}]}, "description"),
        ({"components": dialog(min_length=4001)["components"]}, "min_length"),
        ({"components": dialog(value="x" * 4001)["components"]}, "value"),
        ({"components": dialog(style=3)["components"]}, "style"),
        ({"components": [row(field(label="x" * 46))]}, "label"),
        ({"components": [row(field(label="Time"), field("b", label="Time"))]}, "components"),
        ({"components": [row(button())]}, "type"),
    ],
)
async def test_a_dialog_over_a_limit_is_refused(
    change: Any, path: str, wire: Wire, reader: Player
) -> None:
    async with waiting(reader) as interaction:
        status, answer = await Hand(wire, interaction).answer(9, dialog() | change)
        assert status == 400
        assert any(found.endswith(path) for found, _ in faults(answer))


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
