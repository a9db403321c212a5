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


def levels(stderr: bytes) -> list[str]:
    """The levels of the lines that a program wrote to what is no terminal."""
    return [json.loads(line)["level"] for line in stderr.splitlines()]


def told(stderr: bytes | str) -> list[str]:
    """The events that a program wrote to what is no terminal, in order; other lines as they are."""
    text = stderr.decode() if isinstance(stderr, bytes) else stderr
    return [
        json.loads(line)["event"] if line.startswith("{") else line for line in text.splitlines()
    ]
