"""Answers that are slow, late, refused or wrong; and who is answered in which language."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta

import pytest

from bot.app import CLOCKS
from bot.chat.chat import Chat, Clocks, Reply
from bot.chat.context import Context
from bot.chat.floods import Floods
from bot.chat.views.delivered import note
from bot.errors import UserError
from bot.intent import Help
from bot.settings import Settings
from bot.view import Action, Button, Effect, Paragraph, Run, View
from storage.index.reader import IndexReader
from tests.guarded import broken_by
from tests.logged import events
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import Slack, Trouble, Way, opened_slack

HELP = Action(Help())
SAID = "十分に考えました"


class SlowChat(Chat):
    """Says the same to everything, once it may."""

    def __init__(self, inner: Chat) -> None:
        self._inner = inner
        self.may = asyncio.Event()
        self.failing: Exception | None = None
        self.view: View | None = None

    async def _said(self, effect: Effect) -> Reply:
        await self.may.wait()
        if self.failing is not None:
            raise self.failing
        return Reply(self.view or note(f"{SAID}。", Button("もう一度", HELP)), effect)

    async def commanded(self, text: str, context: Context) -> Reply:
        return await self._said(Effect.OPEN)

    async def typed(self, text: str, context: Context) -> Reply:
        return await self._said(Effect.OPEN)

    async def pressed(self, code: str, context: Context) -> Reply:
        return await self._said(Effect.REPLACE if context.may_replace else Effect.OPEN)

    async def codes_of(self, actions: Iterable[Action]) -> Mapping[Action, str]:
        return await self._inner.codes_of(actions)


def slowed(scene: Scene) -> SlowChat:
    """The scene's bot, which thinks for longer than people wait."""
    chat = SlowChat(scene.bot.chat)
    object.__setattr__(scene.connected.answering, "chat", chat)
    object.__setattr__(scene.connected.answering, "patience", 0.01)
    return chat


@pytest.fixture
def slow(scene: Scene) -> SlowChat:
    return slowed(scene)


@pytest.fixture
async def troubled(index: IndexReader, settings: Settings) -> AsyncIterator[Scene]:
    """A scene in which Slack refuses things."""
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        yield scene


def said(slack: Slack, words: str) -> int:
    """How often something was said."""
    return sum(words in str(entry.body) for entry in slack.journal.entries)


async def test_a_slow_command_is_told_to_wait_and_answered(scene: Scene, slow: SlowChat) -> None:
    ann = scene.play(scene.ann)
    waiting = await ann.types("/matome gpu")
    assert waiting.private
    assert waiting.text == "考えています…"
    slow.may.set()
    seen = await ann.sees(SAID)
    assert seen.private
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度"))
    assert await scene.slack.changes.until(lambda: scene.slack.link.idle, 10)
    slow.may.set()
    assert (await pressing).shown is seen.shown


async def test_a_slow_command_that_opens_a_dialog_leaves_no_promise(scene: Scene) -> None:
    object.__setattr__(scene.connected.events, "dialog_patience", 0.0)
    ann = scene.play(scene.ann)
    await ann.types("/matome digest", waits=False)
    assert (await ann.sees(lambda seen: seen.view is not None)).fields
    assert (await ann.sees("ダイアログを開きました")).private


@pytest.mark.parametrize("place", ["direct", "channel"])
async def test_a_slow_answer_to_a_message_takes_the_place_of_the_promise(
    scene: Scene, slow: SlowChat, place: str
) -> None:
    if place == "direct":
        promise = await scene.direct(scene.ann).says("gpu")
    else:
        promise = await scene.play(scene.ann).mentions("gpu")
    assert promise.text == "考えています…"
    slow.may.set()
    seen = await scene.play(scene.ann).sees(SAID)
    assert seen.shown is promise.shown


async def test_an_error_never_takes_the_place_of_what_was_pressed(
    scene: Scene, slow: SlowChat
) -> None:
    ann = scene.play(scene.ann)
    slow.may.set()
    await ann.types("/matome gpu", waits=False)
    seen = await ann.sees(SAID)
    slow.failing = UserError("chat.no_more")
    told = await ann.clicks(seen, "もう一度")
    assert told.shown is not seen.shown
    assert told.private
    assert SAID in seen.text


async def test_a_failure_nobody_thought_of_is_told_with_its_number(
    scene: Scene, slow: SlowChat, caplog: pytest.LogCaptureFixture
) -> None:
    slow.failing = RuntimeError("odd")
    slow.may.set()
    await scene.play(scene.ann).types("/matome gpu", waits=False)
    seen = await scene.play(scene.ann).sees("番号")
    assert "odd" not in seen.text
    (number,) = [event["incident"] for event in events(caplog) if "incident" in event]
    assert number in seen.text


async def test_what_breaks_a_limit_is_counted_and_still_answered(troubled: Scene) -> None:
    guard = troubled.connected.answering.guard
    slow = slowed(troubled)
    slow.may.set()
    slow.view = View("x", (Paragraph((Run("あ" * 20_000),)),))
    await troubled.play(troubled.ann).types("/matome gpu", waits=False)
    assert (await troubled.play(troubled.ann).sees("番号")).private
    assert broken_by(guard)
    broken_by(guard).clear()


