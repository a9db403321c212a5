"""What a bot has logged: one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WRONG = ("warning", "error", "critical")
# What a line begins with that no logging has written.
_TRACEBACK = "Traceback"


def wrong(log: Path) -> list[str]:
    """The lines that tell of something wrong."""
    return [line for line, told in _lines(log) if told.get("level") in _WRONG]


def incidents(log: Path) -> list[str]:
    """Those that name an incident: what nobody expected."""
    return [line for line, told in _lines(log) if "incident" in told]


def _lines(log: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in log.read_text("utf-8", "replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            # A sentence for the operator.
            told = {"level": "error", "incident": ""} if line.startswith(_TRACEBACK) else {}
        yield line, told if isinstance(told, dict) else {}
