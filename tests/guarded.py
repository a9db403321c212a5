"""Which limits of a platform were broken, as a guard's meter counts them."""

from collections import Counter
from dataclasses import dataclass, field

from bot.chat.guard import Guard
from bot.meter import NoMeter


@dataclass(frozen=True, slots=True)
class BrokenLimits(NoMeter):
    """Counts broken limits by their names, and nothing else."""

    limits: Counter[str] = field(default_factory=Counter)

    def broke_limit(self, platform: str, limit: str) -> None:
        self.limits[limit] += 1


def broken_by(guard: Guard) -> Counter[str]:
    """What was broken under a guard that has such a meter."""
    assert isinstance(guard.meter, BrokenLimits)
    return guard.meter.limits
