"""Subscriptions: kept as they are given, changed by name, and forgotten with a person."""

import asyncio
from dataclasses import replace
from datetime import time

import pytest

from bot.errors import UserError
from bot.intent import ShowDigest, Stopped
from bot.locales import LANGUAGES, Texts
from bot.outbox import Op
from bot.payload import to_text
from bot.stores import Subscriptions
from bot.subscription import Change, Place, QuietDay, Times, Wishes
from storage.state.database import State
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import HAD_POST, OUTBOX, OUTBOX_POST, SUBSCRIPTION_CHANGE
from tests.state.samples import (
    DIRECT,
    GENERAL,
    HOUR,
    MADE,
    NOW,
    had,
    note_had,
    outcomes,
    put_row,
    rows_of,
    subscription,
)

OTHER = Place("discord", "C2", "G1")
PERSONAL = subscription("p1", DIRECT, personal=True)


@pytest.fixture
def subscriptions(state: State) -> Subscriptions:
    """Those of a new state."""
    return StoredSubscriptions(state)


async def test_everything_comes_back_as_it_was_given(subscriptions: Subscriptions) -> None:
    full = replace(
        MADE,
        times=Times(time(7, 5), frozenset({0, 4}), "America/New_York"),
        wishes=Wishes(
            ("GPU", "機械学習"), ("Rust",), 3, "en", QuietDay.SAY, role="R1", publish=True
        ),
        stopped="forbidden",
        due=None,
    )
    for one in (full, PERSONAL):
        assert await subscriptions.add(one, "alice", 50) == one
        assert await subscriptions.get(one.id) == one
    assert full.paused
    assert await subscriptions.get("none") is None


async def test_they_are_found_by_place_and_person(subscriptions: Subscriptions) -> None:
    first, second = subscription("b"), subscription("a", created_at=NOW + HOUR)
    elsewhere = subscription("c", OTHER, created_at=NOW + 2 * HOUR)
    on_slack = subscription("d", Place("slack", "C1", "G1"), created_at=NOW + 3 * HOUR)
    personal = replace(PERSONAL, created_at=NOW + 4 * HOUR)
    for one in (second, first, elsewhere, on_slack, personal):
        await subscriptions.add(one, "alice", 50)
    assert await subscriptions.of_place(GENERAL) == [first, second]
    assert await subscriptions.of_workspace("discord", "G1") == [first, second, elsewhere]
    assert await subscriptions.of_workspace("slack", "G1") == [on_slack]
    assert await subscriptions.of_person("discord", "alice") == [personal]
    assert await subscriptions.of_person("slack", "alice") == []
    assert await subscriptions.every() == [first, second, elsewhere, on_slack, personal]


