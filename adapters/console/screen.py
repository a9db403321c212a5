"""What has been shown in a terminal, as far as it matters: what the newest message offers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from adapters.console.render import Paper, Pressable, frame, pressables, render
from bot.locales import Texts
from bot.view import View

Write = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was shown: its reference, where it is, and whether others see it."""

    reference: str
    target: str
    is_public: bool = False


@dataclass(slots=True)
class Screen:
    """Shows views by `write`, which takes whole lines; `paper` says what can be shown just now.

    `offers` is what can be pressed on `message`, the newest one that offered anything.
    """

    write: Write
    paper: Callable[[], Paper]
    texts: Texts
    timezone: tzinfo
    message: Message | None = field(default=None, init=False)
    offers: tuple[Pressable, ...] = field(default=(), init=False)

    async def show(self, view: View, message: Message, title: str | None = None) -> None:
        """Show a message; one with a title has it in the line above."""
        paper = self.paper()
        text = render(view, paper, self.texts, self.timezone)
        if title is not None:
            text = f"{frame(title, paper)}\n{text}\n{frame('', paper)}"
        if found := pressables(view):
            self.message, self.offers = message, found
        await self.write(f"{text}\n\n")

    async def note(self, title: str) -> None:
        """Say that something happened to a message."""
        await self.write(f"{frame(title, self.paper())}\n\n")
