"""Workers that are killed or stopped at every step, and faults at random: everything comes once.

`make soak-kill` does the same for as long as one likes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from storage.state.database import State, open_state
from tests.delivery.on_discord import running_discord
from tests.delivery.on_slack import running_slack
from tests.delivery.remote import FakePlatform, Fakes
from tests.delivery.soak import FAKES, NONCES, SLACKS
from tests.delivery.stations import running, station
from tests.delivery.worker import STEPS, messages_of, rows_of

ROOT = Path(__file__).resolve().parent.parent.parent
FORGETFUL = ("searchable", "discord without nonces")
SHORT = ("--kills", "12", "--deliveries", "40", "--seed", "7")


def soak(*options: str) -> "subprocess.Popen[str]":
    """A round that goes on by itself."""
    command = [sys.executable, "-m", "tests.delivery.soak", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def came_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What came of a round."""
    output, _ = process.communicate(timeout=120)
    result: dict[str, Any] = json.loads(output)
    return result


def faults(result: dict[str, Any]) -> dict[str, list[str]]:
    """What went wrong in a round."""
    return {name: result[name] for name in ("lost", "doubled", "disordered", "stuck")}


NONE: dict[str, list[str]] = {"lost": [], "doubled": [], "disordered": [], "stuck": []}


@pytest.mark.parametrize("kind", FAKES)
def test_whoever_is_killed_at_any_step_loses_and_doubles_nothing(kind: str) -> None:
    result = came_of(soak(*SHORT, "--kind", kind))
    assert result["kills"] == dict.fromkeys(STEPS, 2)
    assert result["messages"] >= 50
    assert faults(result) == NONE


def test_through_the_real_client_of_discord_it_is_the_same() -> None:
    """Discord knows the nonce of a message for some minutes: with that, and without it."""
    longer = ("--kills", "24", "--deliveries", "80", "--seed", "7")
    for came in map(came_of, [soak(*longer, "--kind", kind) for kind in NONCES]):
        assert came["kills"] == dict.fromkeys(STEPS, 4)
        assert came["messages"] >= 100
        assert faults(came) == NONE


def test_through_the_real_client_of_slack_it_is_the_same() -> None:
    """Slack knows no keys, so messages are looked for; where that is forbidden some come twice."""
    longer = ("--kills", "24", "--deliveries", "80", "--seed", "7")
    found, blind = map(came_of, [soak(*longer, "--kind", kind) for kind in SLACKS])
    assert found["kills"] == blind["kills"] == dict.fromkeys(STEPS, 4)
    assert found["messages"] >= 100
    assert faults(found) == NONE
    assert blind.pop("doubled")
    assert faults({**blind, "doubled": []}) == NONE


def test_on_postgresql_it_is_the_same(postgres_url: str) -> None:
    result = came_of(soak(*SHORT, "--kind", "searchable", "--state", postgres_url))
    assert result["kills"] == dict.fromkeys(STEPS, 2)
    assert faults(result) == NONE


def test_without_looking_for_messages_some_would_come_twice() -> None:
    """Which shows that the test above can fail."""
    rounds = [soak(*SHORT, "--kind", kind, "--without-find") for kind in FORGETFUL]
    for result in map(came_of, rounds):
        assert result["doubled"]
        assert not result["lost"]


def test_whoever_is_stopped_for_longer_than_the_lease_doubles_nothing() -> None:
    """Stopped behind the last look at the lease, only a platform that de-duplicates can help."""
    processes = [
        soak("--stop", "claimed", "--kind", "searchable"),
        soak("--stop", "leaving", "--kind", "deduplicating", "--seed", "2"),
        soak("--stop", "leaving", "--kind", "searchable", "--seed", "2"),
    ]
    *safe, exposed = map(came_of, processes)
    assert [faults(result) for result in safe] == [NONE] * 2
    # The one message whose request was held up on its way; docs/delivery.md names the case.
    assert len(exposed.pop("doubled")) <= 1
    assert faults({**exposed, "doubled": []}) == NONE


@pytest.mark.parametrize("kind", FAKES)
async def test_lost_answers_limits_failures_resets_and_slowness_lose_and_double_nothing(
    kind: str, state: State, fakes: Fakes, session: ClientSession
) -> None:
    chances = dict.fromkeys(("limited", "failed", "reset", "lost", "failed_after", "late"), 0.06)
    world = fakes.world(kind, seed=3, slow=0.1, slow_seconds=0.8, late_seconds=0.25, **chances)
    here = station(state, FakePlatform(world, session))
    async with running(here.dispatcher):
        # So many that none of the faults is left out, in whatever order the requests come.
        for number in range(120):
            await here.put(*rows_of(0, number, here))
        keys = [key for number in range(120) for key in messages_of(0, number)]
        assert await here.ended(*keys) == ["done"] * len(keys)
    assert sorted(world.posted()) == sorted(keys)
    assert set(world.stats()["faults"]) == {*chances, "slow"}


async def test_the_real_client_of_discord_stands_them_as_well(tmp_path: Path) -> None:
    ways = ("limited", "page", "status", "reset", "lost", "slow")
    shares = [word for way in ways for word in (f"--{way}", "0.05")]
    # What is forgotten at once has to be found.
    with running_discord("--seed", "5", *shares, nonce_seconds=0) as world:
        async with (
            open_state(tmp_path / "state.sqlite3") as state,
            world.platform() as platform,
        ):
            here = station(state, platform)
            async with running(here.dispatcher):
                rows = [row for n in range(40) for row in rows_of(0, n, here, world.places)]
                await here.put(*rows)
                outcomes = await here.ended(*(row.key for row in rows), seconds=40)
        keys = [key for number in range(40) for key in messages_of(0, number)]
        assert outcomes == ["done"] * len(rows)
        assert sorted(world.posted()) == sorted(keys)
        assert set(world.asked("requests")["met"]) == set(ways)
        noted = world.asked("journal")
    assert not (noted["unknown_routes"] or noted["odd_bodies"])
    # A thread that was made before its answer was lost.
    assert all("160004" in refusal for refusal in noted["refused"])


async def test_the_real_client_of_slack_stands_them_as_well(tmp_path: Path) -> None:
    ways = ("limited", "status", "reset", "lost", "slow")
    shares = [word for way in ways for word in (f"--{way}", "0.06")]
    with running_slack("--seed", "5", *shares) as world:
        async with (
            open_state(tmp_path / "state.sqlite3") as state,
            world.platform() as platform,
        ):
            here = station(state, platform)
            async with running(here.dispatcher):
                rows = [row for n in range(40) for row in rows_of(0, n, here, world.places)]
                await here.put(*rows)
                outcomes = await here.ended(*(row.key for row in rows), seconds=40)
        keys = [key for number in range(40) for key in messages_of(0, number)]
        assert outcomes == ["done"] * len(rows)
        assert sorted(world.posted()) == sorted(keys)
        asked = world.asked("requests")
        assert set(asked["met"]) == set(ways)
        # One message a second is kept before it is demanded.
        assert not asked["limited"]
        noted = world.asked("journal")
    assert not (noted["unknown_methods"] or noted["odd_requests"] or noted["findings"])
    assert not noted["refused"]
