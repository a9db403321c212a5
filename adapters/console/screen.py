"""What has been shown in a terminal, as far as it matters: what the newest message offers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from adapters.console.render import Paper, Pressable, frame, pressables, render
from bot.locales import Texts
from bot.view import Posting, View

Write = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was shown: its reference, where it is, and whether others see it."""

    reference: str
    target: str
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A view as it will be written, the message that it is, and what can be pressed on it."""

    text: str
    message: Message
    offers: tuple[Pressable, ...]


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

    def draw(self, view: View, message: Message) -> Drawn:
        """Make an answer ready to be shown."""
        text = render(view, self.paper(), self.texts, self.timezone)
        return Drawn(f"{text}\n\n", message, pressables(view))

    def draw_posting(self, posting: Posting, message: Message, title: str) -> Drawn:
        """Make ready what others see, in a frame with a title."""
        paper = self.paper()
        text = render(posting.view, paper, Texts(posting.language), self.timezone)
        framed = f"{frame(title, paper)}\n{text}\n{frame('', paper)}"
        return Drawn(f"{framed}\n\n", message, pressables(posting.view))

    async def show(self, drawn: Drawn) -> None:
        """Show a message."""
        if drawn.offers:
            self.message, self.offers = drawn.message, drawn.offers
        await self.write(drawn.text)

    async def note(self, title: str) -> None:
        """Say that something happened to a message."""
        await self.write(f"{frame(title, self.paper())}\n\n")
