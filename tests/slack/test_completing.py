"""What is offered while somebody types in a dialog, whatever goes wrong."""

from dataclasses import replace
from typing import Any

import pytest

from bot.chat.guard import BrokenLimitError
from tests.guarded import broken_by
from tests.slack.scene import Scene


async def test_completion_that_fails_offers_what_was_typed(scene: Scene) -> None:
    acknowledged: list[Any] = []

    async def acknowledge(**answer: Any) -> None:
        acknowledged.append(answer["options"])

    events = scene.connected.events
    assert events is not None
    team = scene.team.id
    body = {"user": {"id": scene.ann.id}, "view": {"id": "V1"}, "value": "gp"}
    for patience, action_id in (
        (2.0, "field:no.such.command"),
        (2.0, "field:"),
        (2.0, "elsewhere"),
        (0.0, "field:digest.add.tags"),
    ):
        filling = replace(events.filling, patience=patience)
        await filling.complete({**body, "action_id": action_id}, team, acknowledge)
    assert [[one["value"] for one in options] for options in acknowledged] == [["gp"]] * 4


async def test_options_beyond_a_limit_are_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = {"text": {"type": "plain_text", "text": "x", "emoji": False}, "value": "x" * 151}
    monkeypatch.setattr("adapters.slack.filling.options_for", lambda found, typed: [option])
    acknowledged: list[Any] = []

    async def acknowledge(**answer: Any) -> None:
        acknowledged.append(answer["options"])

    events, guard = scene.connected.events, scene.connected.answering.guard
    assert events is not None
    body = {"user": {"id": scene.ann.id}, "view": {"id": "V1"}, "action_id": "elsewhere"}
    with pytest.raises(BrokenLimitError):
        await events.filling.complete(body, scene.team.id, acknowledge)
    assert broken_by(guard) == {"value of an option": 1}
    broken_by(guard).clear()
    # Slack has the last word.
    guard.strict = False
    await events.filling.complete(body, scene.team.id, acknowledge)
    assert len(acknowledged) == 1
    broken_by(guard).clear()
