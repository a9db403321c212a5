"""Where the bot is not in a channel: people there are told how to invite it."""

import pytest

from adapters.slack.failing import INVITE
from tests.slack.scene import Scene
from tests.slack.server import Kind
from tests.slack.server.world import Channel


def without_bot(scene: Scene, kind: Kind) -> Channel:
    return scene.slack.add_channel(scene.team, "closed", kind, members=[scene.ann], bot=False)


@pytest.mark.parametrize("kind", [Kind.PUBLIC, Kind.PRIVATE])
async def test_who_wants_a_digest_is_told_to_invite_the_bot(scene: Scene, kind: Kind) -> None:
    channel = without_bot(scene, kind)
    ann = scene.play(scene.ann, channel)
    refused = await ann.types("/matome digest add 9:00")
    assert INVITE in refused.text
    assert refused.private
    scene.slack.invite_bot(channel)
    made = await ann.types("/matome digest add 9:00")
    assert INVITE not in made.text
    assert "次回" in made.text
    # What the bot could not see has been asked.
    codes = [refusal.code for refusal in scene.slack.refusals]
    assert codes == (["channel_not_found"] if kind is Kind.PRIVATE else [])
    scene.slack.refusals.clear()
