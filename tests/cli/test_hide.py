"""Taking down: what is hidden is found no more, and messages that showed it are edited."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.intent import OpenPost, Refresh
from bot.model import post_key
from bot.outbox import NewRow, Op, Outcome, PostVersion, Result
from bot.ports import Pace
from bot.stores import Stores
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.blog import Blog, raw_post
from tests.commands import Matome

SLUG = "2025_06_10_gpu_memory"
KEY = post_key(SLUG)
NOW = datetime(2025, 7, 1, tzinfo=UTC)

Answer = TypeVar("Answer")


@pytest.fixture
def synced(matome: Matome, small_blog: Blog) -> Matome:
    """The program with an index of its own, and no state yet."""
    small_blog.post("again", raw_post("同じ議論", ["別の意見"], date="2025-06-12", item=101))
    assert matome("sync").status == 0
    return matome


def in_state(matome: Matome, work: Callable[[Stores], Awaitable[Answer]]) -> Answer:
    """Something that is done with the stores of the program's state."""

    async def done() -> Answer:
        async with open_state(Path(matome.data / "state.sqlite3")) as state:
            return await work(stores_of(state))

    return asyncio.run(done())


async def _posted(stores: Stores) -> None:
    """A message with the post, of three months ago."""
    version = PostVersion(KEY, "1:a")
    row = NewRow(
        "k1",
        "console",
        Op.POST,
        OpenPost(KEY),
        "ja",
        NOW - timedelta(days=90),
        NOW,
        "terminal",
        posts=[version],
    )
    then = NOW - timedelta(days=90)
    await stores.outbox.put([row], then)
    claims = await stores.outbox.claim(
        "console", Pace(1000), str, then, 1, timedelta(minutes=1), "worker"
    )
    (claim,) = claims.claims
    await stores.outbox.settle([Result(claim, Outcome.DONE, "m1")], then)


def found(matome: Matome, query: str) -> list[tuple[str, int | None]]:
    done = matome("search", query, "--json")
    assert done.status == 0
    records = [json.loads(line) for line in done.out.splitlines()]
    return [(record["slug"], record["number"]) for record in records]


def test_a_hidden_comment_is_not_found_until_it_is_shown_again(synced: Matome) -> None:
    assert (SLUG, 2) in found(synced, "NVIDIA")
    done = synced("hide", f"{SLUG}#2")
    assert (done.status, done.err) == (0, "")
    assert done.out == "hidden: GPUのメモリは遅い？ #2\nmessages to be edited: 0\n"
    assert found(synced, "NVIDIA") == []
    assert (SLUG, 1) in found(synced, "メモリ帯域")
    assert "hidden already" in synced("hide", f"{SLUG}#2").out
    assert "shown again" in synced("unhide", f"{SLUG}#2").out
    assert (SLUG, 2) in found(synced, "NVIDIA")
    assert "not hidden" in synced("unhide", f"{SLUG}#2").out


def test_what_is_hidden_stays_so_when_the_state_is_damaged(synced: Matome) -> None:
    assert synced("hide", SLUG).status == 0
    assert "GPUのメモリは遅い" not in synced("search", "gpu").out
    (synced.data / "state.sqlite3").write_bytes(b"no state" * 1000)
    run = synced("search", "gpu")
    assert run.status == 0
    assert "what is hidden could not be read" in run.err
    assert "古いGPU" in run.out
    assert "GPUのメモリは遅い" not in run.out


def test_a_hidden_post_is_exported_still(synced: Matome) -> None:
    before = synced("export").out
    assert synced("hide", SLUG).status == 0
    assert found(synced, "メモリ帯域") == []
    assert synced("export").out == before
    hidden = in_state(synced, lambda stores: stores.hidden.all())
    assert hidden == {KEY: frozenset([0])}


@pytest.mark.parametrize(
    "name",
    [SLUG, KEY, f"https://blog.example/posts/2025_06/{SLUG}/", "102"],
    ids=["slug", "key", "address", "item"],
)
def test_a_post_is_named_in_each_of_these_ways(synced: Matome, name: str) -> None:
    done = synced("hide", f"{name}#1")
    assert (done.status, done.err) == (0, "")
    key = post_key("2025_06_02_wifi") if name == "102" else KEY
    assert in_state(synced, lambda stores: stores.hidden.all()) == {key: frozenset([1])}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("101", "again"),
        ("https://news.ycombinator.com/item?id=101#1", SLUG),
        ("no_such_post", "no_such_post"),
        ("999", "999"),
        (f"{SLUG}#4", "1 to 3"),
        ("2025_06_11_draft", "2025_06_11_draft"),
        ("", "''"),
    ],
)
def test_what_is_not_clear_is_asked_about_and_hides_nothing(
    synced: Matome, name: str, said: str
) -> None:
    done = synced("hide", name)
    assert (done.status, done.out) == (2, "")
    assert said in done.err or not name
    assert "Traceback" not in done.err
    assert in_state(synced, lambda stores: stores.hidden.all()) == {}


def test_messages_that_showed_it_are_edited_whatever_their_age(synced: Matome) -> None:
    in_state(synced, _posted)
    done = synced("hide", SLUG)
    assert done.out.endswith("messages to be edited: 1\n")

    async def edits(stores: Stores) -> list[tuple[Op, object, str | None]]:
        claims = await stores.outbox.claim(
            "console", Pace(1000), str, datetime.now(UTC), 9, timedelta(minutes=1), "worker"
        )
        return [(claim.row.op, claim.row.said, claim.row.message) for claim in claims.claims]

    assert in_state(synced, edits) == [(Op.EDIT, Refresh("k1"), "m1")]


@pytest.mark.parametrize("name", [SLUG, KEY])
def test_a_post_that_has_left_the_archive_is_taken_off_messages_that_show_it(
    synced: Matome, small_blog: Blog, name: str
) -> None:
    (small_blog.root / f"content/posts/2025_06/{SLUG}/index.md").unlink()
    assert synced("sync").status == 0
    assert synced("hide", name).status == 2
    in_state(synced, _posted)
    done = synced("hide", name)
    assert done.out == f"hidden: {name}\nmessages to be edited: 1\n"
    assert synced("unhide", name).status == 0


def test_it_works_beside_a_running_chat(synced: Matome) -> None:
    running = synced.start("chat")
    try:
        assert synced("hide", SLUG).status == 0
    finally:
        running.kill()
        running.communicate()
