"""Trying again what the program cannot do without, for as long as it takes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from structlog.stdlib import get_logger

from bot.errors import NotYet, OperatorError
from bot.incidents import incident

Done = TypeVar("Done")

LONGEST_PAUSE = 30.0

_log = get_logger(__name__)


async def until_done(
    work: Callable[[], Awaitable[Done]], what: str, sleep: Callable[[float], Awaitable[None]]
) -> Done:
    """Do something, again and again with growing pauses until it does not fail.

    Whatever goes wrong is logged once, with `what` that is; and once that it goes well again.
    """
    failures = 0
    while True:
        try:
            done = await work()
        except Exception as error:
            if not failures:
                _log_failure(what, error)
            await sleep(min(2.0 ** min(failures, 10), LONGEST_PAUSE))
            failures += 1
        else:
            if failures:
                _log.info("it goes well again", what=what)
            return done


def _log_failure(what: str, error: Exception) -> None:
    if isinstance(error, OperatorError | NotYet):
        _log.warning(what, cause=error)
    else:
        incident(_log, what, error)
