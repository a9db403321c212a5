"""The platforms that keep the contract."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from adapters.console.chat import Conversation
from adapters.console.platform import CHANNEL, ConsolePlatform
from adapters.console.render import Paper, render
from adapters.console.screen import Drawn, Message, Screen
from benchmarks.town import Town, open_town
from bot.locales import Texts
from bot.ports import Index, Platform
from bot.view import Action, View
from storage.index.reader import IndexReader
from tests.discord.stage import on_discord
from tests.platforms.contract import Stage
from tests.slack.stage import on_slack

NOW = datetime(2025, 7, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(slots=True)
class _Watched(Screen):
    """A screen that knows what each message shows that others see."""

    messages: dict[str, str] = field(default_factory=dict, init=False)

    async def show(self, drawn: Drawn) -> None:
        """Note what a message shows now."""
        if drawn.message.is_public:
            self.messages[drawn.message.reference] = drawn.text
        await Screen.show(self, drawn)


class ConsoleStage:
    """The terminal, with what it printed."""

    def __init__(self) -> None:
        texts = Texts("ja")
        self._printed: list[str] = []
        self._screen = _Watched(self._write, Paper, texts, TOKYO)
        self.platform: Platform = ConsolePlatform(self._screen, texts, lambda: NOW)
        self.target = CHANNEL

    def enter(self, town: Town) -> None:
        """Talk with the bot that runs behind it."""
        self._town = town
        self._conversation = Conversation(town.chat, self._screen, self._screen.texts)

    async def _write(self, text: str) -> None:
        self._printed.append(text)

    async def shown(self, reference: str) -> str:
        """What all see of a message now."""
        return self._screen.messages[reference]

    async def codes(self, view: View) -> dict[Action, str]:
        """The code of everything that can be pressed."""
        return dict(await self._town.chat.codes_of(view.actions()))

    async def decoded(self, code: str) -> Action:
        """What a code stands for."""
        return await self._town.codes.decode(code, NOW)

    async def press(self, reference: str, view: View, action: Action) -> str:
        """Press by the number on the newest message, which this one is made to be."""
        message = self._screen.message
        if message is None or message.reference != reference:
            above = Message(reference, self.target, is_public=True)
            await self._screen.show(self._screen.draw(view, above))
        actions = [offered.action for offered in self._screen.offers]
        return await self.say(str(actions.index(action) + 1))

    async def say(self, text: str) -> str:
        """Ask; returns what was printed last."""
        await self._conversation.say(text)
        return self._printed[-1]

    def break_down(self) -> None:
        """Take the index away."""
        object.__setattr__(self._town.library, "index", None)

    def rendered_size(self, view: View) -> int:
        """The characters on paper of endless width."""
        return len(render(view, Paper(), Texts("ja"), TOKYO))


@asynccontextmanager
async def on_console(index: Index, state: Path) -> AsyncIterator[Stage]:
    """The terminal, with the bot behind it."""
    stage = ConsoleStage()
    async with open_town(state, index, stage.platform) as town:
        stage.enter(town)
        yield stage


Open = Callable[[Index, Path], AbstractAsyncContextManager[Stage]]
STAGES: Mapping[str, Open] = MappingProxyType(
    {"console": on_console, "discord": on_discord, "slack": on_slack}
)


@pytest.fixture(params=sorted(STAGES))
async def stage(
    request: pytest.FixtureRequest, index: IndexReader, tmp_path: Path
) -> AsyncIterator[Stage]:
    """Each platform in turn, with the small archive behind it."""
    async with STAGES[request.param](index, tmp_path / "stage.sqlite3") as opened:
        yield opened
