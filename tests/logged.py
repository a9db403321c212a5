"""What was logged, as events with their values."""

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
