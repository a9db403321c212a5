"""Where the bot was installed: kept as it is given, replaced, and deleted."""

from datetime import timedelta

import pytest

from bot.stores import Installations
from storage.state.database import State
from storage.state.installations import StoredInstallations
from tests.state.samples import NOW


@pytest.fixture
def installations(state: State) -> Installations:
    """The installations of a new state."""
    return StoredInstallations(state)


async def test_what_was_granted_is_there_for_its_workspace_alone(
    installations: Installations,
) -> None:
    await installations.keep("slack", "T1", "sealed", NOW)
    assert await installations.sealed("slack", "T1") == "sealed"
    assert await installations.sealed("slack", "T2") is None
    assert await installations.sealed("other", "T1") is None


async def test_the_newest_takes_the_place_of_the_one_before(installations: Installations) -> None:
    await installations.keep("slack", "T1", "old", NOW)
    await installations.keep("slack", "T1", "new", NOW + timedelta(hours=1))
    assert await installations.sealed("slack", "T1") == "new"
    assert await installations.workspaces("slack") == ["T1"]


async def test_all_workspaces_of_a_platform(installations: Installations) -> None:
    for workspace in ("T2", "E1", "T1"):
        await installations.keep("slack", workspace, "x", NOW)
    await installations.keep("other", "G1", "x", NOW)
    assert await installations.workspaces("slack") == ["E1", "T1", "T2"]


async def test_deleted_once(installations: Installations) -> None:
    await installations.keep("slack", "T1", "x", NOW)
    await installations.keep("slack", "T2", "x", NOW)
    assert await installations.delete("slack", "T1")
    assert not await installations.delete("slack", "T1")
    assert await installations.workspaces("slack") == ["T2"]


async def test_only_what_is_known_is_deleted(installations: Installations) -> None:
    await installations.keep("slack", "T1", "new", NOW)
    assert not await installations.delete("slack", "T1", "old")
    assert await installations.sealed("slack", "T1") == "new"
    assert await installations.delete("slack", "T1", "new")
