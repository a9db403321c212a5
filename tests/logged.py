"""What was logged, as events with their values."""

import json
from typing import Any

import pytest

Event = dict[str, Any]


def events(caplog: pytest.LogCaptureFixture) -> list[Event]:
    """The events of ours that were logged; of libraries there are none."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def only_incident(caplog: pytest.LogCaptureFixture) -> Event:
    """The one event that was logged: a failure that nobody expected, with all that led to it."""
    (event,) = events(caplog)
    assert len(caplog.records) == 1
    assert len(event["incident"]) == 8
    assert isinstance(event["exc_info"], BaseException)
    return event


def lines_of(stderr: bytes | str) -> list[Event]:
    """What a program wrote to what is no terminal: its log; other lines as events of no level."""
    text = stderr.decode() if isinstance(stderr, bytes) else stderr
    return [
        json.loads(line) if line.startswith("{") else {"event": line, "level": None}
        for line in text.splitlines()
    ]


def told(stderr: bytes | str) -> list[str]:
    """The events alone, in order."""
    return [line["event"] for line in lines_of(stderr)]


def levels(stderr: bytes | str) -> set[str | None]:
    """The levels that there are."""
    return {line["level"] for line in lines_of(stderr)}
