"""How long people wait for the chat, by what they ask for, and how that ends."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import get_args

from bot.errors import UserError
from bot.intent import Intent
from bot.meter import Answered, Meter

# What is asked for besides intents: what could not be understood, and what has no intent.
UNKNOWN, COMPLETION, HOME = "unknown", "completion", "home"


def _name_of(intent: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", intent.__name__).lower()


# The names of intents in metrics, such as "open_post".
NAMES: Mapping[type, str] = MappingProxyType({each: _name_of(each) for each in get_args(Intent)})


class Asking:
    """One request, from its coming to its end; what it is about may show only meanwhile."""

    __slots__ = ("_began", "_measuring", "_platform", "_what")

    def __init__(self, measuring: "Measuring", platform: str, what: str) -> None:
        self._measuring = measuring
        self._platform = platform
        self._what = what

    def about(self, intent: Intent) -> None:
        """Note what it is about."""
        self._what = NAMES[type(intent)]

    def __enter__(self) -> "Asking":
        self._began = self._measuring.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            outcome = Answered.OK
        elif isinstance(error, UserError):
            outcome = Answered.USER_ERROR
        elif isinstance(error, Exception):
            outcome = Answered.INCIDENT
        else:
            # Nobody waits for it any more.
            return
        seconds = self._measuring.monotonic() - self._began
        self._measuring.meter.asked(self._platform, self._what, outcome, seconds)


@dataclass(frozen=True, slots=True)
class Measuring:
    """Tells the meter of requests; `monotonic` gives seconds and never goes back."""

    meter: Meter
    monotonic: Callable[[], float]

    def of(self, platform: str, what: str = UNKNOWN) -> Asking:
        """A request of a platform, to be measured as long as it is entered."""
        return Asking(self, platform, what)
