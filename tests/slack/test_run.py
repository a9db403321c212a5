"""`matome run` in Slack: a process of its own, over a socket and over HTTP, until it is stopped."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process

import aiohttp
import pytest

from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import settings_for
from tests.discord.server import opened_discord
from tests.logged import told
from tests.slack.conftest import Town
from tests.slack.program import over_a_socket, over_http, running, serves
from tests.slack.server import Slack, Trouble, Way
from tests.slack.server.troubles import Chooser

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")

LOGGED_IN = "Logged in to “readers” in Slack as matome."


async def ended(process: Process) -> tuple[int | None, str]:
    """The status of the program, and what it has said; to stdout it says nothing."""
    out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert out == b""
    return process.returncode, err.decode()


async def stopped(
    slack: Slack, process: Process, stopping: signal.Signals = signal.SIGTERM
) -> tuple[int | None, str]:
    """The same of one that is told to stop, once all that was told to it is acknowledged."""
    await slack.settled()
    process.send_signal(stopping)
    return await ended(process)


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
async def test_over_a_socket_two_tokens_are_enough(
    matome: Matome, small_blog: Blog, town: Town, stopping: signal.Signals
) -> None:
    assert matome("sync").status == 0
    async with running(matome, over_a_socket(town.slack, town.token)) as process:
        await town.slack.connected()
        player = town.slack.player(town.ann, town.general)
        seen = await player.types("/matome gpu")
        assert seen.private
        assert "GPU" in seen.text
        seen = await player.clicks(seen, "開く")
        assert "メモリ帯域" in seen.text
        status, said = await stopped(town.slack, process, stopping)
        assert (status, told(said)) == (0, [LOGGED_IN])
    assert not town.slack.link.socket.connections
    assert not town.slack.complaints


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
async def test_over_http_it_answers_until_it_is_told_to_stop(
    matome: Matome, small_blog: Blog, town: Town, stopping: signal.Signals
) -> None:
    assert matome("sync").status == 0
    async with running(matome, over_http(town.slack, town.token)) as process:
        await serves(town.slack)
        player = town.slack.player(town.ann, town.general)
        assert "GPU" in (await player.types("/matome gpu")).text
        assert "GPU" in (await player.mentions("gpu")).text
        assert "GPU" in (await town.slack.player(town.ann).says("gpu")).text
        async with aiohttp.ClientSession() as session:
            url = town.slack.app.url.replace("/slack/events", "/livez")
            async with session.get(url) as answer:
                assert answer.status == 200
        status, said = await stopped(town.slack, process, stopping)
        assert (status, told(said)) == (0, [LOGGED_IN])
    assert not town.slack.complaints


async def test_many_workspaces_add_it_in_a_browser(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    slack = town.slack
    async with running(matome, over_http(slack, None)) as process:
        await serves(slack)
        for name in ("one", "two"):
            team = slack.add_team(name)
            bob = slack.add_user(team, "bob", admin=True)
            url = slack.app.url.replace("events", "install")
            assert (await slack.add_to_slack(url, team, bob))[0] == 200
            player = slack.player(bob, slack.add_channel(team, "general"))
            assert "GPU" in (await player.types("/matome gpu")).text
        assert await slack.changes.until(lambda: len(slack.journal.of("post")) == 2, SECONDS)
        status, said = await stopped(town.slack, process)
    assert (status, "0 (it is added at /slack/install)" in said) == (0, True)
    assert not slack.complaints


async def test_a_restart_finds_its_workspaces_again(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    slack = town.slack
    settings = over_http(slack, None)
    team = slack.add_team("one")
    bob = slack.add_user(team, "bob", admin=True)
    async with running(matome, settings) as process:
        await serves(slack)
        await slack.add_to_slack(slack.app.url.replace("events", "install"), team, bob)
        assert await slack.changes.until(lambda: bool(slack.journal.of("post")), SECONDS)
        await stopped(slack, process)
    general = slack.add_channel(team, "general")
    async with running(matome, settings) as process:
        await serves(slack)
        assert "GPU" in (await slack.player(bob, general).mentions("gpu")).text
        status, said = await stopped(town.slack, process)
    assert (status, "Slack app: 1 " in said) == (0, True)
    # Without the key nothing of it can be read.
    other = {**settings, "MATOME_SECRET_KEY": "b" * 43 + "="}
    doctor = await asyncio.to_thread(matome, "doctor", env=other)
    assert "MATOME_SECRET_KEY" in doctor.out


async def test_where_the_state_is_away_at_the_start_it_serves_all_the_same(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    (matome.data / "state.sqlite3").write_bytes(b"\xa5" * 100_000)
    async with running(matome, over_http(town.slack, None)) as process:
        await serves(town.slack)
        status, said = await stopped(town.slack, process)
    assert status == 0
    assert "The Slack app is added at /slack/install" in said
    assert "how many workspaces have added the app is not known" in said


async def test_a_wrong_token_is_told_and_the_other_platform_goes_on(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    town.token.revoked = True
    async with running(matome, over_a_socket(town.slack, town.token)) as process:
        status, said = await ended(process)
    assert (status, said.count("\n"), "SLACK_BOT_TOKEN" in said) == (1, 1, True)
    assert town.token.value not in said
    async with opened_discord() as discord:
        settings = settings_for(discord) | over_a_socket(town.slack, town.token)
        settings["PYTHONWARNINGS"] += "," + settings_for(discord)["PYTHONWARNINGS"]
        async with running(matome, settings) as process:
            await discord.connected(seconds=8)
            status, said = await stopped(town.slack, process)
    assert (status, "SLACK_BOT_TOKEN" in said) == (0, True)


async def test_a_wrong_app_token_is_told(matome: Matome, small_blog: Blog, town: Town) -> None:
    settings = over_a_socket(town.slack, town.token, SLACK_APP_TOKEN="xapp-1-wrong")  # noqa: S106
    async with running(matome, settings) as process:
        status, said = await ended(process)
    assert (status, "SLACK_APP_TOKEN" in said, "xapp-1-wrong" in said) == (1, True, False)


async def test_a_scope_that_is_missing_is_named(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    scopes = tuple(one for one in town.slack.app.scopes if one != "users:read")
    town.token.scopes = scopes
    async with running(matome, over_a_socket(town.slack, town.token)) as process:
        await town.slack.connected()
        seen = await town.slack.player(town.ann, town.general).types("/matome gpu")
        assert "GPU" in seen.text
        status, said = await stopped(town.slack, process)
    lines = told(said)
    assert (status, lines[0]) == (0, LOGGED_IN)
    assert lines[1].startswith("Slack scopes are missing: users:read (")


async def test_a_port_that_is_taken_is_told(matome: Matome, small_blog: Blog, town: Town) -> None:
    settings = over_http(town.slack, town.token)
    async with running(matome, settings):
        await serves(town.slack)
        # Another bot by its data; two on one state would be refused for that.
        other = settings | {"MATOME_DATA": str(matome.data.with_name("other"))}
        async with running(matome, other) as second:
            status, said = await ended(second)
    assert (status, said.count("\n")) == (1, 1)
    assert settings["MATOME_HTTP"] in said


async def test_what_is_under_way_is_answered_before_it_leaves(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    async with running(matome, over_http(town.slack, town.token)) as process:
        await serves(town.slack)
        asked = asyncio.Event()
        town.slack.troubles.choose = slow("chat.postMessage", asked)
        asking = asyncio.create_task(town.slack.player(town.ann).says("gpu"))
        await asyncio.wait_for(asked.wait(), SECONDS)
        process.send_signal(signal.SIGTERM)
        assert "GPU" in (await asking).text
        status, said = await ended(process)
        assert (status, told(said)) == (0, [LOGGED_IN])


async def test_the_doctor_looks_at_slack(matome: Matome, small_blog: Blog, town: Town) -> None:
    assert matome("sync").status == 0
    settings = over_a_socket(town.slack, town.token)
    done = await asyncio.to_thread(matome, "doctor", env=settings)
    assert (done.status, done.err) == (0, "")
    assert "ok     Slack: matome (workspace: readers)" in done.out
    wrong = {**settings, "SLACK_BOT_TOKEN": "xoxb-wrong"}
    done = await asyncio.to_thread(matome, "doctor", env=wrong)
    assert (done.status, "SLACK_BOT_TOKEN" in done.out) == (1, True)
    half = {name: value for name, value in settings.items() if name != "SLACK_APP_TOKEN"}
    done = await asyncio.to_thread(matome, "doctor", env=half)
    assert (done.status, "SLACK_APP_TOKEN" in done.out) == (1, True)


def slow(method: str, asked: asyncio.Event) -> Chooser:
    """Let the requests of a method take a second, and tell when one comes."""

    def choose(other: str) -> Trouble | None:
        if other != method:
            return None
        asked.set()
        return Trouble(Way.SLOW, seconds=1.0)

    return choose
