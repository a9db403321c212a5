"""The terminal as a platform: posts at the same time, edits, and what other processes posted."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.console.platform import CHANNEL, ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.errors import TargetGone
from bot.locales import Texts
from bot.view import Paragraph, Posting, Run, View

NOW = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def printed() -> list[str]:
    """What was printed."""
    return []


@pytest.fixture
def screen(printed: list[str]) -> Screen:
    async def write(text: str) -> None:
        await asyncio.sleep(0)
        printed.append(text)

    return Screen(write, Paper, Texts("ja"), UTC)


@pytest.fixture
def platform(screen: Screen) -> ConsolePlatform:
    return ConsolePlatform(screen, screen.texts, lambda: NOW)


def posting(text: str) -> Posting:
    return Posting(View(text, (Paragraph((Run(text),)),)), "ja", {})


async def test_two_posts_at_once_are_two_messages(
    platform: ConsolePlatform, printed: list[str]
) -> None:
    first, second = await asyncio.gather(
        platform.post(CHANNEL, posting("一つめ"), "k1"),
        platform.post(CHANNEL, posting("二つめ"), "k2"),
    )
    assert first != second
    assert await platform.find(CHANNEL, "k1", NOW) == first
    assert await platform.find(CHANNEL, "k2", NOW) == second
    assert len(printed) == 2


async def test_an_edit_that_changes_nothing_prints_nothing(
    platform: ConsolePlatform, printed: list[str]
) -> None:
    reference = await platform.post(CHANNEL, posting("同じ"), "k1")
    await platform.edit(reference, posting("同じ"))
    assert len(printed) == 1
    await platform.edit(reference, posting("別の"))
    await platform.edit(reference, posting("同じ"))
    assert len(printed) == 3


async def test_messages_of_another_process_are_not_taken_for_its_own(
    platform: ConsolePlatform, screen: Screen
) -> None:
    before = await platform.post(CHANNEL, posting("前"), "k1")
    another = ConsolePlatform(screen, screen.texts, lambda: NOW, "another-")
    assert await another.post(CHANNEL, posting("後"), "k2") != before
    with pytest.raises(TargetGone):
        await another.edit(before, posting("x"))


@pytest.mark.parametrize("target", ["#general", "thread:m1"])
async def test_a_place_that_is_not_there_is_gone(platform: ConsolePlatform, target: str) -> None:
    with pytest.raises(TargetGone):
        await platform.can_post(target)
    assert await platform.can_post(CHANNEL) == await platform.can_post("dm:terminal") == ()
