"""Every limit of messages and views: one over it is refused as by Slack, one at it is not."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.slack import limits_of_blocks, limits_of_elements, limits_of_views, within_limits
from tests.slack.bodies import Json, dialog, home, section
from tests.slack.conftest import Town
from tests.slack.limits_of_views import HOMES_REFUSED

REFUSED = {**limits_of_blocks.REFUSED, **limits_of_elements.REFUSED}
ACCEPTED = {**within_limits.ACCEPTED, **limits_of_elements.ACCEPTED}


def trigger(town: Town) -> str:
    return town.slack.interact(town.ann, town.team, channel=town.general).trigger_id


@pytest.mark.parametrize("name", REFUSED)
async def test_blocks_over_a_limit_are_refused(name: str, town: Town) -> None:
    blocks, path, said = REFUSED[name]
    with pytest.raises(SlackApiError) as refused:
        await town.client.chat_postMessage(channel=town.general.id, text="x", blocks=blocks)
    answer: Any = refused.value.response.data
    assert answer["error"] == "invalid_blocks"
    assert f"{said} [json-pointer:{path}]" in answer["errors"]
    assert f"[ERROR] {said} [json-pointer:{path}]" in answer["response_metadata"]["messages"]
    assert not town.slack.journal.entries
    assert not town.general.messages


@pytest.mark.parametrize("name", ACCEPTED)
async def test_blocks_at_a_limit_are_accepted(name: str, town: Town) -> None:
    blocks = ACCEPTED[name]
    answer = await town.client.chat_postMessage(channel=town.general.id, text="x", blocks=blocks)
    assert answer["ok"]
    assert not town.slack.findings


@pytest.mark.parametrize("name", ["51 blocks", "an action_id twice in a block"])
async def test_other_ways_of_a_message_are_as_strict(name: str, town: Town) -> None:
    blocks, _, _ = REFUSED[name]
    client, channel = town.client, town.general.id
    ts = (await client.chat_postMessage(channel=channel, text="x"))["ts"]
    link = town.slack.post(town.general, town.ann, {"text": "<https://example.com/a>"})
    link.unfurl_id = "one"
    for asking in (
        client.chat_update(channel=channel, ts=ts, text="x", blocks=blocks),
        client.chat_postEphemeral(channel=channel, user=town.ann.id, text="x", blocks=blocks),
        client.chat_unfurl(
            channel=channel, ts=link.ts, unfurls={"https://example.com/a": {"blocks": blocks}}
        ),
    ):
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await asking
    assert [entry.what for entry in town.slack.journal] == ["post"]


@pytest.mark.parametrize("name", limits_of_views.REFUSED)
async def test_a_dialog_over_a_limit_is_refused(name: str, town: Town) -> None:
    view, path, said = limits_of_views.REFUSED[name]
    await _refused(town.client.views_open(trigger_id=trigger(town), view=view), path, said)
    assert not town.slack.views


@pytest.mark.parametrize("name", limits_of_views.ACCEPTED)
async def test_a_dialog_at_a_limit_is_accepted(name: str, town: Town) -> None:
    view = limits_of_views.ACCEPTED[name]
    assert (await town.client.views_open(trigger_id=trigger(town), view=view))["ok"]


@pytest.mark.parametrize("name", HOMES_REFUSED)
async def test_a_home_over_a_limit_is_refused(name: str, town: Town) -> None:
    view, path, said = HOMES_REFUSED[name]
    await _refused(town.client.views_publish(user_id=town.ann.id, view=view), path, said)


async def test_a_changed_dialog_is_as_strict(town: Town) -> None:
    opened = await town.client.views_open(trigger_id=trigger(town), view=dialog(section()))
    view: Json = dialog(section(), title="x" * 25)
    asking = town.client.views_update(view_id=opened["view"]["id"], view=view)
    await _refused(asking, "/view/title/text", "must be less than 25 characters")


async def test_a_view_that_is_too_large_is_refused(town: Town) -> None:
    big = home(*[section("x" * 2900) for _ in range(90)])
    with pytest.raises(SlackApiError, match="view_too_large"):
        await town.client.views_publish(user_id=town.ann.id, view=big)


async def _refused(asking: Any, path: str, said: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        await asking
    answer: Any = refused.value.response.data
    assert answer["error"] == "invalid_arguments"
    assert f"[ERROR] {said} [json-pointer:{path}]" in answer["response_metadata"]["messages"]
