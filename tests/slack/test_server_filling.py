"""Filling in every kind of element, what the app then gets, and what it may answer wrongly."""

from collections.abc import AsyncIterator
from datetime import date, time
from typing import Any

import pytest

from tests.slack.bodies import (
    actions,
    dialog,
    input_block,
    mrkdwn,
    option,
    options,
    overflow,
    plain,
    section,
    select,
)
from tests.slack.clients import app_of, connected
from tests.slack.conftest import Town
from tests.slack.server import NoAnswer, NotOffered, Player
from tests.slack.server.filling import Value

Json = dict[str, Any]


class Stage:
    """An app that opens a dialog at the command, answers as it is told, and keeps what it got."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.view: Json = dialog(section())
        self.blocks: list[Json] = []
        self.ack: Json = {}
        self.options: Any = {"options": [option()]}
        self.got: list[Json] = []

    @property
    def ann(self) -> Player:
        return self.town.slack.player(self.town.ann, self.town.general)

    def show(self, *blocks: Json, **more: Any) -> None:
        self.view = dialog(*blocks, callback_id="d", submit=plain("OK"), **more)


@pytest.fixture
async def stage(town: Town) -> AsyncIterator[Stage]:
    app = app_of(town.slack, town.token)
    found = Stage(town)

    @app.command("/matome")
    async def command(ack: Any, client: Any, body: Json, respond: Any) -> None:
        await ack()
        if found.blocks:
            await respond(text="x", blocks=found.blocks)
        else:
            await client.views_open(trigger_id=body["trigger_id"], view=found.view)

    @app.view("d")
    async def submitted(ack: Any, body: Json) -> None:
        found.got.append(body)
        await ack(**found.ack)

    @app.view_closed("d")
    async def closed(ack: Any, body: Json) -> None:
        found.got.append(body)
        await ack()

    @app.action({"action_id": "menu"})
    async def acted(ack: Any, body: Json, respond: Any) -> None:
        found.got.append(body)
        await ack()
        if "response_url" in body:
            await respond(text="done")

    @app.options("tags")
    async def suggested(ack: Any) -> None:
        await ack(found.options)

    async with connected(app, town.slack):
        yield found
        await town.slack.settled()


@pytest.mark.parametrize(
    ("element", "value", "field", "held"),
    [
        ({"type": "plain_text_input"}, "gpu", "value", "gpu"),
        ({"type": "plain_text_input", "initial_value": "cpu"}, None, "value", None),
        ({"type": "email_text_input"}, "a@b.jp", "value", "a@b.jp"),
        ({"type": "url_text_input"}, "https://a.b", "value", "https://a.b"),
        ({"type": "number_input", "is_decimal_allowed": False}, 3, "value", "3"),
        ({"type": "datepicker"}, date(2026, 1, 2), "selected_date", "2026-01-02"),
        ({"type": "timepicker"}, time(8, 5), "selected_time", "08:05"),
        (
            {"type": "static_select", "options": options(3)},
            "option 1",
            "selected_option",
            option(1),
        ),
        (
            {"type": "multi_static_select", "options": options(3)},
            ["option 1", "value 2"],
            "selected_options",
            [option(1), option(2)],
        ),
        (
            {"type": "radio_buttons", "options": options(2)},
            "value 1",
            "selected_option",
            option(1),
        ),
        ({"type": "checkboxes", "options": options(2)}, "option 0", "selected_options", [option()]),
        ({"type": "conversations_select"}, "C1", "selected_conversation", "C1"),
        ({"type": "multi_users_select"}, ["U1"], "selected_users", ["U1"]),
        (
            {"type": "external_select", "action_id": "tags"},
            "option",
            "selected_option",
            option(),
        ),
    ],
)
async def test_a_value_is_held_and_sent(
    stage: Stage, element: Json, value: Value, field: str, held: Any
) -> None:
    named = {"action_id": "it", **element}
    stage.show(input_block(named, "It", block_id="b", optional=True))
    seen = await stage.ann.types("/matome")
    closed = await stage.ann.submits(seen, {"It": value}, waits=False)
    assert closed.closed
    (body,) = stage.got
    state = body["view"]["state"]["values"]["b"][named["action_id"]]
    assert (state["type"], state[field]) == (element["type"], held)
    assert body["type"] == "view_submission"


@pytest.mark.parametrize(
    ("element", "value", "said"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "3 to 3000 characters"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "no number"),
        (
            {"type": "number_input", "is_decimal_allowed": True, "max_value": "2"},
            "2.5",
            "at most 2",
        ),
        ({"type": "email_text_input"}, "nobody", "no e-mail address"),
        ({"type": "url_text_input"}, "nowhere", "no address"),
        ({"type": "static_select", "options": options(1)}, "other", "no option 'other'"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["U1", "U2"], "at most 1"),
        ({"type": "plain_text_input"}, "", "has to be filled in"),
        ({"type": "external_select", "min_query_length": 3}, "ab", "too short"),
    ],
)
async def test_what_slack_does_not_let_through(
    stage: Stage, element: Json, value: Value, said: str
) -> None:
    stage.show(input_block({"action_id": "tags", **element}, "It"))
    seen = await stage.ann.types("/matome")
    with pytest.raises(NotOffered, match=said):
        await stage.ann.submits(seen, It=value)
    assert not stage.got


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"response_action": "errors", "errors": {"other": "no"}}, "invalid_errors"),
        ({"response_action": "errors", "errors": {"b": ""}}, "invalid_errors"),
        ({"response_action": "update", "view": dialog(title="x" * 25)}, "invalid_arguments"),
        ({"response_action": "push", "view": dialog(title="")}, "invalid_arguments"),
    ],
)
async def test_a_wrong_answer_to_a_dialog_is_refused(
    stage: Stage, answer: Json, error: str
) -> None:
    stage.show(input_block(block_id="b"))
    stage.ack = answer
    seen = await stage.ann.types("/matome")
    with pytest.raises(NoAnswer, match=error):
        await stage.ann.submits(seen, b="x")
    assert stage.town.slack.refusals[0].code == error


async def test_a_dialog_is_cleared(stage: Stage) -> None:
    stage.show(input_block(block_id="b"))
    stage.ack = {"response_action": "clear"}
    seen = await stage.ann.types("/matome")
    assert (await stage.ann.submits(seen, b="x", waits=False)).closed
    assert not seen.dialog.open


async def test_all_dialogs_are_closed_by_the_cross(stage: Stage) -> None:
    stage.show(input_block(block_id="b"), notify_on_close=True)
    stage.ack = {"response_action": "push", "view": dialog(section(), callback_id="d")}
    seen = await stage.ann.types("/matome")
    pushed = await stage.ann.submits(seen, b="x")
    await stage.ann.closes(pushed, all_of_them=True)
    submission, closed = stage.got
    assert (submission["type"], closed["type"]) == ("view_submission", "view_closed")
    assert (closed["is_cleared"], closed["view"]["id"]) == (True, seen.dialog.id)
    assert not (seen.dialog.open or pushed.dialog.open)


@pytest.mark.parametrize(
    "answer",
    [
        {"options": options(101)},
        {"options": [option(label="x" * 76)]},
        {"options": [option(), option()]},
        {"options": [{"text": mrkdwn(), "value": "a"}]},
        {"choices": []},
    ],
)
async def test_wrong_options_are_refused(stage: Stage, answer: Json) -> None:
    stage.show(input_block({"type": "external_select", "action_id": "tags"}))
    stage.options = answer
    seen = await stage.ann.types("/matome")
    with pytest.raises(NoAnswer, match="invalid_options"):
        await stage.ann.loads(seen, "word")


async def test_a_hundred_options_and_none(stage: Stage) -> None:
    stage.show(input_block({"type": "external_select", "action_id": "tags"}))
    seen = await stage.ann.types("/matome")
    stage.options = {"options": options(100)}
    assert len(await stage.ann.loads(seen, "word")) == 100
    stage.options = {"options": []}
    assert await stage.ann.loads(seen, "word") == []
    stage.options = {"option_groups": [{"label": plain(), "options": options(2)}]}
    assert await stage.ann.loads(seen, "word") == ["option 0", "option 1"]


async def test_menus_of_a_message(stage: Stage) -> None:
    stage.blocks = [actions(select(*options(3)), block_id="b")]
    seen = await stage.ann.types("/matome")
    assert (await stage.ann.chooses(seen, "option 2")).text == "done"
    stage.blocks = [actions({**overflow(*options(2)), "action_id": "menu"})]
    seen = await stage.ann.types("/matome")
    await stage.ann.chooses(seen, "option 1")
    first, second = stage.got
    (action,) = first["actions"]
    assert (action["selected_option"], action["block_id"]) == (option(2), "b")
    assert first["state"]["values"]["b"]["menu"]["selected_option"] == option(2)
    assert (first["container"]["is_ephemeral"], "message" in first) == (True, False)
    assert second["actions"][0]["type"] == "overflow"
    assert action["action_ts"] != second["actions"][0]["action_ts"]


async def test_a_menu_of_a_dialog_acts_where_it_is_told_to(stage: Stage) -> None:
    quiet = input_block(select(*options(2)), block_id="b")
    stage.show(quiet)
    seen = await stage.ann.types("/matome")
    await stage.ann.chooses(seen, "option 1")
    assert not stage.got
    stage.show({**quiet, "dispatch_action": True})
    seen = await stage.ann.types("/matome")
    await stage.ann.chooses(seen, "option 1", waits=False)
    assert stage.got[0]["container"] == {"type": "view", "view_id": seen.dialog.id}
    assert stage.got[0]["view"]["state"]["values"]["b"]["menu"]["selected_option"] == option(1)


async def test_a_forged_press_reaches_the_app(stage: Stage) -> None:
    stage.blocks = [section()]
    seen = await stage.ann.types("/matome")
    assert (await stage.ann.presses(seen, "menu", "forged")).text == "done"
    assert stage.got[0]["actions"][0]["value"] == "forged"
