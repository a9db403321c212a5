"""What somebody tries who knows how Slack and the bot talk: nothing leads where it should not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.slack.means import is_of_slack
from bot.intent import (
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    PauseDigest,
    RemoveDigest,
    SendDigest,
)
from bot.running.faces import Route
from bot.running.http import served
from bot.settings import Settings
from bot.view import Action, Effect
from storage.index.reader import IndexReader
from tests.slack.facing import opened_face
from tests.slack.scene import Scene, scene
from tests.slack.server import opened_slack, payloads

__all__ = ["scene"]

# What stands before and behind the host that an address seems to name.
ELSEWHERE = (
    "http://127.0.0.1:{port}/actions/x",
    "http://hooks.slack.com@127.0.0.1:{port}/actions/x",
    "http://127.0.0.1:{port}/https://hooks.slack.com/actions/x",
    "http://localhost:{port}/hooks.slack.com",
)


@asynccontextmanager
async def trap() -> AsyncIterator[tuple[int, list[str]]]:
    """A server inside the operator's network that nobody should be able to make the bot ask."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.text())
        return web.Response(text="ok")

    routes = [Route("POST", "/{any:.*}", answer)]
    async with served(("127.0.0.1", 0), routes) as serving:
        yield int(serving.address.rpartition(":")[2]), asked


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_an_answer_goes_to_slack_alone(scene: Scene, address: str) -> None:
    async with trap() as (port, asked):
        state = scene.play(scene.ann).state
        interaction = state.interact(scene.ann, scene.team, channel=scene.channel)
        payload = payloads.command(state, interaction, "/matome", "gpu")
        payload["response_url"] = address.format(port=port)
        await scene.slack.link.ask("slash_commands", payload, responds=True)
        seen = await scene.play(scene.ann).sees("GPU")
        assert seen.private
        assert asked == []


@pytest.mark.parametrize(
    "address", ["", "hooks.slack.com", "file:///etc/passwd", "http://[", "gopher://hooks.slack.com"]
)
async def test_an_address_that_is_none_harms_nobody(scene: Scene, address: str) -> None:
    state = scene.play(scene.ann).state
    interaction = state.interact(scene.ann, scene.team, channel=scene.channel)
    payload = payloads.command(state, interaction, "/matome", "gpu")
    payload["response_url"] = address
    await scene.slack.link.ask("slash_commands", payload, responds=True)
    assert (await scene.play(scene.ann).sees("GPU")).private


async def test_buttons_of_one_workspace_do_nothing_in_another(
    index: IndexReader, settings: Settings
) -> None:
    """With the code of each thing that can be done with a digest, and the names of its place."""
    async with opened_slack() as slack, opened_face(slack, index, settings) as faced:
        players = []
        for name in ("victims", "attackers"):
            team = slack.add_team(name)
            admin = slack.add_user(team, f"admin-{name}", admin=True)
            assert (await slack.add_to_slack(faced.install_url, team, admin))[0] == 200
            players.append(slack.player(admin, slack.add_channel(team, "general")))
        victim, attacker = players
        await victim.types("/matome digest add 9:30")
        (theirs,) = await faced.stores.subscriptions.every()
        answer = await attacker.types("/matome help")
        kinds = (DigestSettings, DigestStatus, EditDigest, PauseDigest, SendDigest)
        actions = [Action(kind(theirs.id), Effect.OPEN) for kind in kinds]
        actions.append(Action(RemoveDigest(theirs.id, sure=True)))
        actions.append(Action(ForgetMe(sure=True)))
        codes = await faced.bot.chat.codes_of(actions)
        for action in actions:
            seen = await attacker.presses(answer, "press:1", codes[action])
            assert "9:30" not in seen.text, action
        assert await faced.stores.subscriptions.every() == [theirs]
        assert len(victim.place.messages) == 0
        # What is said there is said by the token of that workspace alone.
        await slack.settled()
        assert not slack.complaints


@pytest.mark.parametrize(
    ("url", "api_url", "expected"),
    [
        ("https://hooks.slack.com/actions/T1/2/x", None, True),
        ("https://hooks.slack.com/commands/T1/2/x", "https://proxy.example/api/", True),
        ("https://hooks.slack-gov.com/actions/T1/2/x", None, True),
        ("https://proxy.example/actions/T1/2/x", "https://proxy.example/api/", True),
        ("https://proxy.example/actions/T1/2/x", None, False),
        ("https://proxy.example.evil.example/x", "https://proxy.example/api/", False),
        ("http://hooks.slack.com/actions/T1/2/x", None, False),
        ("https://evilslack.com/x", None, False),
        ("https://hooks.slack.com@evil.example/x", None, False),
        ("https://evil.example/?hooks.slack.com", None, False),
    ],
)
def test_which_addresses_are_slacks(url: str, api_url: str | None, expected: bool) -> None:
    assert is_of_slack(url, api_url) == expected
