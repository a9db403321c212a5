"""The prompt of a terminal that can do more than show lines.

This is the only module that knows prompt_toolkit, with the history of what was asked; it takes a
while to import.
"""

import asyncio
import logging
import re
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.completion import Completion as Entry
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.styles import Style

from adapters.console.chat import MAX_TYPED
from adapters.console.history import QuestionHistory
from adapters.console.ink import Span
from adapters.console.render import Pressable
from adapters.console.visible import visible
from adapters.console.wrapping import width_of, wrapped
from bot.chat.typed import Completion
from bot.locales import Texts

PROMPT = "> "
# Until somebody has stopped typing for so long, nothing is looked up.
DEBOUNCE_SECONDS = 0.08
MENU_LINES = 8
# How long Escape alone may take to tell itself from the start of an arrow key.
ESCAPE_SECONDS = 0.05

# More characters than this in one go are a paste, whether or not the terminal says so.
TYPED_AT_ONCE = 16

# Terminals send what Enter sends for the ends of pasted lines.
_LINE_END = re.compile(r"\r\n|[\r\n]")

Complete = Callable[[str], Awaitable[Sequence[Completion]]]

_STYLE = Style.from_dict(
    {
        "bottom-toolbar": "noreverse",
        "hint": "fg:ansibrightblack",
        "chosen": "reverse",
    }
)


class Prompt:
    """Asks for a line, with history, completion, and buttons to choose with the arrow keys.

    `offers` gives what can be pressed just now; choosing the third one gives the line "3".
    """

    def __init__(
        self,
        texts: Texts,
        complete: Complete,
        offers: Callable[[], Sequence[Pressable]],
        history: Path | None,
    ) -> None:
        self._texts = texts
        self._offers = offers
        self._chosen: int | None = None
        self._notice = ""
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            history=QuestionHistory(history),
            completer=_Completer(complete, lambda: self._buffer.text),
            # Where nothing is typed no room is kept for a menu either.
            complete_while_typing=Condition(lambda: bool(self._buffer.text)),
            reserve_space_for_menu=MENU_LINES,
            bottom_toolbar=self._toolbar,
            key_bindings=self._keys(),
            style=_STYLE,
            enable_suspend=True,
            input=_Keyboard(sys.stdin),
        )
        self._session.app.ttimeoutlen = ESCAPE_SECONDS
        self._buffer.on_text_changed += self._changed

    async def ask(self) -> str | None:
        """The next line; None where somebody ends it. What is logged meanwhile stands above it."""
        self._chosen, self._notice = None, ""
        try:
            with self._logs_above():
                return await self._session.prompt_async()
        except EOFError:
            return None

    async def write(self, text: str) -> None:
        """Print something, above the prompt where that is waiting."""

        def put() -> None:
            print(text, end="", flush=True)

        if self._session.app.is_running:
            await run_in_terminal(put)
        else:
            put()

    @contextmanager
    def _logs_above(self) -> Iterator[None]:
        """Let what is logged to the terminal for a while not disturb the drawing."""
        root = logging.getLogger()
        before = root.handlers[:]
        loop = asyncio.get_running_loop()
        root.handlers[:] = [
            _Above(handler, self._session, loop) if _is_on_terminal(handler) else handler
            for handler in before
        ]
        try:
            yield
        finally:
            root.handlers[:] = before

    @property
    def _buffer(self) -> Buffer:
        return self._session.default_buffer

    def _changed(self, buffer: Buffer) -> None:
        self._chosen, self._notice = None, ""
        if len(buffer.text) > MAX_TYPED:
            buffer.document = Document(buffer.text[:MAX_TYPED])
            self._notice = self._texts("console.shortened", count=MAX_TYPED)

    def _toolbar(self) -> StyleAndTextTuples:
        """What can be done now, on one line."""
        width = self._session.output.get_size().columns
        offers = self._offers()
        if self._notice:
            return [("class:hint", _fitted(self._notice, width))]
        if self._chosen is None or self._chosen >= len(offers):
            hint = choosing_hint(len(offers), self._texts)
            return [("class:hint", "" if self._buffer.text else _fitted(hint, width))]
        hint = "  " + self._texts("console.selected")
        label = visible(offers[self._chosen].label).replace("\n", " ")
        # On a narrow terminal the label is worth more than what the keys do.
        room = width - width_of((Span(hint),))
        if room < width // 2:
            room, hint = width, ""
        chosen = _fitted(f"[{self._chosen + 1}] {label}", room)
        return [("class:chosen", chosen), ("class:hint", hint)]

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        choosable = Condition(lambda: not self._buffer.text and bool(self._offers()))
        choosing = choosable & Condition(lambda: self._chosen is not None)

        @keys.add("right", filter=choosable)
        @keys.add("tab", filter=choosable)
        def _forward(event: KeyPressEvent) -> None:
            self._choose(1)

        @keys.add("left", filter=choosable)
        @keys.add("s-tab", filter=choosable)
        def _back(event: KeyPressEvent) -> None:
            self._choose(-1)

        @keys.add("escape", filter=choosing, eager=True)
        def _leave(event: KeyPressEvent) -> None:
            self._chosen = None

        @keys.add("enter", filter=choosing)
        def _press(event: KeyPressEvent) -> None:
            assert self._chosen is not None
            self._buffer.text = str(self._chosen + 1)
            self._buffer.validate_and_handle()

        @keys.add("c-c")
        @keys.add("<sigint>")
        def _clear_or_end(event: KeyPressEvent) -> None:
            again = self._texts("console.again")
            if self._notice == again and not self._buffer.text:
                event.app.exit(exception=EOFError)
                return
            self._buffer.reset()
            self._chosen, self._notice = None, again

        @keys.add(Keys.BracketedPaste)
        def _paste(event: KeyPressEvent) -> None:
            # One line more than enough, so that it is noticed where some of it is dropped.
            self._buffer.insert_text(_LINE_END.sub(" ", event.data[: 2 * MAX_TYPED]))

        return keys

    def _choose(self, step: int) -> None:
        count = len(self._offers())
        if self._chosen is None:
            self._chosen = 0 if step > 0 else count - 1
        else:
            self._chosen = (self._chosen + step) % count
        self._notice = ""


