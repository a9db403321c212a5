"""Dialogs of the Discord of the tests: what it refuses, and how people fill them in."""

import asyncio
from typing import Any

import pytest

from tests.discord.bodies import button, row
from tests.discord.clients import Wire, faults
from tests.discord.hands import Hand, waiting
from tests.discord.server import NotOffered, Player, Seen
from tests.discord.server.seen import filled


def field(custom_id: str = "time", **more: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": custom_id, "style": 1, **more}


def menu(**more: Any) -> dict[str, Any]:
    options = [{"label": "Three", "value": "3"}, {"label": "Five", "value": "5", "default": True}]
    return {"type": 3, "custom_id": "posts", "options": options, **more}


def roles(**more: Any) -> dict[str, Any]:
    return {"type": 6, "custom_id": "role", "required": False, **more}


def labelled(component: dict[str, Any], label: str = "Posts") -> dict[str, Any]:
    return {"components": [{"type": 18, "label": label, "component": component}]}


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
        (labelled(button()), "type"),
        (labelled({"type": 18, "label": "x", "component": field()}), "type"),
        ({"components": [{"type": 18, "label": "x"}]}, "components.0.component"),
        (labelled(menu(min_values=0)), "min_values"),
        (labelled(menu(min_values=0, required=True)), "min_values"),
        (labelled(menu(disabled=True)), "disabled"),
        (labelled(menu(options=[])), "options"),
        (labelled(roles(default_values=[{"id": "x", "type": "role"}])), "id"),
        (labelled(roles(default_values=[{"id": "1", "type": "user"}])), "type"),
        (labelled(roles(default_values=[{"id": "1", "type": "role"}] * 2)), "default_values"),
    ],
)
async def test_a_dialog_over_a_limit_is_refused(
    change: Any, path: str, wire: Wire, reader: Player
) -> None:
    async with waiting(reader) as interaction:
        status, answer = await Hand(wire, interaction).answer(9, dialog() | change)
        assert status == 400
        assert any(found.endswith(path) for found, _ in faults(answer))


async def test_a_menu_of_a_dialog_may_be_left_as_it_is(wire: Wire, reader: Player) -> None:
    asked = [
        *labelled(menu(min_values=0, required=False))["components"],
        *labelled(roles(default_values=[{"id": "9", "type": "role"}]), "Role")["components"],
    ]
    async with waiting(reader) as interaction:
        status, _ = await Hand(wire, interaction).answer(9, dialog() | {"components": asked})
        assert status == 200
        opened = Seen(modal=interaction.modal)
    assert opened.modal is not None
    assert filled_in(opened.modal) == [["5"], ["9"]]
    assert filled_in(opened.modal, Posts=[], Role=[]) == [[], []]
    for odd in ({"Posts": "4"}, {"Posts": ["3", "5"]}, {"Nothing": "3"}):
        with pytest.raises(NotOffered):
            filled_in(opened.modal, **odd)


def filled_in(modal: dict[str, Any], **values: Any) -> list[list[str]]:
    return [one["component"]["values"] for one in filled(modal, values)]


async def test_a_dialog_is_the_first_answer_and_none_to_a_dialog(
    wire: Wire, reader: Player
) -> None:
    async with waiting(reader) as interaction:
        hand = Hand(wire, interaction)
        assert (await hand.answer(5))[0] == 200
        status, answer = await hand.answer(9, dialog())
        assert (status, answer["code"]) == (400, 40060)
        await hand.follow({"content": "word"})
    async with waiting(reader) as interaction:
        assert (await Hand(wire, interaction).answer(9, dialog()))[0] == 200
    opened = Seen(modal=dialog(), interaction=interaction)
    doing = asyncio.create_task(reader.submits(opened, Time="8:00"))
    await asyncio.sleep(0)
    *_, submitted = wire.server.interactions.values()
    hand = Hand(wire, submitted)
    status, answer = await hand.answer(9, dialog())
    assert faults(answer) == {("type", "BASE_TYPE_CHOICES")}
    # It came from no message, so there is none to change.
    status, answer = await hand.answer(7, {"content": "word"})
    assert faults(answer) == {("type", "BASE_TYPE_CHOICES")}
    assert (await hand.answer(4, {"content": "word"}))[0] == 200
    assert (await doing).text == "word"
