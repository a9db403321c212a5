"""How often Discord may be asked: 50 requests a second in all, and so many of each route."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

# How many requests in how many seconds; Discord says these in headers only. Of a key that is not
# here, DEFAULT.
BUCKETS: Mapping[str, tuple[int, float]] = MappingProxyType(
    {
        "POST /channels/{channel}/messages": (5, 5.0),
        "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
        "GET /channels/{channel}/messages": (5, 5.0),
        "POST /channels/{channel}/messages/{message}/crosspost": (10, 3600.0),
        "POST /channels/{channel}/messages/{message}/threads": (50, 300.0),
        "POST /channels/{channel}/threads": (50, 300.0),
        "POST /webhooks/{application}/{token}": (5, 2.0),
    }
)
DEFAULT = (50, 1.0)
GLOBAL = 50
# After so many 401, 403 and 429 in ten minutes an address is not answered any more.
INVALID = 10_000
INVALID_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait` is None where the request may pass; else the seconds to wait, of which `scope`."""

    headers: Mapping[str, str]
    wait: float | None = None
    scope: str = ""


class Rates:
    """Counts requests; `seconds` is a clock that only goes forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.buckets: dict[str, tuple[int, float]] = dict(BUCKETS)
        self.per_second = GLOBAL
        self.invalid_limit = INVALID
        self._seconds = seconds
        self._recent: deque[float] = deque()
        self._invalid: deque[float] = deque()
        self._windows: dict[str, tuple[float, int]] = {}
        self._paused_until = 0.0
        self.pauses: list[tuple[float, float]] = []
        self.refused = 0

    def blocked(self) -> bool:
        """Whether this address has had too many invalid answers."""
        _forget(self._invalid, self._seconds() - INVALID_SECONDS)
        return len(self._invalid) >= self.invalid_limit

    def note_invalid(self) -> None:
        self._invalid.append(self._seconds())

    def pause(self, seconds: float) -> None:
        """Refuse for a while all that is counted."""
        now = self._seconds()
        self._paused_until = max(self._paused_until, now + seconds)
        self.pauses.append((now, now + seconds))

    def ask(self, route: str, major: str, *, counts: bool) -> Verdict:
        """May a request pass? Those for which `counts` is false are not of the global limit."""
        now = self._seconds()
        _forget(self._recent, now - 1.0)
        if counts and now < self._paused_until:
            self.refused += 1
            return Verdict({}, self._paused_until - now, "global")
        if counts and len(self._recent) >= self.per_second:
            self.refused += 1
            return Verdict({}, max(0.001, self._recent[0] + 1.0 - now), "global")
        limit, seconds = self.buckets.get(route, DEFAULT)
        name = sha256(route.encode()).hexdigest()[:32]
        ends, used = self._windows.get(f"{name}:{major}", (0.0, 0))
        if now >= ends:
            ends, used = now + seconds, 0
        passes = used < limit
        if passes:
            used += 1
            self._windows[f"{name}:{major}"] = (ends, used)
            if counts:
                self._recent.append(now)
        else:
            self.refused += 1
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - used),
            "X-RateLimit-Reset-After": f"{ends - now:.3f}",
            "X-RateLimit-Bucket": name,
        }
        return Verdict(headers, None if passes else max(0.001, ends - now), "user")


def _forget(times: deque[float], until: float) -> None:
    while times and times[0] <= until:
        times.popleft()
