"""The platforms that keep the contract."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from adapters.console.chat import Conversation
from adapters.console.platform import CHANNEL, NAME, ConsolePlatform
from adapters.console.render import Paper, render
from adapters.console.screen import Screen
from bot.chat.chat import Chat, Clocks
from bot.chat.codes import Codes
from bot.chat.library import Library
from bot.locales import Texts
from bot.ports import Index, Platform
from bot.view import Action, Posting, View
from storage.index.reader import IndexReader
from tests.codes import MemoryCodes
from tests.platforms.contract import Stage

NOW = datetime(2025, 7, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


class ConsoleStage:
    """The terminal, with what it printed."""

    def __init__(self, index: Index) -> None:
        texts = Texts("ja")
        self._printed: list[str] = []
        self._library = Library(index, None, Random(1))
        self._screen = Screen(self._write, Paper, texts, TOKYO)
        self.platform: Platform = ConsolePlatform(self._screen, texts, lambda: NOW)
        self.target = CHANNEL
        clocks = Clocks(lambda: NOW, lambda: 0.0)
        self._chat = Chat(self._library, Codes(MemoryCodes()), clocks, {NAME: self.platform})
        self._conversation = Conversation(self._chat, self._screen, texts)
        self._messages: dict[str, str] = {}

    async def _write(self, text: str) -> None:
        self._printed.append(text)
        message = self._screen.message
        if message is not None and message.is_public and text.startswith("──"):
            self._messages[message.reference] = text

    async def shown(self, reference: str) -> str:
        """What all see of a message now."""
        return self._messages[reference]

    async def codes(self, view: View) -> dict[Action, str]:
        """The code of everything that can be pressed."""
        return dict(await self._chat.codes_of(view.actions()))

    async def decoded(self, code: str) -> Action:
        """What a code stands for."""
        return await self._chat._codes.decode(code, NOW)

    async def press(self, reference: str, view: View, action: Action) -> str:
        """Press by the number on the newest message, which this one is made to be."""
        message = self._screen.message
        if message is None or message.reference != reference:
            await self.platform.edit(reference, Posting(view, "ja", await self.codes(view)))
        actions = [offered.action for offered in self._screen.offers]
        return await self.say(str(actions.index(action) + 1))

    async def say(self, text: str) -> str:
        """Ask; returns what was printed last."""
        await self._conversation.say(text)
        return self._printed[-1]

    def break_down(self) -> None:
        """Take the index away."""
        object.__setattr__(self._library, "index", None)

    def rendered_size(self, view: View) -> int:
        """The characters on paper of endless width."""
        return len(render(view, Paper(), Texts("ja"), TOKYO))


STAGES: Mapping[str, Callable[[Index], Stage]] = MappingProxyType({"console": ConsoleStage})


@pytest.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest, index: IndexReader) -> Stage:
    """Each platform in turn, with the small archive behind it."""
    return STAGES[request.param](index)
