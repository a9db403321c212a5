"""What can be made to go wrong on the way: answers lost, resets, errors, slowness."""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Way(Enum):
    LOST = "lost"  # it is done, and the connection breaks before the answer
    RESET = "reset"  # the connection breaks before anything is done
    STATUS = "status"  # a server error, nothing is done
    LIMITED = "limited"  # 429 as Discord says it, of a route
    GLOBAL = "global"  # the same of everything, which is refused for as long
    BANNED = "banned"  # 429 as the network before Discord says it: no JSON, no Via, no time
    PAGE = "page"  # the same with a Retry-After; everything is refused for as long
    SLOW = "slow"  # it is done late


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` is of STATUS, `seconds` of LIMITED, GLOBAL, PAGE and SLOW.

    With a `code` it is Discord itself that refuses by STATUS, else what stands before it.
    """

    way: Way
    status: int = 503
    seconds: float = 0.5
    code: int = 0


@dataclass(frozen=True, slots=True)
class Doom:
    """Whoever sends a message is killed when it was read ("sent"), or made ("accepted")."""

    pid: int
    when: str

    def strike(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


Chooser = Callable[[str, str], Trouble | None]


class Troubles:
    """Which requests go wrong: those planned, then whatever `choose(method, path)` says."""

    def __init__(self) -> None:
        self.choose: Chooser = lambda method, path: None
        self.met: list[Trouble] = []
        # By the nonces of messages.
        self.dooms: dict[str, Doom] = {}
        self._planned: list[tuple[str, re.Pattern[str], Trouble]] = []

    def plan(self, method: str, path: str, trouble: Trouble, times: int = 1) -> None:
        """Have the next so many requests meet it whose path matches, such as ".*/messages"."""
        self._planned.extend([(method, re.compile(path), trouble)] * times)

    def doom_of(self, body: Any, when: str) -> Doom | None:
        """What overtakes who sends this at some point."""
        nonce = body.get("nonce") if isinstance(body, dict) else None
        doom = self.dooms.get(str(nonce))
        return self.dooms.pop(str(nonce)) if doom is not None and doom.when == when else None

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
