"""Failures that nobody expected: each is logged once, under a number that people can name."""

import secrets

from structlog.stdlib import BoundLogger

from bot.errors import OperatorError


def incident(log: BoundLogger, event: str, error: BaseException, **about: object) -> str:
    """Log a failure under a number, which is returned; `about` stands beside it.

    Of one whose cause is known the sentence says more than where it came up.
    """
    number = secrets.token_hex(4)
    if isinstance(error, OperatorError):
        log.error(event, incident=number, cause=error, **about)
    else:
        log.error(event, incident=number, exc_info=error, **about)
    return number
