"""What is pressed in App Home and in modals is answered in modals, three deep at most."""

import asyncio
from collections.abc import Mapping

import pytest

from adapters.slack.carried import Carried
from bot.intent import AddDigest, Help, Tags
from bot.view import Action, Effect
from tests.slack.bodies import actions, button, dialog, home
from tests.slack.clients import client_of
from tests.slack.scene import Scene
from tests.slack.server import Seen
from tests.slack.test_answering import SAID, slowed


async def codes(scene: Scene, **pressed: Action) -> Mapping[str, str]:
    made = await scene.bot.chat.codes_of(pressed.values())
    return {name: made[action] for name, action in pressed.items()}


async def opened_home(scene: Scene) -> Seen:
    """An App Home with a button of each kind."""
    found = await codes(
        scene,
        使い方=Action(Help()),
        タグ=Action(Tags(), Effect.OPEN),
        毎日=Action(AddDigest(), Effect.OPEN),
    )
    buttons = [
        button(label, f"press:{number}", value=code)
        for number, (label, code) in enumerate(found.items())
    ]
    client = client_of(scene.slack, scene.token)
    await client.views_publish(user_id=scene.ann.id, view=home(actions(*buttons)))
    return Seen(view=scene.slack.homes[scene.team.id, scene.ann.id])


async def test_a_press_in_app_home_opens_a_modal(scene: Scene) -> None:
    ann, at_home = scene.play(scene.ann), await opened_home(scene)
    before = at_home.text
    for label, expected in (("使い方", "tag:GPU"), ("タグ", "ネットワーク")):
        seen = await ann.clicks(at_home, label)
        assert seen.dialog.body["type"] == "modal"
        assert expected in seen.text
    assert at_home.text == before


async def test_in_a_modal_answers_take_each_others_place(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    first = await ann.clicks(await opened_home(scene), "タグ")
    tagged = await ann.clicks(first, "GPU")
    post = await ann.clicks(tagged, "開く")
    assert post.dialog is tagged.dialog
    assert "メモリ帯域が足りない" in post.text
    comments = await ann.clicks(post, "コメントを読む")
    assert comments.dialog is post.dialog


async def test_nothing_is_shared_from_app_home(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    first = await ann.clicks(await opened_home(scene), "タグ")
    tagged = await ann.clicks(first, "GPU")
    assert not [label for label in tagged.labels if "共有" in label]


async def test_a_modal_that_was_opened_in_a_channel_shares_there(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    found = await codes(scene, タグ=Action(Tags()))
    carried = Carried(f"{scene.team.id}/{scene.channel.id}").written()
    body = dialog(actions(button("タグ", "press:1", value=found["タグ"])), private_metadata=carried)
    interaction = scene.slack.interact(scene.ann, scene.team)
    client = client_of(scene.slack, scene.token)
    made = await client.views_open(trigger_id=interaction.trigger_id, view=body)
    modal = Seen(view=scene.slack.views[made["view"]["id"]])
    tagged = await ann.clicks(await ann.clicks(modal, "タグ"), "GPU")
    await ann.clicks(tagged, "共有", waits=False)
    assert (await ann.sees("共有しました")).view is not None
    assert [one for one in scene.channel.messages.values() if one.by_app]


@pytest.mark.parametrize("carried", ["", "{", "[]", '{"at": "T1/C1"}', '{"at": 7}'])
async def test_what_a_modal_carries_may_be_old_or_odd(scene: Scene, carried: str) -> None:
    ann = scene.play(scene.ann)
    found = await codes(scene, タグ=Action(Tags()))
    body = dialog(actions(button("タグ", "press:1", value=found["タグ"])), private_metadata=carried)
    interaction = scene.slack.interact(scene.ann, scene.team)
    client = client_of(scene.slack, scene.token)
    made = await client.views_open(trigger_id=interaction.trigger_id, view=body)
    seen = await ann.clicks(scene.slack.views[made["view"]["id"]], "タグ")
    assert "ネットワーク" in seen.text
    assert not [label for label in seen.labels if "共有" in label]


async def test_modals_lie_three_deep_at_most(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    found = await codes(scene, more=Action(Tags(), Effect.OPEN))
    seen = await ann.clicks(await opened_home(scene), "タグ")
    shown = [seen.dialog]
    for _ in range(4):
        seen = await ann.presses(seen, "press:9", found["more"])
        shown.append(seen.dialog)
    assert len({one.id for one in shown}) == 3
    assert shown[2] is shown[3] is shown[4]


async def test_forged_values_in_modals_are_answered_kindly(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await ann.clicks(await opened_home(scene), "タグ")
    error = await ann.presses(seen, "press:1", "nonsense")
    assert error.dialog is not seen.dialog
    assert "ボタン" in error.text
    assert "ネットワーク" in seen.text


async def test_a_slow_answer_has_its_modal_in_time(scene: Scene) -> None:
    ann, at_home = scene.play(scene.ann), await opened_home(scene)
    slow = slowed(scene)
    waiting = await ann.clicks(at_home, "タグ")
    assert "考えています" in waiting.text
    slow.may.set()
    seen = await ann.sees(SAID)
    assert seen.dialog is waiting.dialog
    # In a modal that is replaced nothing has to be opened.
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度"))
    await scene.slack.settled()
    slow.may.set()
    assert (await pressing).dialog is seen.dialog


async def test_a_modal_that_was_closed_meanwhile_harms_nothing(scene: Scene) -> None:
    ann, at_home = scene.play(scene.ann), await opened_home(scene)
    slow = slowed(scene)
    waiting = await ann.clicks(at_home, "タグ")
    await ann.closes(waiting)
    slow.may.set()
    await scene.connected.under_way.ended(10)
    [refusal] = scene.slack.refusals
    assert refusal.code == "not_found"
    scene.slack.refusals.clear()
    await ann.clicks(at_home, "タグ")
    assert (await ann.sees(SAID)).view is not None


async def test_a_digest_of_ones_own_is_made_from_app_home(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    made = await ann.clicks(await opened_home(scene), "毎日")
    assert "次回" in made.text
