"""The conversation at a terminal or through a pipe: lines and numbers in, answers out."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TypeVar

from adapters.console.limits import LIMITS
from adapters.console.platform import CHANNEL, NAME
from adapters.console.screen import Drawn, Message, Screen
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context, Frame
from bot.chat.failures import apology
from bot.chat.typed import Completion
from bot.locales import Texts
from bot.view import View

PERSON = "terminal"
# A longer line is too long for the core too, which says so; none of it is worth more time.
MAX_TYPED = 2000

_Result = TypeVar("_Result")


class Conversation:
    """Answers what one person types; everything that can go wrong becomes an answer as well.

    `session` begins the references of this process: they are not those of another one.
    """

    def __init__(self, chat: Chat, screen: Screen, texts: Texts, session: str = "") -> None:
        self._chat = chat
        self._screen = screen
        self._texts = texts
        self._session = session
        self._numbers = count(1)

    async def say(self, line: str) -> None:
        """Answer a line; a number presses what has that number on the newest message."""
        message = Message(f"{self._session}a{next(self._numbers)}", CHANNEL)
        drawn = await self._safely("an answer in the terminal", self._answer(line, message))
        if isinstance(drawn, View):
            drawn = self._screen.draw(drawn, message)
        # Outside the border: where nothing can be written no apology can be either.
        await self._screen.show(drawn)

    async def complete(self, line: str) -> Sequence[Completion]:
        """What a line that is being typed may become."""
        work = self._chat.complete(line[:MAX_TYPED], self.context())
        found = await self._safely("a completion in the terminal", work)
        return () if isinstance(found, View) else found

    async def _safely(self, doing: str, work: Awaitable[_Result]) -> _Result | View:
        """The border where an error becomes an answer."""
        try:
            return await work
        except Exception as error:
            return apology(error, self._texts, doing)

    async def _answer(self, line: str, message: Message) -> Drawn:
        reply = await self._reply(line.strip())
        return self._screen.draw(reply.view, message)

    async def _reply(self, line: str) -> Reply:
        number = int(line) if line.isdecimal() and len(line) < 5 else 0
        offers = self._screen.offers
        if not 1 <= number <= len(offers):
            return await self._chat.typed(line[:MAX_TYPED], self.context())
        action = offers[number - 1].action
        codes = await self._chat.codes_of([action])
        reply = await self._chat.pressed(codes[action], self.context(self._screen.message))
        # By its limits a terminal has no forms.
        assert isinstance(reply, Reply)
        return reply

    def context(self, message: Message | None = None) -> Context:
        """The circumstances of a line, or of a press on a message."""
        is_public = message is not None and message.is_public
        public = Frame(self._texts, LIMITS, can_thread=True)
        return Context(
            platform=NAME,
            person=PERSON,
            target=CHANNEL if message is None else message.target,
            frame=replace(public, can_share=True),
            public=public,
            message=None if message is None else message.reference,
            may_replace=not is_public,
            is_public=is_public,
        )


async def answer_lines(
    lines: AsyncIterator[str], conversation: Conversation, *, blank_too: bool = False
) -> None:
    """Answer lines until they end; blank ones are passed over unless somebody waits for them."""
    async for line in lines:
        if blank_too or line.strip():
            await conversation.say(line)


async def answer_prompts(
    ask: Callable[[], Awaitable[str | None]],
    conversation: Conversation,
    on_cancel: Callable[[], Awaitable[None]],
) -> None:
    """Answer what is typed at a prompt until that ends; Ctrl-C cancels an answer alone."""
    while (line := await ask()) is not None:
        if not await _interruptible(conversation.say(line)):
            await on_cancel()


async def _interruptible(work: Coroutine[None, None, None]) -> bool:
    """Whether something came to its end, or else was cancelled by Ctrl-C.

    It never outlives this: what it works with may be closed next.
    """
    task = asyncio.ensure_future(work)
    with _ctrl_c(task.cancel):
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.wait([task])
    if task.cancelled():
        return False
    await task
    return True


@contextmanager
def _ctrl_c(act: Callable[[], object]) -> Iterator[None]:
    """Let Ctrl-C do something else for a while."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, act)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
