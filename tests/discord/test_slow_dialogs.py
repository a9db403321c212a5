"""Dialogs that take long to be opened, or to be answered."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.chat.forms import Form
from bot.view import Action
from tests.discord.asking import fields, opened
from tests.discord.scene import Scene
from tests.discord.server.interactions import DEFER, DEFER_UPDATE
from tests.discord.stage import read


class Pondering(Chat):
    """Thinks for longer than people wait, until it may answer."""

    def __init__(self, inner: Chat) -> None:
        self._inner = inner
        self.may = asyncio.Event()

    async def asked(self, *args: Any) -> Reply | Form:
        await self.may.wait()
        return await self._inner.asked(*args)

    async def pressed(self, code: str, context: Context) -> Reply | Form:
        await self.may.wait()
        return await self._inner.pressed(code, context)

    async def submitted(self, code: str, values: Mapping[str, str], context: Context) -> Reply:
        await self.may.wait()
        return await self._inner.submitted(code, values, context)

    async def codes_of(self, *args: Any) -> Mapping[Action, str]:
        return await self._inner.codes_of(*args)


def ponder(scene: Scene, dialog_patience: float = 0.01) -> Pondering:
    """Let the scene's bot be slow."""
    chat = Pondering(scene.bot.chat)
    events = scene.connected.client._events
    assert events is not None
    object.__setattr__(events.answering, "chat", chat)
    object.__setattr__(events.answering, "patience", 0.01)
    object.__setattr__(events.answering, "dialog_patience", dialog_patience)
    return chat


async def promised(scene: Scene, kind: int) -> None:
    """Wait until an answer has been promised."""
    made = scene.discord.interactions
    assert await scene.discord.changes.until(
        lambda: any(each.answer == kind and not each.edits for each in made.values()), 5
    )


async def test_where_it_is_too_late_for_a_dialog_the_button_is_there_again(scene: Scene) -> None:
    boss, settings, _ = await opened(scene, time="9:30")
    chat = ponder(scene)
    pressing = asyncio.create_task(boss.clicks(settings, "変更"))
    await promised(scene, DEFER)
    chat.may.set()
    late = await pressing
    assert late.private
    assert not late.edited
    assert "もう一度" in read(late.text)
    ponder(scene, dialog_patience=10).may.set()
    modal = await boss.clicks(late, "入力する")
    assert fields(modal)["時刻"] == "9:30"
    assert (await boss.submits(modal, 時刻="8:00")).edited


async def test_a_slow_command_is_answered_with_the_button_too(scene: Scene) -> None:
    boss, _, _ = await opened(scene, time="9:30")
    chat = ponder(scene, dialog_patience=10)
    asking = asyncio.create_task(boss.types("/digest edit"))
    await promised(scene, DEFER)
    chat.may.set()
    modal = await boss.clicks(await asking, "入力する")
    assert fields(modal)["時刻"] == "9:30"


async def test_a_dialog_is_waited_for_longer_than_an_answer(scene: Scene) -> None:
    boss, settings, _ = await opened(scene)
    chat = ponder(scene, dialog_patience=10)
    pressing = asyncio.create_task(boss.clicks(settings, "変更"))
    other = asyncio.create_task(boss.clicks(settings, "プレビュー"))
    await promised(scene, DEFER)
    chat.may.set()
    assert (await pressing).modal is not None
    assert (await other).private


async def test_a_slow_answer_to_a_dialog_is_promised_first(scene: Scene) -> None:
    boss, _, modal = await opened(scene, time="9:30")
    chat = ponder(scene)
    submitting = asyncio.create_task(boss.submits(modal, 時刻="8:00"))
    await promised(scene, DEFER_UPDATE)
    chat.may.set()
    seen = await submitting
    assert seen.edited
    assert "毎日 8:00" in read(seen.text)


async def test_a_slow_complaint_does_not_take_the_place_of_the_settings(scene: Scene) -> None:
    boss, settings, modal = await opened(scene, time="9:30")
    chat = ponder(scene)
    submitting = asyncio.create_task(boss.submits(modal, 時刻="いつか"))
    await promised(scene, DEFER_UPDATE)
    chat.may.set()
    told = await submitting
    assert told.shown is not settings.shown
    assert "入力しなおす" in told.labels
