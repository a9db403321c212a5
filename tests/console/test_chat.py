"""The border of an answer: Ctrl-C, cancelling, and views that cannot be shown."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from adapters.console.chat import Conversation, answer_prompts
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.locales import Texts
from bot.view import Effect, Moment, Paragraph, View
from tests.logged import only_incident

# West of Greenwich at the beginning of time there is no date.
UNSHOWABLE = View("x", (Paragraph((Moment(datetime.min.replace(tzinfo=UTC)),)),))
WEST = ZoneInfo("America/Los_Angeles")


class SlowChat:
    """Answers "slow" never, and presses Ctrl-C meanwhile."""

    def __init__(self, meanwhile: Callable[[], object] | None = None) -> None:
        self._meanwhile = meanwhile or (lambda: os.kill(os.getpid(), signal.SIGINT))
        self.ended = False

    async def typed(self, text: str, context: Context) -> Reply:
        if text == "slow":
            self._meanwhile()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                self.ended = True
        return Reply(UNSHOWABLE if text == "unshowable" else View(text, ()), Effect.OPEN)


async def said(*lines: str, chat: SlowChat | None = None) -> list[str]:
    printed: list[str] = []
    texts = Texts("ja")

    async def write(text: str) -> None:
        printed.append(text)

    async def cancelled() -> None:
        printed.append("cancelled")

    typed: Iterator[str | None] = iter([*lines, None])

    async def ask() -> str | None:
        return next(typed)

    screen = Screen(write, Paper, texts, WEST)
    conversation = Conversation(cast(Chat, chat or SlowChat()), screen, texts)
    await answer_prompts(ask, conversation, cancelled)
    return printed


async def test_ctrl_c_cancels_the_answer_and_the_next_line_is_answered() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert await said("gpu", "slow", "ai") == ["gpu\n\n", "cancelled", "ai\n\n"]
    assert signal.getsignal(signal.SIGINT) is before


async def test_who_cancels_the_chat_waits_for_its_answer() -> None:
    begun = asyncio.Event()
    chat = SlowChat(begun.set)
    running = asyncio.create_task(said("slow", chat=chat))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert chat.ended


async def test_a_view_that_cannot_be_shown_is_an_incident_and_the_chat_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        apology, answer = await said("unshowable", "ai")
    assert only_incident(caplog)["incident"] in apology
    assert answer == "ai\n\n"


async def test_where_nothing_can_be_written_the_chat_ends() -> None:
    async def write(text: str) -> None:
        raise BrokenPipeError

    texts = Texts("ja")
    conversation = Conversation(cast(Chat, SlowChat()), Screen(write, Paper, texts, WEST), texts)
    with pytest.raises(BrokenPipeError):
        await conversation.say("ai")
