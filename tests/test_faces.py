"""Several platforms on one bot: how they are connected, refused and left."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from adapters.console.platform import ConsolePlatform
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat
from bot.errors import MatomeError, OperatorError
from bot.locales import Texts
from bot.ports import Platform
from bot.running.faces import Checked, Route, run_faces
from bot.running.holding import Holding
from bot.stores import GetStores, Stores
from tests.logged import only_incident


async def nowhere(text: str) -> None:
    """A screen that nobody looks at."""


class TerminalFace:
    """A terminal, to which something of the test's own happens while it is connected."""

    def __init__(self, life: Callable[[], Awaitable[None]]) -> None:
        texts = Texts("en")
        screen = Screen(nowhere, Paper, texts, UTC)
        self.platform: Platform = ConsolePlatform(screen, texts, lambda: datetime.now(UTC))
        self._life = life

    @property
    def links(self) -> Mapping[str, bool]:
        return {}

    def lacking(self) -> MatomeError | None:
        return None

    def routes(self) -> Sequence[Route]:
        return ()

    def attend(
        self, chat: Chat, arrivals: Arrivals, get_stores: GetStores, holding: Holding
    ) -> None:
        """Nobody types anything."""

    async def run(self) -> None:
        await self._life()

    async def checks(self, stores: Stores | None) -> AsyncIterator[Checked]:
        yield Checked(True, "a terminal")

    async def close(self) -> None:
        """There is nothing to close."""


async def for_ever() -> None:
    await asyncio.Event().wait()


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def life() -> None:
        raise error

    return life


async def test_one_that_is_refused_is_told_while_the_others_go_on() -> None:
    told: list[OperatorError] = []
    refusal, heard = OperatorError("discord.bad_token"), asyncio.Event()

    def refused(name: str, error: OperatorError) -> None:
        told.append(error)
        heard.set()

    faces = [TerminalFace(for_ever), TerminalFace(failing(refusal))]
    running = asyncio.create_task(run_faces(faces, refused))
    await asyncio.wait_for(heard.wait(), 10)
    assert told == [refusal]
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_when_none_is_left_the_last_failure_is_raised() -> None:
    told: list[OperatorError] = []
    heard = asyncio.Event()
    first, last = OperatorError("discord.bad_token"), OperatorError("discord.intents")

    def refused(name: str, error: OperatorError) -> None:
        told.append(error)
        heard.set()

    async def later() -> None:
        await heard.wait()
        raise last

    with pytest.raises(OperatorError) as raised:
        await run_faces([TerminalFace(failing(first)), TerminalFace(later)], refused)
    assert raised.value is last
    assert told == [first]


async def test_the_only_one_is_not_told_of_twice() -> None:
    told: list[OperatorError] = []
    with pytest.raises(OperatorError):
        refusal = OperatorError("discord.bad_token")

        def ended(name: str, error: OperatorError) -> None:
            told.append(error)

        await run_faces([TerminalFace(failing(refusal))], ended)
    assert told == []


async def test_a_fault_of_ours_in_one_is_logged_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        await run_faces([TerminalFace(nothing), TerminalFace(failing(ValueError("x")))], print)
    assert only_incident(caplog)["platform"] == "console"


async def nothing() -> None:
    """Connected, and gone again."""


async def test_all_are_left_before_it_ends() -> None:
    left: list[int] = []

    def leaving(number: int) -> Callable[[], Awaitable[None]]:
        async def life() -> None:
            try:
                await for_ever()
            finally:
                await asyncio.sleep(0)
                left.append(number)

        return life

    faces = [TerminalFace(leaving(number)) for number in range(3)]
    running = asyncio.create_task(run_faces(faces, print))
    for _ in range(3):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(left) == [0, 1, 2]
