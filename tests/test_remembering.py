"""What is remembered for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import remembering
from bot.remembering import remembered, remembered_for


class Clock:
    """A time (UTC) that a test turns on."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def test_what_does_not_hold_any_more_takes_no_room() -> None:
    clock = Clock()
    known = remembered_for(timedelta(minutes=1), clock)
    for number in range(100):
        known[number] = "may"
        clock.time += timedelta(seconds=1)
    assert known.get(99) == "may"
    assert known.get(30) is None
    # Also in memory, as soon as something comes.
    assert len(known) == 59


@pytest.mark.parametrize("lasting", [None, timedelta(minutes=1)])
def test_of_too_many_the_least_needed_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, lasting: timedelta | None
) -> None:
    monkeypatch.setattr(remembering, "MOST", 3)
    known = remembered() if lasting is None else remembered_for(lasting, Clock())
    for number in range(3):
        known[number] = number
    assert known.get(0) == 0
    known[3] = 3
    assert sorted(known) == [0, 2, 3]
