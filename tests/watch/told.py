"""All metrics that there are, with figures as a running bot would have them; and a meter."""

from datetime import UTC, datetime, timedelta

from bot.meter import NoMeter
from bot.stores import Backlog
from bot.watching.figures import Figures, IndexFigures, StateFigures
from bot.watching.metrics import Metrics

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

FIGURES = Figures(
    NOW,
    True,
    {"discord": True, "slack": False},
    {"discord": {"0": True, "1": False}, "slack": {"socket": True}},
    True,
    StateFigures(
        [Backlog("discord", 3, 2, 1, NOW - timedelta(seconds=90))],
        {"slack": NOW - timedelta(minutes=5)},
    ),
    IndexFigures(3, 70, 4096, NOW - timedelta(days=1)),
    NOW - timedelta(minutes=10),
    1800.0,
)


def metrics() -> Metrics:
    """Metrics that have counted nothing."""
    return Metrics(lambda: NOW, version="1.0", python="3.11")


def names(told: Metrics) -> set[str]:
    """What Prometheus calls all of them: one name each, without the ends of histograms."""
    ends = {"counter": "_total", "info": "_info"}
    return {family.name + ends.get(family.type, "") for family in told.registry.collect()}


class Heard(NoMeter):
    """Keeps what it is told of deliveries."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str, float | None]] = []

    def delivered(self, platform: str, op: str, outcome: str, lateness: float | None) -> None:
        self.told.append((platform, op, outcome, lateness))
