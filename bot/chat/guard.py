"""Looks at everything that is sent before a platform does, and counts what it would refuse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from structlog.stdlib import get_logger

from bot.chat.finding import Finding
from bot.meter import NO_METER, Meter

_log = get_logger(__name__)

# What is wrong with the body of some kind of request.
FindingsOf = Callable[[Any], Sequence[Finding]]


class BrokenLimitError(Exception):
    """A request breaks a limit of its platform, which is a mistake of ours."""


@dataclass(slots=True)
class Guard:
    """Tells the meter which limits are broken; `message_findings` has those of a message's body.

    Strict, it lets nothing pass; else what all see is sent all the same, since the platform, by its
    name, has the last word.
    """

    platform: str
    message_findings: FindingsOf
    strict: bool = False
    meter: Meter = NO_METER

    def check(self, body: Any, findings: FindingsOf | None = None) -> None:
        """Raise BrokenLimitError for the body of a request that the platform would refuse."""
        found = (findings or self.message_findings)(body)
        if found:
            for finding in found:
                self.meter.broke_limit(self.platform.lower(), finding.limit)
            raise BrokenLimitError("; ".join(map(str, found)))

    def note(self, body: Any, findings: FindingsOf | None = None) -> None:
        """Log what the platform would refuse. Raises BrokenLimitError where it is strict."""
        try:
            self.check(body, findings)
        except BrokenLimitError as error:
            if self.strict:
                raise
            _log.error("a message breaks limits", platform=self.platform, cause=error)
