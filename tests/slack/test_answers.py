"""Answers about digests, and what the bot says of its own accord, in Slack's form."""

import pytest

from adapters.slack.limits import LIMITS
from adapters.slack.render import rendered
from adapters.slack.validate import message_findings
from benchmarks.slack_reading import elements, labels, read_mrkdwn, readings
from bot.chat.codes import Codes
from bot.chat.context import Frame
from bot.locales import Texts
from tests.codes import MemoryCodes
from tests.discord.test_answers import answers
from tests.state.samples import NOW


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_answer_keeps_the_limits_and_mentions_nobody(language: str) -> None:
    frame = Frame(Texts(language), LIMITS, can_share=True, can_thread=True)
    codes = Codes(MemoryCodes())
    for view in answers(frame):
        given = await codes.encode(view.actions(), NOW)
        message = rendered(view, given, frame.texts).arguments()
        assert message_findings(message) == [], view.summary
        for reading in (*readings(message), *labels(message), read_mrkdwn(message["text"])):
            assert reading.kinds() <= {"bold", "time", "code", "preformatted"}, reading


async def test_all_of_a_view_can_be_pressed() -> None:
    frame = Frame(Texts("ja"), LIMITS)
    codes = Codes(MemoryCodes())
    for view in answers(frame):
        given = await codes.encode(view.actions(), NOW)
        message = rendered(view, given, frame.texts).arguments()
        found = [one["value"] for one in elements(message) if "value" in one]
        found += [o["value"] for one in elements(message) for o in one.get("options", ())]
        assert set(given.values()) <= set(found)
