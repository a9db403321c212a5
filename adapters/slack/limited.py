"""What Slack asks to wait for is obeyed by whoever asks for the same again.

A 429 counts for one method in one workspace. The outbox would leave only the channel alone that met
it, and every other channel of the workspace would have to meet it too.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import aiohttp

from adapters.slack.failing import LIMITED, asked, asked_pause, word_of
from adapters.slack.names import NAME
from bot.errors import TryLater
from bot.meter import Meter

Answer = TypeVar("Answer")

_REMEMBERED = 10_000


def measured(meter: Meter) -> aiohttp.TraceConfig:
    """Tells the meter of every 429 in a session, whoever has asked."""

    async def look(
        session: aiohttp.ClientSession, context: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        response = ended.response
        if response.status == 429:
            # A page is not of Slack but of what stands before it.
            is_page = response.content_type != "application/json"
            meter.limited(NAME, asked_pause(response), everywhere=is_page)

    config = aiohttp.TraceConfig()
    config.on_request_end.append(look)
    return config


class Asking:
    """Asks, but not for what Slack wants not to be asked for a while.

    `seconds` is a clock that only goes forward.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        # By workspace and method.
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def ask(
        self, workspace: str, method: str, request: Coroutine[Any, Any, Answer], what: str
    ) -> Answer:
        """The answer to a request about a place or message.

        Raises DeliveryError: TryLater without asking while Slack wants to be left alone.
        """
        key, now = (workspace, method), self._seconds()
        left = self._until.get(key, now) - now
        if left > 0:
            request.close()
            raise TryLater(f"{method} has to wait", left)
        try:
            return await asked(request, what)
        except TryLater as error:
            if error.seconds is not None and word_of(error) in LIMITED:
                self._note(key, self._seconds() + error.seconds)
            raise

    def _note(self, key: tuple[str, str], until: float) -> None:
        self._until[key] = until
        self._until.move_to_end(key)
        if len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)
