"""Ctrl-C while an answer is being made."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import cast
from zoneinfo import ZoneInfo

from adapters.console.chat import Conversation, answer_prompts
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.locales import Texts
from bot.view import Effect, View


class SlowChat:
    """Answers "slow" never, and presses Ctrl-C meanwhile."""

    async def typed(self, text: str, context: Context) -> Reply:
        if text == "slow":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        return Reply(View(text, ()), Effect.OPEN)


async def said(*lines: str) -> list[str]:
    printed: list[str] = []
    texts = Texts("ja")

    async def write(text: str) -> None:
        printed.append(text)

    async def cancelled() -> None:
        printed.append("cancelled")

    typed: Iterator[str | None] = iter([*lines, None])

    async def ask() -> str | None:
        return next(typed)

    screen = Screen(write, Paper, texts, ZoneInfo("UTC"))
    await answer_prompts(ask, Conversation(cast(Chat, SlowChat()), screen, texts), cancelled)
    return printed


async def test_ctrl_c_cancels_the_answer_and_the_next_line_is_answered() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert await said("gpu", "slow", "ai") == ["gpu\n\n", "cancelled", "ai\n\n"]
    assert signal.getsignal(signal.SIGINT) is before
