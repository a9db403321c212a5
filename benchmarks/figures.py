"""What a benchmark yields, and how it is shown: a table for people, JSON for programs."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

HEADER = ("figure", "measured", "reference", "ratio", "goal", "reached")


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound, and whether the measured value or its ratio to the reference has to keep it."""

    of: Literal["measured", "ratio"]
    sense: Literal["<=", ">="]
    bound: float

    def __str__(self) -> str:
        return f"{'ratio ' if self.of == 'ratio' else ''}{self.sense} {self.bound:g}"


def at_most(bound: float, of: Literal["measured", "ratio"] = "measured") -> Goal:
    """A goal that a value must not exceed."""
    return Goal(of, "<=", bound)


def at_least(bound: float, of: Literal["measured", "ratio"] = "measured") -> Goal:
    """A goal that a value must not fall below."""
    return Goal(of, ">=", bound)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was measured, what it stands beside, and what it must reach.

    `unit` is that of both values; `note` says in words what else is worth knowing, `details` holds
    it for programs.
    """

    name: str
    measured: float
    unit: str = ""
    reference: float | None = None
    reference_name: str = ""
    goal: Goal | None = None
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The measured value in terms of the reference."""
        return self.measured / self.reference if self.reference else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        value = self.measured if self.goal.of == "measured" else self.ratio
        if value is None:
            return None
        return value <= self.goal.bound if self.goal.sense == "<=" else value >= self.goal.bound


@dataclass(frozen=True, slots=True)
class Skipped:
    """A figure that was not measured, and why; `intended` where nothing is wrong with that."""

    name: str
    reason: str
    intended: bool = False


Row = Figure | Skipped


def table(rows: Sequence[Row]) -> str:
    """The figures with aligned columns, and below them the notes."""
    cells = [HEADER, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{row.name}: {row.note}" for row in rows if isinstance(row, Figure) and row.note]
    if notes:
        lines += ["", *notes]
    judged = [row.reached for row in rows if isinstance(row, Figure) and row.reached is not None]
    lines += ["", f"{sum(judged)} of {len(judged)} goals reached"]
    return "\n".join(lines)


def write_json(rows: Sequence[Row], about: dict[str, Any], file: Path) -> None:
    """Write the figures, and what they were measured on."""
    figures = []
    for row in rows:
        record = asdict(row)
        if isinstance(row, Figure):
            goal = None if row.goal is None else str(row.goal)
            record |= {"goal": goal, "ratio": row.ratio, "reached": row.reached}
        figures.append(record)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "figures": figures}, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", "utf-8")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def median(values: Sequence[float]) -> float:
    """The middle of the values."""
    return float(statistics.median(values))


def _cells(row: Row) -> tuple[str, ...]:
    if isinstance(row, Skipped):
        return (row.name, "skipped", row.reason, "", "", "")
    reference = "-"
    if row.reference is not None:
        reference = f"{_number(row.reference)} {row.unit}".rstrip()
        reference += f" ({row.reference_name})" if row.reference_name else ""
    return (
        row.name,
        f"{_number(row.measured)} {row.unit}".rstrip(),
        reference,
        "-" if row.ratio is None else _number(row.ratio),
        "-" if row.goal is None else str(row.goal),
        {None: "-", True: "yes", False: "NO"}[row.reached],
    )


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"
