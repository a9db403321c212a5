"""What can be made to go wrong on the way: answers lost, resets, errors, slowness."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Way(Enum):
    LOST = "lost"  # it is done, and the connection breaks before the answer
    RESET = "reset"  # the connection breaks before anything is done
    STATUS = "status"  # a server error, nothing is done
    LIMITED = "limited"  # 429 with Retry-After
    BODY = "body"  # something else answers, nothing is done
    SLOW = "slow"  # it is done late


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` is of STATUS and BODY, `seconds` of LIMITED (whole ones) and SLOW.

    `body`, its content type `kind` and more `headers` are of BODY.
    """

    way: Way
    status: int = 503
    seconds: float = 1.0
    body: bytes = b""
    kind: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doom:
    """Whoever sends a message is killed when it was read ("sent"), or made ("accepted")."""

    pid: int
    when: str

    def strike(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


Chooser = Callable[[str], Trouble | None]


class Troubles:
    """Which requests go wrong: those planned, then whatever `choose(method)` says.

    A method is such as "chat.postMessage"; "response_url" stands for those addresses.
    """

    def __init__(self) -> None:
        self.choose: Chooser = lambda method: None
        self.met: list[Trouble] = []
        # By something that is in the metadata of a message.
        self.dooms: dict[str, Doom] = {}
        self._planned: list[tuple[str, Trouble]] = []

    def plan(self, method: str, trouble: Trouble, times: int = 1) -> None:
        """Have the next so many requests of a method meet it."""
        self._planned.extend([(method, trouble)] * times)

    def of(self, method: str) -> Trouble | None:
        found = self._next(method) or self.choose(method)
        if found is not None:
            self.met.append(found)
        return found

    def strikes(self, metadata: Any, when: str) -> bool:
        """Kill whoever sends a message that is doomed at this point; whether that was so."""
        payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
        values = payload.values() if isinstance(payload, dict) else ()
        for value in values:
            doom = self.dooms.get(str(value))
            if doom is not None and doom.when == when:
                self.dooms.pop(str(value)).strike()
                return True
        return False

    def _next(self, method: str) -> Trouble | None:
        for place, (planned, found) in enumerate(self._planned):
            if planned == method:
                del self._planned[place]
                return found
        return None
