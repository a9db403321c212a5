"""What can be made to go wrong on the way: answers lost, resets, errors, slowness."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    LOST = "lost"  # it is done, and the connection breaks before the answer
    RESET = "reset"  # the connection breaks before anything is done
    STATUS = "status"  # a server error, nothing is done
    LIMITED = "limited"  # 429 with Retry-After
    SLOW = "slow"  # it is done late


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` is of STATUS, `seconds` of LIMITED (whole ones) and SLOW."""

    way: Way
    status: int = 503
    seconds: float = 1.0


Chooser = Callable[[str], Trouble | None]


class Troubles:
    """Which requests go wrong: those planned, then whatever `choose(method)` says.

    A method is such as "chat.postMessage"; "response_url" stands for those addresses.
    """

    def __init__(self) -> None:
        self.choose: Chooser = lambda method: None
        self.met: list[Trouble] = []
        self._planned: list[tuple[str, Trouble]] = []

    def plan(self, method: str, trouble: Trouble, times: int = 1) -> None:
        """Have the next so many requests of a method meet it."""
        self._planned.extend([(method, trouble)] * times)

    def of(self, method: str) -> Trouble | None:
        found = self._next(method) or self.choose(method)
        if found is not None:
            self.met.append(found)
        return found

    def _next(self, method: str) -> Trouble | None:
        for place, (planned, found) in enumerate(self._planned):
            if planned == method:
                del self._planned[place]
                return found
        return None
