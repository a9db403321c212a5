"""Answers about digests, and what the bot says of its own accord, in Discord's form."""

from dataclasses import replace
from datetime import time

import pytest

from adapters.discord.limits import LIMITS
from adapters.discord.render import body, rendered
from adapters.discord.validate import message_findings
from benchmarks.discord_reading import components, read, texts
from bot.chat.codes import Codes
from bot.chat.context import Frame
from bot.chat.failures import apology
from bot.chat.unfolding import Unfolded
from bot.chat.views.announcement import gone_view, stopped_view
from bot.chat.views.delivered import under_way
from bot.chat.views.deliveries import Deliveries, status_view
from bot.chat.views.subscription import (
    forget_view,
    list_view,
    remove_view,
    settings_view,
)
from bot.errors import UserError
from bot.intent import DigestStatus, ListDigests, ShowDigest, Stopped
from bot.locales import Texts
from bot.outbox import Op, Outcome, Row
from bot.subscription import Change, Subscription, Wishes
from bot.view import View
from tests.codes import MemoryCodes
from tests.discord.test_markdown import EVIL
from tests.state.samples import MADE, NOW, subscription

EVIL_TAGS = tuple(text.strip() or "x" for text in EVIL[:40])
EVIL_WISHES = Wishes(wanted=EVIL_TAGS, unwanted=EVIL_TAGS, role="<@&1>")
ROW = Row(
    1, "key", "discord", Op.POST, ShowDigest("2026-11-21", 1), "ja", "1", None, (), "s1",
    NOW, NOW, NOW, NOW, 1, Outcome.FORBIDDEN, None, NOW, "**@everyone** <@1>",
)  # fmt: skip


def evil_subscription() -> Subscription:
    return replace(MADE, wishes=EVIL_WISHES)


def answers(frame: Frame) -> list[View]:
    """Every kind of answer, with as much as there can be in it."""
    spoken, evil = frame.texts, evil_subscription()
    many = [
        replace(
            subscription(f"s{number}", wishes=EVIL_WISHES),
            times=replace(MADE.times, at=time(number)),
        )
        for number in range(20)
    ]
    changes = [Change(NOW, person, "edit", "**x** <@1>") for person in ("1", "2", None)]
    rows = [replace(ROW, id=number) for number in range(9)]
    there = Deliveries(evil, rows, {}, changes, "@everyone")
    stopped = [Stopped("s1", "gone"), Stopped("s1", "forbidden", "Send Messages")]
    return [
        settings_view(evil, "", frame, NOW),
        settings_view(replace(MADE, due=None), "変更しました", frame, NOW),
        *(list_view(many, ListDigests(start=start), frame) for start in (0, 10)),
        list_view([], ListDigests(personal=True), frame),
        remove_view(evil, frame),
        forget_view(frame),
        status_view(there, DigestStatus("s1"), frame, "1"),
        status_view(Deliveries(MADE, [], {}, []), DigestStatus("s1"), frame, "1"),
        *(stopped_view(said, evil, "https://discord.com/channels/1/2", frame) for said in stopped),
        gone_view(frame),
        under_way(Unfolded(1, 5, True), "https://discord.com/channels/1/3", spoken, is_new=True),
        apology(UserError("query.too_long", limit=5), spoken, "a test"),
    ]


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_answer_keeps_the_limits_and_mentions_nobody(language: str) -> None:
    frame = Frame(Texts(language), LIMITS, can_share=True, can_thread=True)
    codes = Codes(MemoryCodes())
    for view in answers(frame):
        message = body(rendered(view, await codes.encode(view.actions(), NOW), frame.texts))
        assert message_findings(message) == [], view.summary
        for text in texts(message):
            assert read(text).kinds() <= {"heading", "bold", "small", "time", "code"}, text


async def test_all_of_a_view_can_be_pressed() -> None:
    frame = Frame(Texts("ja"), LIMITS)
    codes = Codes(MemoryCodes())
    for view in answers(frame):
        given = await codes.encode(view.actions(), NOW)
        message = body(rendered(view, given, frame.texts))
        found = [one["custom_id"] for one in components(message) if one.get("custom_id")]
        found += [o["value"] for one in components(message) for o in one.get("options", ())]
        assert set(given.values()) <= set(found)
