"""Every limit of a message: one over it is refused with Discord's own words, one at it is not."""

import pytest

from tests.discord import limits_of_messages, limits_of_texts
from tests.discord.bodies import Json
from tests.discord.clients import Wire, faults
from tests.discord.limits_of_messages import ACCEPTED
from tests.discord.server.world import Channel

REFUSED = {**limits_of_messages.REFUSED, **limits_of_texts.REFUSED}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_message_over_a_limit_is_refused(name: str, wire: Wire, channel: Channel) -> None:
    body, path, code = REFUSED[name]
    status, answer = await wire.post(channel, body)
    assert status == 400
    assert answer["message"] == "Invalid Form Body"
    assert (path, code) in faults(answer)
    assert not wire.server.journal.entries


@pytest.mark.parametrize("name", ACCEPTED)
async def test_a_message_at_a_limit_is_accepted(name: str, wire: Wire, channel: Channel) -> None:
    status, answer = await wire.post(channel, ACCEPTED[name])
    assert status == 200, answer


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"embeds": []}])
async def test_a_message_of_nothing_is_refused(body: Json, wire: Wire, channel: Channel) -> None:
    status, answer = await wire.post(channel, body)
    assert (status, answer["code"]) == (400, 50006)
