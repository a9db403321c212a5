"""Asking people to wait who send requests faster than anybody reads answers."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from itertools import islice

from bot.errors import UserError

REQUESTS = 20
SECONDS = 30.0
# Who has been quiet for longest is forgotten first.
REMEMBERED = 10_000
# Of so many it is looked at each request whether they are to be forgotten.
_AT_ONCE = 2


@dataclass(slots=True)
class Floods:
    """Counts the requests of each person; `requests` are allowed in any `seconds`.

    Those who have asked within that time are known.
    """

    requests: int = REQUESTS
    seconds: float = SECONDS
    _times: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    @property
    def known(self) -> int:
        """How many persons are remembered."""
        return len(self._times)

    def check(self, person: str, now: float) -> None:
        """Count a request at a time of a clock that never goes back, in seconds.

        Raises UserError for one too many; that one does not count, so that waiting helps.
        """
        times = self._times.setdefault(person, deque())
        self._times.move_to_end(person)
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.requests:
            wait = times[0] + self.seconds - now
            raise UserError("chat.flood", seconds=max(1, round(wait)))
        times.append(now)
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Forget who has been quiet for so long that nothing of it counts any more."""
        for person, times in [*islice(self._times.items(), _AT_ONCE)]:
            is_quiet = not times or times[-1] <= now - self.seconds
            if is_quiet or len(self._times) > REMEMBERED:
                del self._times[person]