async def test_the_same_wishes_again_are_the_one_that_is_there(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.add(MADE, "alice", 1)
    again = replace(MADE, id="s2", creator="bob", due=None)
    assert await subscriptions.add(again, "bob", 1) == MADE
    assert await subscriptions.every() == [MADE]
    differing = replace(again, wishes=Wishes(role="R1"))
    assert await subscriptions.add(differing, "bob", 2) == differing


async def test_a_workspace_and_direct_messages_have_a_limit(subscriptions: Subscriptions) -> None:
    await subscriptions.add(subscription("a"), "alice", 2)
    await subscriptions.add(subscription("b", OTHER), "alice", 2)
    with pytest.raises(UserError) as raised:
        await subscriptions.add(subscription("c"), "alice", 2)
    for language in LANGUAGES:
        assert "2" in Texts(language).of(raised.value)
    await subscriptions.add(subscription("c", Place("discord", "C3", "G2")), "alice", 2)
    for name in ("d", "e"):
        await subscriptions.add(subscription(name, DIRECT), "alice", 2)
    with pytest.raises(UserError):
        await subscriptions.add(subscription("f", DIRECT), "alice", 2)
    await subscriptions.add(subscription("f", Place("discord", "D2")), "alice", 2)


async def test_the_limit_holds_when_many_are_added_at_once(state: State, another: State) -> None:
    stores = [StoredSubscriptions(state), StoredSubscriptions(another)]
    results = await asyncio.gather(
        *(stores[number % 2].add(subscription(str(number)), "alice", 3) for number in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, UserError) for result in results) == 7
    assert len(await stores[0].every()) == 3


async def test_one_that_is_added_twice_at_once_is_one(state: State, another: State) -> None:
    stores = [StoredSubscriptions(state), StoredSubscriptions(another)] * 3
    results = await asyncio.gather(
        *(store.add(replace(MADE, id=f"s{n}"), "alice", 50) for n, store in enumerate(stores))
    )
    assert len({result.id for result in results}) == 1
    assert await stores[0].every() == [results[0]]


async def test_who_changed_what_is_kept(subscriptions: Subscriptions) -> None:
    await subscriptions.add(MADE, "alice", 50)
    changed = replace(MADE, due=None, wishes=Wishes(posts=2))
    assert await subscriptions.change(changed, "bob", "edit", "posts 2", NOW + HOUR)
    assert await subscriptions.get("s1") == changed
    assert await subscriptions.remove("s1", None, NOW + 2 * HOUR)
    assert await subscriptions.changes("s1", 10) == [
        Change(NOW + 2 * HOUR, None, "remove"),
        Change(NOW + HOUR, "bob", "edit", "posts 2"),
        Change(NOW, "alice", "add"),
    ]
    assert len(await subscriptions.changes("s1", 1)) == 1


async def test_what_is_not_there_any_more_cannot_be_changed(subscriptions: Subscriptions) -> None:
    assert not await subscriptions.change(MADE, "bob", "edit", "", NOW)
    assert not await subscriptions.remove("s1", "bob", NOW)
    assert await subscriptions.changes("s1", 10) == []


async def test_what_another_has_changed_meanwhile_is_not_taken_back(
    subscriptions: Subscriptions,
) -> None:
    read = await subscriptions.add(MADE, "alice", 50)
    theirs = replace(read, wishes=Wishes(posts=2))
    assert await subscriptions.change(theirs, "bob", "edit", "", NOW, before=read)
    paused = replace(read, due=None)
    assert not await subscriptions.change(paused, "alice", "pause", "", NOW, before=read)
    assert await subscriptions.get("s1") == theirs
    assert [each.what for each in await subscriptions.changes("s1", 10)] == ["edit", "add"]
    again = replace(theirs, due=None)
    assert await subscriptions.change(again, "alice", "pause", "", NOW, before=theirs)
    assert await subscriptions.get("s1") == again


async def test_a_pause_ends_what_waits_to_be_sent(
    subscriptions: Subscriptions, state: State
) -> None:
    await subscriptions.add(MADE, "alice", 50)
    await put_row(state, "waits", subscription="s1", posts=["a"])
    await put_row(state, "other", subscription="s2")
    await note_had(state, GENERAL, ["a", "b"])
    assert await subscriptions.change(MADE, "alice", "edit", "", NOW)
    assert (await outcomes(state))["waits"] is None
    assert await subscriptions.change(replace(MADE, due=None), "alice", "pause", "", NOW)
    assert await outcomes(state) == {"waits": "dropped", "other": None}
    assert await had(state) == {("C1", "b")}


async def test_who_was_forgotten_does_not_come_back_with_a_change(
    subscriptions: Subscriptions,
) -> None:
    read = await subscriptions.add(MADE, "alice", 50)
    await subscriptions.forget_person("discord", "alice")
    assert await subscriptions.change(replace(read, due=None), "bob", "pause", "", NOW)
    assert await subscriptions.get("s1") == replace(MADE, creator=None, due=None)


async def test_removing_drops_what_waits_and_all_that_hangs_on_it(
    subscriptions: Subscriptions, state: State
) -> None:
    await subscriptions.add(MADE, "alice", 50)
    await put_row(state, "sent", subscription="s1", outcome="done", posts=["a"])
    await put_row(state, "waits", subscription="s1", posts=["b"], worker="w", lease_until=NOW)
    await put_row(state, "publish", op=Op.PUBLISH, after_key="waits", on_key="waits")
    await put_row(state, "thread", op=Op.THREAD, on_key="waits")
    await put_row(state, "comments", on_key="thread", after_key="thread")
    await put_row(state, "other", subscription="s2")
    await note_had(state, GENERAL, ["a", "b", "c"])
    assert await subscriptions.remove("s1", "alice", NOW + HOUR)
    assert await outcomes(state) == {
        "sent": "done",
        "waits": "dropped",
        "publish": "dropped",
        "thread": "dropped",
        "comments": "dropped",
        "other": None,
    }
    (waited,) = [row for row in await rows_of(state, OUTBOX) if row["key"] == "waits"]
    assert waited["done_at"] == NOW + HOUR
    assert (waited["worker"], waited["lease_until"]) == (None, None)
    # What was not shown may come another time, what was shown not.
    assert await had(state) == {("C1", "a"), ("C1", "c")}


async def test_forgetting_a_person_deletes_what_was_theirs(
    subscriptions: Subscriptions, state: State
) -> None:
    await subscriptions.add(MADE, "alice", 50)
    await subscriptions.add(subscription("b", OTHER, creator="bob"), "alice", 50)
    await subscriptions.add(PERSONAL, "alice", 50)
    await subscriptions.change(PERSONAL, "alice", "edit", "GPU", NOW)
    await note_had(state, DIRECT, ["a"])
    await note_had(state, GENERAL, ["a"])
    await put_row(state, "p", target="D1", subscription="p1", outcome="done", reference="D1/1")
    await put_row(state, "p2", target="D1", subscription="p1", posts=["a"])
    await put_row(state, "edited", op=Op.EDIT, target=None, message="D1/1")
    await put_row(state, "s", subscription="s1", posts=["a"], outcome="done")
    notice = Stopped("s1", "gone", person="alice")
    await put_row(state, "tell", op=Op.TELL, said=notice)
    await put_row(state, "told", op=Op.TELL, said=replace(notice, person="alice2"))

    assert await subscriptions.forget_person("discord", "alice") == 1

    remaining = await subscriptions.every()
    assert [(one.id, one.creator) for one in remaining] == [("b", "bob"), ("s1", None)]
    changes = await rows_of(state, SUBSCRIPTION_CHANGE)
    assert [(row["subscription"], row["person"]) for row in changes] == [("s1", None), ("b", None)]
    assert await had(state) == {("C1", "a")}
    said = {row["key"]: row["said"] for row in await rows_of(state, OUTBOX)}
    assert said == {
        "s": to_text(ShowDigest("2026-11-21", 1)),
        "tell": to_text(replace(notice, person=None)),
        "told": to_text(replace(notice, person="alice2")),
    }
    assert len(await rows_of(state, OUTBOX_POST)) == 1
    assert await subscriptions.forget_person("discord", "alice") == 0


async def test_a_name_is_that_of_its_platform(subscriptions: Subscriptions) -> None:
    await subscriptions.add(MADE, "alice", 50)
    assert await subscriptions.forget_person("slack", "alice") == 0
    assert await subscriptions.get("s1") == MADE


async def test_direct_messages_that_had_a_digest_before_are_forgotten_when_they_are_named(
    subscriptions: Subscriptions, state: State
) -> None:
    await subscriptions.add(PERSONAL, "alice", 50)
    await note_had(state, DIRECT, ["a"])
    await subscriptions.remove("p1", "alice", NOW)
    assert await subscriptions.forget_person("discord", "alice", "D1") == 0
    assert await rows_of(state, HAD_POST) == []


async def test_a_place_is_put_into_its_server_with_what_was_sent_there(state: State) -> None:
    subscriptions = StoredSubscriptions(state)
    nowhere = Place("discord", "C9")
    personal = subscription("p", nowhere, personal=True)
    for one in (MADE, subscription("a", nowhere), subscription("b", nowhere), personal):
        await subscriptions.add(one, "alice", 50)
    await put_row(state, "there", target="C9")
    await put_row(state, "elsewhere", target="C8")
    assert await subscriptions.unplaced(["slack"]) == []
    assert await subscriptions.unplaced(["discord", "slack"]) == [nowhere]
    assert await subscriptions.workspaces("discord") == {"G1"}
    await subscriptions.put_in(replace(nowhere, workspace="G9"))
    assert await subscriptions.unplaced(["discord"]) == []
    assert await subscriptions.workspaces("discord") == {"G1", "G9"}
    found = {one.id: one.place.workspace for one in await subscriptions.every()}
    assert found == {"s1": "G1", "a": "G9", "b": "G9", "p": None}
    sent = {row["key"]: row["workspace"] for row in await rows_of(state, OUTBOX)}
    assert sent == {"there": "G9", "elsewhere": None}
