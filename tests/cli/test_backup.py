"""`matome backup` and `matome restore`: what they say, and what becomes of digests."""

import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.address import Server
from bot.subscription import Due, Subscription
from storage.state.database import open_state
from storage.state.stores import stores_of
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import HEAD
from tests.blog import Blog
from tests.commands import Matome
from tests.state.samples import MADE

LAST_WEEK = datetime.now(UTC) - timedelta(days=3)


@pytest.fixture
def state(matome: Matome, small_blog: Blog) -> Path:
    """A state with a digest that was due three days ago."""
    path = matome.data / "state.sqlite3"
    asyncio.run(add(path, replace(MADE, due=Due(LAST_WEEK, LAST_WEEK.date()))))
    return path


async def add(address: Path | Server, subscription: Subscription) -> None:
    async with open_state(address) as state:
        await StoredSubscriptions(state).add(subscription, "alice", 50)


async def history(address: Path | Server) -> tuple[list[Due | None], list[str]]:
    """When digests are due, and how those before have ended."""
    async with open_state(address) as state:
        stores = stores_of(state)
        subscriptions = await stores.subscriptions.every()
        rows = [row for one in subscriptions for row in await stores.outbox.history(one.id, 20)]
    return (
        [one.due for one in subscriptions],
        [row.outcome.value if row.outcome else "open" for row in rows],
    )


def test_a_backup_is_made_and_restored(matome: Matome, state: Path) -> None:
    done = matome("backup", "backup")
    assert (done.status, done.err) == (0, "")
    assert done.out == f"Wrote backup (daily digests: 1, rows: 3, schema: {HEAD}).\n"
    state.unlink()
    done = matome("restore", "backup")
    assert (done.status, done.err) == (0, "")
    restored, missed = done.out.splitlines()
    assert restored == "Restored backup (daily digests: 1, rows: 3)."
    # Of the day itself, the days after it, and today if its time is over.
    assert re.search("since the backup: [345]", missed)
    ((due,), outcomes) = asyncio.run(history(state))
    assert due is not None
    assert due.at > datetime.now(UTC)
    assert set(outcomes) == {"missed"}


def test_what_is_there_is_replaced_only_when_it_is_said(matome: Matome, state: Path) -> None:
    assert matome("backup", "backup").status == 0
    again = matome("backup", "backup")
    assert (again.status, again.out) == (1, "")
    assert "--force" in again.err
    assert matome("backup", "--force", "backup").status == 0
    refused = matome("restore", "backup")
    assert (refused.status, refused.out) == (1, "")
    assert "daily digests: 1, rows: 3" in refused.err
    assert "--yes" in refused.err
    assert matome("restore", "backup", "--yes").status == 0


def test_the_state_moves_to_a_server(matome: Matome, state: Path, postgres_url: str) -> None:
    assert matome("backup", "backup").status == 0
    on_server = {"MATOME_STATE_URL": postgres_url}
    done = matome("restore", "backup", env=on_server)
    assert (done.status, done.err) == (0, "")
    assert len(asyncio.run(history(Server(postgres_url)))[0]) == 1
    assert matome("backup", "second", env=on_server).status == 0
    assert matome("restore", "--yes", "second").status == 0


def test_a_damaged_state_is_told_of_and_restored(matome: Matome, state: Path) -> None:
    assert matome("backup", "backup").status == 0
    state.write_bytes(b"\xa5" * 100_000)
    refused = matome("restore", "backup")
    assert refused.status == 1
    done = matome("restore", "backup", "--yes")
    assert done.status == 0
    assert (
        done.err == f"The state database that could not be used was moved to {state}.damaged-1.\n"
    )


def test_what_cannot_be_restored_is_told(matome: Matome, state: Path) -> None:
    (matome.cwd / "text").write_text("no backup")
    with closing(sqlite3.connect(matome.cwd / "foreign")) as database:
        database.execute("CREATE TABLE note (text)")
    for name in ("missing", "text", "foreign"):
        done = matome("restore", "--yes", name)
        assert (done.status, done.out) == (1, "")
        assert done.err.startswith(f"error: {name} cannot be restored")
        assert "Traceback" not in done.err


def test_without_a_state_there_is_nothing_to_back_up(matome: Matome, small_blog: Blog) -> None:
    done = matome("backup", "backup", env={"LANG": "ja_JP.UTF-8"})
    assert done.status == 1
    assert "まだありません" in done.err
    assert not matome.data.exists()
