"""Looks at everything that is sent before Discord does, and counts what it would refuse."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.finding import Finding
from adapters.discord.validate import message_findings

_log = logging.getLogger(__name__)

# What is wrong with the body of some kind of request.
Findings = Callable[[Any], Sequence[Finding]]


class BrokenLimitError(Exception):
    """A request breaks a limit of Discord, which is a mistake of ours."""


@dataclass(slots=True)
class Guard:
    """Counts broken limits by their names.

    Strict, it lets nothing pass; else what all see is sent all the same, since Discord has the last
    word.
    """

    strict: bool = False
    broken: "Counter[str]" = field(default_factory=Counter, init=False)

    def check(self, body: Any, findings: Findings = message_findings) -> None:
        """Raise BrokenLimitError for the body of a request that Discord would refuse."""
        found = findings(body)
        if found:
            self.broken.update(finding.limit for finding in found)
            raise BrokenLimitError("; ".join(map(str, found)))

    def note(self, body: Any, findings: Findings = message_findings) -> None:
        """Log what Discord would refuse. Raises BrokenLimitError where it is strict."""
        try:
            self.check(body, findings)
        except BrokenLimitError as error:
            if self.strict:
                raise
            _log.error("a message breaks limits of Discord: %s", error)
