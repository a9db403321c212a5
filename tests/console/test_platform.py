"""The terminal as a platform: posts at the same time."""

import asyncio
from datetime import UTC, datetime

from adapters.console.platform import CHANNEL, ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.locales import Texts
from bot.view import Paragraph, Posting, Run, View

NOW = datetime(2025, 7, 1, tzinfo=UTC)


async def test_two_posts_at_once_are_two_messages() -> None:
    printed: list[str] = []

    async def write(text: str) -> None:
        await asyncio.sleep(0)
        printed.append(text)

    texts = Texts("ja")
    platform = ConsolePlatform(Screen(write, Paper, texts, UTC), texts, lambda: NOW)
    views = [View(text, (Paragraph((Run(text),)),)) for text in ("一つめ", "二つめ")]
    first, second = await asyncio.gather(
        platform.post(CHANNEL, Posting(views[0], "ja", {}), "k1"),
        platform.post(CHANNEL, Posting(views[1], "ja", {}), "k2"),
    )
    assert first != second
    assert await platform.find(CHANNEL, "k1", NOW) == first
    assert await platform.find(CHANNEL, "k2", NOW) == second
    assert len(printed) == 2