def choosing_hint(count: int, texts: Texts) -> str:
    """How one of so many buttons is pressed."""
    if not count:
        return ""
    return texts("console.hint" if count > 1 else "console.hint_one", count=count)


def _is_on_terminal(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and handler.stream.isatty()


class _Above(logging.Handler):
    """Hands records on to another handler, while the prompt that waits makes room for them."""

    def __init__(
        self,
        handler: logging.Handler,
        session: PromptSession[str],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(handler.level)
        self._handler = handler
        self._session = session
        self._loop = loop
        self._thread = threading.get_ident()
        self._writing: set[asyncio.Future[bool]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write in the loop's thread, which alone knows what the prompt is doing."""
        if self._loop.is_closed() or threading.get_ident() == self._thread:
            self._write(record)
        else:
            self._loop.call_soon_threadsafe(self._write, record)

    def _write(self, record: logging.LogRecord) -> None:
        if not self._session.app.is_running:
            self._handler.handle(record)
            return
        writing = asyncio.ensure_future(run_in_terminal(lambda: self._handler.handle(record)))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)


class _Keyboard(Vt100Input):
    """Takes what is pasted as one, since every single key takes its time."""

    def read_keys(self) -> list[KeyPress]:
        """What was pressed since it was read last."""
        keys: list[KeyPress] = []
        for is_text, group in groupby(super().read_keys(), lambda key: len(key.key) == 1):
            pressed = list(group)
            if is_text and len(pressed) > TYPED_AT_ONCE:
                pressed = [KeyPress(Keys.BracketedPaste, "".join(key.data for key in pressed))]
            keys += pressed
        return keys


class _Completer(Completer):
    """Asks the chat for completions once somebody pauses."""

    def __init__(self, complete: Complete, current: Callable[[], str]) -> None:
        self._complete = complete
        self._current = current

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Sequence[Entry]:
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Entry, None]:
        """Nothing for a line that has changed meanwhile: it is asked for again then."""
        if not complete_event.completion_requested:
            await asyncio.sleep(DEBOUNCE_SECONDS)
        if self._current() != document.text:
            return
        line = document.text_before_cursor
        for completion in await self._complete(line):
            shown = visible(completion.label)
            yield Entry(visible(completion.line), start_position=-len(line), display=shown)


def _fitted(text: str, width: int) -> str:
    """As much of a text as stands on a line of `width` columns."""
    if width_of((Span(text),)) <= width:
        return text
    if width < 4:
        return ""
    first = next(wrapped((Span(text),), width - 1))
    return "".join(span.text for span in first) + "…"