async def test_a_response_url_that_is_over_is_no_end(troubled: Scene) -> None:
    slow, ann = slowed(troubled), troubled.play(troubled.ann)
    await ann.types("/matome gpu", waits=False)
    troubled.slack.clock.advance(timedelta(minutes=31))
    slow.may.set()
    seen = await ann.sees(SAID)
    assert seen.private
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度", waits=False))
    await pressing
    troubled.slack.clock.advance(timedelta(minutes=31))
    slow.may.set()
    again = await ann.sees(lambda one: SAID in one.text and one.shown is not seen.shown)
    assert again.private


@pytest.mark.parametrize("way", [Way.STATUS, Way.RESET, Way.LIMITED])
async def test_a_response_url_that_fails_is_no_end(troubled: Scene, way: Way) -> None:
    troubled.slack.troubles.plan("response_url", Trouble(way))
    seen = await troubled.play(troubled.ann).types("/matome gpu", waits=False)
    seen = await troubled.play(troubled.ann).sees("GPU")
    assert seen.private


async def test_a_message_that_slack_stumbles_over_is_answered(troubled: Scene) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    assert troubled.connected.events is not None
    object.__setattr__(troubled.connected.events.means, "sleep", sleep)
    troubled.slack.troubles.plan("chat.postMessage", Trouble(Way.LIMITED, seconds=3.0))
    troubled.slack.troubles.plan("chat.postMessage", Trouble(Way.STATUS))
    seen = await troubled.direct(troubled.ann).says("gpu")
    assert "GPU" in seen.text
    assert waited == [3.0, 2.0]


async def test_who_cannot_be_told_to_wait_is_answered_all_the_same(troubled: Scene) -> None:
    slow = slowed(troubled)
    troubled.slack.troubles.plan("chat.postMessage", Trouble(Way.LIMITED, seconds=30.0))
    saying = asyncio.create_task(troubled.direct(troubled.ann).says("gpu"))
    while not troubled.slack.troubles.met:
        assert not saying.done()
        await asyncio.sleep(0)
    slow.may.set()
    assert SAID in (await saying).text


async def test_what_nobody_listens_to_is_not_written_down(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    event = {"type": "odd", "text": "secret"}
    body = {"type": "event_callback", "team_id": scene.team.id, "event": event}
    scene.slack.link.tell(body)
    await scene.slack.settled()
    assert "secret" not in caplog.text


@pytest.mark.parametrize("place", ["direct", "channel"])
async def test_a_message_whose_answer_is_lost_is_answered_once(troubled: Scene, place: str) -> None:
    troubled.slack.troubles.plan("chat.postMessage", Trouble(Way.LOST))
    if place == "direct":
        person = troubled.direct(troubled.ann)
        seen = await person.says("gpu")
    else:
        person = troubled.play(troubled.ann)
        seen = await person.mentions("gpu")
    await troubled.connected.under_way.ended(10)
    assert [one for one in person.place.messages.values() if one.by_app] == [seen.shown]
    assert not troubled.slack.complaints


async def test_an_answer_that_was_deleted_is_said_anew(troubled: Scene) -> None:
    ann = troubled.direct(troubled.ann)
    seen = await ann.says("gpu")
    slow = slowed(troubled)
    pressing = asyncio.create_task(ann.clicks(seen, "開く"))
    await troubled.slack.settled()
    troubled.slack.remove(seen.shown)
    slow.may.set()
    again = await pressing
    assert again.gone or SAID in again.text
    assert (await ann.sees(SAID)).shown is not seen.shown


async def test_who_asks_too_often_is_asked_to_wait(index: IndexReader, settings: Settings) -> None:
    seconds = 0.0
    clocks = Clocks(CLOCKS.now, lambda: seconds)
    async with (
        opened_slack() as slack,
        opened_scene(slack, index, settings, clocks=clocks, floods=Floods()) as scene,
    ):
        ann = scene.play(scene.ann)
        for _ in range(20):
            assert "使い方" in (await ann.types("/matome help")).text
        refused = await ann.types("/matome help")
        assert refused.private
        assert "30秒" in refused.text
        # Others are answered, and so is she after a while; a message counts like a command.
        assert "使い方" in (await scene.play(scene.boss).types("/matome help")).text
        assert "30秒" in (await ann.dm.says("help")).text
        seconds = 30.5
        assert "使い方" in (await ann.types("/matome help")).text


async def test_everybody_is_answered_in_the_language_of_their_slack(scene: Scene) -> None:
    scene.ann.locale = "en-GB"
    ann, boss = scene.play(scene.ann), scene.play(scene.boss)
    assert "How to use it" in (await ann.types("/matome help")).text
    assert "使い方" in (await boss.types("/matome help")).text
    assert "How to use it" in (await ann.dm.says("help")).text
    # What all see is in the language of the settings.
    assert "使い方" in (await ann.mentions("help")).text
    asked = [name for _, name in scene.slack.requests if name == "users.info"]
    assert len(asked) == 2


async def test_without_the_scope_for_it_the_usual_language_is_spoken(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        kept = tuple(one for one in slack.app.scopes if one != "users:read")
        object.__setattr__(scene.token, "scopes", kept)
        scene.ann.locale = "en-GB"
        for _ in range(2):
            assert "使い方" in (await scene.play(scene.ann).types("/matome help")).text
        assert [one.code for one in slack.refusals] == ["missing_scope"]
