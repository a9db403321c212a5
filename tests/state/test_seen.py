"""Seen posts: what is new, corrected or gone is told once, whoever looks."""

import asyncio

import pytest

from bot.stores import Observation, SeenPosts
from storage.state.database import State
from storage.state.seen import StoredSeenPosts
from storage.state.tables import SEEN_POST
from tests.state.samples import DAY, HOUR, NOW, rows_of

FIRST = {"a": "1:aa", "b": "1:bb"}


@pytest.fixture
async def seen(state: State) -> SeenPosts:
    """An archive of two posts that were seen a day ago."""
    store = StoredSeenPosts(state)
    await store.observe(FIRST, 100, NOW - DAY)
    return store


def observed(
    new: str = "", corrected: str = "", removed: str = "", *, accepted: bool = True
) -> Observation:
    return Observation(accepted, frozenset(new), frozenset(corrected), frozenset(removed))


async def test_the_first_posts_are_the_baseline(state: State) -> None:
    store = StoredSeenPosts(state)
    assert await store.revision() is None
    assert await store.observe(FIRST, 100, NOW) == observed()
    assert await store.revision() == 100
    assert await store.new_since(NOW - DAY) == []
    assert await store.current(["a", "b", "c"]) == FIRST


async def test_each_thing_is_told_once(seen: SeenPosts) -> None:
    later = {"a": "1:changed", "c": "1:cc"}
    assert await seen.observe(later, 200, NOW) == observed("c", "a", "b")
    assert await seen.observe(later, 200, NOW + HOUR) == observed()
    assert await seen.current(["a", "b", "c"]) == later
    assert await seen.new_since(NOW) == ["c"]
    assert await seen.new_since(NOW + HOUR) == []


async def test_new_posts_come_the_newest_first(seen: SeenPosts) -> None:
    await seen.observe(FIRST | {"z": "1:z"}, 200, NOW)
    await seen.observe(FIRST | {"z": "1:z", "x": "1:x", "y": "1:y"}, 300, NOW + HOUR)
    assert await seen.new_since(NOW - 2 * DAY) == ["x", "y", "z"]
    await seen.observe(FIRST | {"z": "1:z", "x": "1:x"}, 400, NOW + 2 * HOUR)
    assert await seen.new_since(NOW - 2 * DAY) == ["x", "z"]


async def test_an_older_revision_changes_nothing(seen: SeenPosts) -> None:
    await seen.observe(FIRST | {"c": "1:cc"}, 200, NOW)
    old = observed(accepted=False)
    assert await seen.observe({"a": "1:old"}, 199, NOW) == old
    assert await seen.current(["a", "b", "c"]) == FIRST | {"c": "1:cc"}
    assert await seen.revision() == 200


async def test_another_format_is_no_correction(seen: SeenPosts) -> None:
    assert await seen.observe({"a": "2:aa", "b": "2:other"}, 200, NOW) == observed()
    assert await seen.current(["a", "b"]) == {"a": "2:aa", "b": "2:other"}
    assert await seen.observe({"a": "2:zz", "b": "2:other"}, 300, NOW) == observed("", "a")


async def test_a_post_that_is_back_is_not_new_but_made_right(seen: SeenPosts) -> None:
    assert await seen.observe({"a": "1:aa"}, 200, NOW) == observed(removed="b")
    assert await seen.observe(FIRST, 300, NOW) == observed(corrected="b")
    assert await seen.new_since(NOW - 2 * DAY) == []


async def test_another_archive_is_a_baseline_of_its_own(seen: SeenPosts) -> None:
    other = {"x": "1:x", "y": "1:y"}
    assert await seen.observe(other, 200, NOW) == observed()
    assert await seen.new_since(NOW - DAY) == []
    assert await seen.current(["a", "b", "x", "y"]) == other


async def test_no_posts_at_all_are_an_archive_that_is_away(seen: SeenPosts) -> None:
    assert await seen.observe({}, 200, NOW) == observed()
    assert await seen.current(["a", "b"]) == FIRST


async def test_more_posts_than_a_statement_takes(state: State) -> None:
    store = StoredSeenPosts(state)
    many = {f"{number:05}": "1:a" for number in range(2500)}
    await store.observe(many, 1, NOW)
    assert await store.current(many) == many
    changed = dict.fromkeys(many, "1:b") | {"new": "1:n"}
    observation = await store.observe(changed, 2, NOW)
    assert observation.new == {"new"}
    assert observation.corrected == many.keys()
    assert (await store.observe({"new": "1:n"}, 3, NOW)).removed == many.keys()


async def test_of_several_that_look_at_once_one_is_told(state: State, another: State) -> None:
    stores = [StoredSeenPosts(state), StoredSeenPosts(another)] * 4
    await asyncio.gather(*(store.observe(FIRST, 100, NOW - DAY) for store in stores))
    assert all(row["baseline"] for row in await rows_of(state, SEEN_POST))
    later = {"a": "1:changed", "c": "1:cc"}
    told = await asyncio.gather(*(store.observe(later, 200, NOW) for store in stores))
    assert sorted(told, key=lambda one: len(one.new)) == [
        *[observed()] * 7,
        observed("c", "a", "b"),
    ]
