"""Asking what may fail or hang: seldom, and without waiting for long."""

import asyncio

import pytest

from bot.errors import OperatorError, StateError
from bot.locales import Texts
from bot.watching.glance import Glance
from bot.watching.health import Health, reachable


class Source:
    """Something that is asked; `answers` may fail or never come. Time goes on when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.seconds = 0.0
        self.error: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self) -> int:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return self.asked

    def glance(self, within: float = 60.0) -> Glance[int]:
        return Glance(self, lambda: self.seconds, every=5.0, within=within)


async def test_it_asks_no_more_often_than_it_may() -> None:
    source = Source()
    glance = source.glance()
    assert [await glance.look(), await glance.look()] == [1, 1]
    source.seconds = 4.9
    assert await glance.look() == 1
    source.seconds = 5.0
    assert await glance.look() == 2
    await glance.close()


async def test_all_who_look_at_once_wait_for_one_answer() -> None:
    source = Source()
    source.answers.clear()
    glance = source.glance()
    looks = [asyncio.create_task(glance.look()) for _ in range(5)]
    await asyncio.sleep(0)
    source.answers.set()
    assert await asyncio.gather(*looks) == [1] * 5


async def test_a_failure_is_told_until_it_is_asked_again() -> None:
    source = Source()
    source.error = StateError("state.none", path="x")
    glance = source.glance()
    for _ in range(2):
        with pytest.raises(StateError):
            await glance.look()
    assert source.asked == 1
    source.error, source.seconds = None, 5.0
    assert await glance.look() == 2


async def test_what_does_not_answer_is_waited_for_once_and_not_asked_twice() -> None:
    source = Source()
    source.answers.clear()
    glance = source.glance(within=0.01)
    with pytest.raises(TimeoutError):
        await glance.look()
    source.seconds = 100.0
    with pytest.raises(TimeoutError):
        # At once: it has been waited for long enough.
        async with asyncio.timeout(0):
            await glance.look()
    assert source.asked == 1
    source.answers.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await glance.look() == 2
    await glance.close()


async def test_closed_it_is_not_asked_any_more() -> None:
    source = Source()
    source.answers.clear()
    glance = source.glance(within=0.01)
    with pytest.raises(TimeoutError):
        await glance.look()
    await glance.close()
    with pytest.raises(TimeoutError):
        await glance.look()


async def test_health_has_a_sentence_for_each_thing_that_is_missing() -> None:
    source, health = Source(), Health(Texts("en"))

    async def fine() -> None:
        return None

    health.needs("index", fine)
    health.needs("state", reachable(source.glance(within=0.01), 0.01))
    assert not await health.reasons()
    source.answers.clear()
    source.seconds = 5.0
    assert await health.reasons() == {"state": "There is no answer within 0.01 s."}
    source.answers.set()
    health.fail("discord", OperatorError("discord.bad_token"))
    source.seconds = 10.0
    assert list(await health.reasons()) == ["discord"]
    health.needs("discord", fine)
    assert not await health.reasons()
    health.leave()
    assert await health.reasons() == {"program": "The program is leaving."}


async def test_what_fails_while_health_is_asked_is_told_the_next_time() -> None:
    health = Health(Texts("en"))

    async def while_another_fails() -> None:
        health.fail("outbox", OperatorError("health.stopped", incident="0a1b2c3d"))

    health.needs("state", while_another_fails)
    assert not await health.reasons()
    assert list(await health.reasons()) == ["outbox"]
