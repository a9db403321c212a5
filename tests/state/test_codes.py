"""Payloads of button codes: kept until their time is over, never shorter than promised."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.ports import CodeStore
from storage.state.codes import StoredCodes
from storage.state.database import State

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def codes(state: State) -> StoredCodes:
    """The codes of a new state."""
    return StoredCodes(state)


async def test_what_is_kept_is_there_until_its_time_is_over(codes: StoredCodes) -> None:
    store: CodeStore = codes
    await store.keep({"a": "検索 gpu", "b": "page 2"}, NOW + DAY)
    assert await store.payload("a", NOW) == "検索 gpu"
    assert await store.payload("b", NOW + DAY - timedelta(microseconds=1)) == "page 2"
    assert await store.payload("a", NOW + DAY) is None
    assert await store.payload("c", NOW) is None


async def test_keeping_nothing_is_nothing(codes: StoredCodes) -> None:
    await codes.keep({}, NOW)
    assert await codes.payload("", NOW - DAY) is None


async def test_keeping_again_makes_it_last_longer_but_never_shorter(codes: StoredCodes) -> None:
    await codes.keep({"a": "x"}, NOW + DAY)
    await codes.keep({"a": "x", "b": "y"}, NOW + 3 * DAY)
    await codes.keep({"a": "x"}, NOW + 2 * DAY)
    assert await codes.payload("a", NOW + 2 * DAY) == "x"
    assert await codes.payload("a", NOW + 3 * DAY) is None


async def test_times_are_compared_whatever_zone_they_are_given_in(codes: StoredCodes) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    await codes.keep({"a": "x"}, (NOW + DAY).astimezone(tokyo))
    assert await codes.payload("a", (NOW + DAY).astimezone(tokyo)) is None
    assert await codes.payload("a", NOW + DAY - timedelta(seconds=1)) == "x"


async def test_what_is_kept_outlives_the_program(codes: StoredCodes, another: State) -> None:
    await codes.keep({"a": "x"}, NOW + DAY)
    assert await StoredCodes(another).payload("a", NOW) == "x"
