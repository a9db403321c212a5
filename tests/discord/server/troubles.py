"""What can be made to go wrong on the way: answers lost, resets, errors, slowness."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Way(Enum):
    LOST = "lost"  # it is done, and the connection breaks before the answer
    RESET = "reset"  # the connection breaks before anything is done
    STATUS = "status"  # a server error, nothing is done
    LIMITED = "limited"  # 429 as Discord says it
    BANNED = "banned"  # 429 as the network before Discord says it: no JSON, no Via, no time
    PAGE = "page"  # the same with a Retry-After
    SLOW = "slow"  # it is done late


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` is of STATUS, `seconds` of LIMITED, PAGE and SLOW, `scope` of LIMITED.

    A LIMITED one of the scope "global" refuses everything that is counted for as long.
    """

    way: Way
    status: int = 503
    seconds: float = 0.5
    scope: Literal["user", "global", "shared"] = "shared"


Chooser = Callable[[str, str], Trouble | None]


class Troubles:
    """Which requests go wrong: those planned, then whatever `choose(method, path)` says."""

    def __init__(self) -> None:
        self.choose: Chooser = lambda method, path: None
        self.met: list[Trouble] = []
        self._planned: list[tuple[str, re.Pattern[str], Trouble]] = []

    def plan(self, method: str, path: str, trouble: Trouble, times: int = 1) -> None:
        """Have the next so many requests meet it whose path matches, such as ".*/messages"."""
        self._planned.extend([(method, re.compile(path), trouble)] * times)

    def of(self, method: str, path: str) -> Trouble | None:
        for place, (planned, pattern, found) in enumerate(self._planned):
            if planned == method and pattern.fullmatch(path):
                del self._planned[place]
                self.met.append(found)
                return found
        chosen = self.choose(method, path)
        if chosen is not None:
            self.met.append(chosen)
        return chosen
