"""What lasts only a while: trigger_ids, response_urls, and views that changed meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.bodies import actions, button, dialog, home, section
from tests.slack.clients import Wire
from tests.slack.conftest import Town
from tests.slack.server.world import Interaction, Message
from tests.slack.test_server_messages import refused


def pressed(town: Town, message: Message | None = None) -> Interaction:
    return town.slack.interact(town.ann, town.team, channel=town.general, message=message)


async def test_a_trigger_is_good_for_three_seconds(town: Town) -> None:
    interaction = pressed(town)
    town.slack.clock.advance(timedelta(seconds=3.1))
    asking = town.client.views_open(trigger_id=interaction.trigger_id, view=dialog(section()))
    assert (await refused(asking))["error"] == "expired_trigger_id"


async def test_a_trigger_is_good_once(town: Town) -> None:
    trigger = pressed(town).trigger_id
    await town.client.views_open(trigger_id=trigger, view=dialog(section()))
    asking = town.client.views_open(trigger_id=trigger, view=dialog(section()))
    assert (await refused(asking))["error"] == "exchanged_trigger_id"
    asking = town.client.views_open(trigger_id="1.2.3", view=dialog(section()))
    assert (await refused(asking))["error"] == "invalid_trigger_id"


async def test_dialogs_lie_three_deep_at_most(town: Town) -> None:
    slack, client = town.slack, town.client
    opened = await client.views_open(trigger_id=pressed(town).trigger_id, view=dialog(section()))
    view = slack.views[opened["view"]["id"]]
    for _ in range(2):
        trigger = slack.interact(town.ann, town.team, view=view).trigger_id
        pushed = await client.views_push(trigger_id=trigger, view=dialog(section()))
        assert pushed["view"]["root_view_id"] == opened["view"]["id"]
    trigger = slack.interact(town.ann, town.team, view=view).trigger_id
    asking = client.views_push(trigger_id=trigger, view=dialog(section()))
    assert (await refused(asking))["error"] == "push_limit_reached"


async def test_a_view_that_changed_meanwhile(town: Town) -> None:
    client = town.client
    opened = await client.views_open(
        trigger_id=pressed(town).trigger_id, view=dialog(section(), external_id="mine")
    )
    view_id, first = opened["view"]["id"], opened["view"]["hash"]
    await client.views_update(view_id=view_id, hash=first, view=dialog(section("two")))
    asking = client.views_update(view_id=view_id, hash=first, view=dialog(section("three")))
    assert (await refused(asking))["error"] == "hash_conflict"
    asking = client.views_update(view_id="V0", view=dialog(section()))
    assert (await refused(asking))["error"] == "not_found"
    again = dialog(section(), external_id="one")
    await client.views_update(view_id=view_id, view=again)
    trigger = pressed(town).trigger_id
    asking = client.views_open(trigger_id=trigger, view=again)
    assert (await refused(asking))["error"] == "duplicate_external_id"


async def test_a_home_is_published(town: Town) -> None:
    client = town.client
    first = await client.views_publish(user_id=town.ann.id, view=home(section()))
    await client.views_publish(user_id=town.ann.id, view=home(section("two")))
    asking = client.views_publish(
        user_id=town.ann.id, view=home(section()), hash=first["view"]["hash"]
    )
    assert (await refused(asking))["error"] == "hash_conflict"
    town.slack.app.home_tab = False
    asking = client.views_publish(user_id=town.ann.id, view=home(section()))
    assert (await refused(asking))["error"] == "not_enabled"
    asking = client.views_publish(user_id="U0", view=home(section()))
    assert (await refused(asking))["error"] == "user_not_found"


async def test_a_response_url_is_good_five_times(town: Town) -> None:
    hook = AsyncWebhookClient(town.slack.response_url(pressed(town)))
    for number in range(5):
        assert (await hook.send(text=str(number))).body == "ok"
    sixth = await hook.send(text="six")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    assert [one.text for one in town.general.ephemeral] == list("01234")
    assert not town.general.messages


async def test_a_response_url_is_good_for_half_an_hour(wire: Wire, town: Town) -> None:
    url = town.slack.response_url(pressed(town))
    town.slack.clock.advance(timedelta(minutes=29))
    assert (await wire.answer(url, {"text": "x"}))[0] == 200
    town.slack.clock.advance(timedelta(minutes=2))
    status, said = await wire.answer(url, {"text": "x"})
    assert (status, "expired_url" in said) == (404, True)
    status, said = await wire.answer(f"{town.slack.origin}/actions/T0/1/none", {"text": "x"})
    assert (status, "invalid_url" in said) == (404, True)


async def test_a_response_url_replaces_and_deletes(wire: Wire, town: Town) -> None:
    bot = town.slack.bot(town.team)
    blocks = [actions(button())]
    body: dict[str, Any] = {"text": "x", "blocks": blocks}
    message = town.slack.post(town.general, bot, body, by_app=True, only_for=town.ann)
    url = town.slack.response_url(pressed(town, message))
    body = {"text": "y", "replace_original": True, "response_type": "in_channel"}
    assert (await wire.answer(url, body))[0] == 200
    assert (message.text, message.blocks, message.only_for) == ("y", [], town.ann)
    assert (await wire.answer(url, {"delete_original": True}))[0] == 200
    assert not town.general.ephemeral
    status, said = await wire.answer(url, {"text": "z", "replace_original": True})
    assert (status, "message_not_found" in said) == (400, True)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ([], "invalid_payload"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        ({"text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
    ],
)
async def test_a_response_url_is_as_strict(wire: Wire, town: Town, body: Any, error: str) -> None:
    status, said = await wire.answer(town.slack.response_url(pressed(town)), body)
    assert (status, error in said) == (400, True)
    assert not town.slack.journal.entries


async def test_an_unknown_field_of_a_response_is_noted(wire: Wire, town: Town) -> None:
    await wire.answer(town.slack.response_url(pressed(town)), {"text": "x", "colour": "red"})
    assert town.slack.odd_requests == ["response_url: unknown fields ['colour']"]
    town.slack.odd_requests.clear()
