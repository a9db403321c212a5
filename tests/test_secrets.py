"""No secret in anything that others can see: what the program says, its processes, its files."""

import asyncio
import base64
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.blog import Blog, raw_post
from tests.commands import SECONDS, Matome
from tests.discord.program import settings_for
from tests.discord.server import opened_discord
from tests.leaks import Seen, said, served_by, watched
from tests.postgres import Cluster
from tests.slack.program import free_port, over_a_socket, over_http, running, serves
from tests.slack.server import Slack, opened_slack
from tests.state.test_postgresql import run_sql
from tests.sync.repositories import Repository, Server

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc"
)

DISCORD_TOKEN = "MARKED.discord.token"  # noqa: S105 (of no real bot)
APP_TOKEN = "xapp-1-MARKED-app-token"  # noqa: S105 (of no real app)
SIGNING, CLIENT = "MARKEDsigningsecret", "MARKEDclientsecret"
PASSWORD = "MARKED-pass@word"  # noqa: S105 (of no real server)
KEY = base64.b64encode(b"MARKED key of thirty-two bytes!!").decode()


def many_posts(blog: Blog) -> None:
    """So many posts that processes are started to read them."""
    for number in range(60):
        blog.post(f"post{number}", raw_post(f"GPU {number}"))


def together(*settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a bot on several platforms."""
    warnings = ",".join(dict.fromkeys(one["PYTHONWARNINGS"] for one in settings))
    return {name: value for one in settings for name, value in one.items()} | {
        "PYTHONWARNINGS": warnings,
        "PYTHONASYNCIODEBUG": "1",
    }


async def test_on_all_platforms_at_once(matome: Matome, blog: Blog) -> None:
    many_posts(blog)
    seen = Seen()
    async with (
        opened_discord(token=DISCORD_TOKEN) as discord,
        opened_slack(app_token=APP_TOKEN) as slack,
    ):
        token = slack.install(slack.add_team("readers"))
        environment = together(settings_for(discord), over_a_socket(slack, token))
        async with running(matome, environment) as process, watched(process, matome.data, seen):
            await discord.connected(seconds=SECONDS)
            await slack.connected()
            await discord.gateway.close(4000)
            await slack.link.socket.cut()
            await discord.connected(seconds=SECONDS)
            await slack.connected()
            process.send_signal(signal.SIGTERM)
            assert await said(process, seen, SECONDS) == 0
        doctor = await asyncio.to_thread(matome, "doctor", env=environment)
    seen.add("doctor", doctor.stdout + doctor.stderr)
    assert b"Logged in to Discord" in seen.everything["stderr"]
    assert b"-m\0bot\0run" in seen.everything["processes"]
    assert b"multiprocessing" in seen.everything["processes"]
    assert "file index.sqlite3" in seen.everything
    assert seen.holding(DISCORD_TOKEN, APP_TOKEN, token.value) == []


async def test_where_every_token_is_refused(matome: Matome, small_blog: Blog) -> None:
    seen = Seen()
    async with opened_discord() as discord, opened_slack() as slack:
        token = slack.install(slack.add_team("readers"))
        token.revoked = True
        environment = together(
            settings_for(discord, DISCORD_TOKEN), over_a_socket(slack, token)
        ) | {"SLACK_APP_TOKEN": APP_TOKEN}
        async with running(matome, environment) as process, watched(process, matome.data, seen):
            assert await said(process, seen, SECONDS) == 1
        doctor = await asyncio.to_thread(matome, "doctor", env=environment)
    seen.add("doctor", doctor.stdout + doctor.stderr)
    for name in (b"DISCORD_TOKEN", b"SLACK_BOT_TOKEN"):
        assert name in seen.everything["stderr"]
        assert name in seen.everything["doctor"]
    assert seen.holding(DISCORD_TOKEN, APP_TOKEN, token.value) == []


@pytest.mark.parametrize("what", ["twisted", "in the wrong place"])
async def test_where_settings_are_wrong(matome: Matome, small_blog: Blog, what: str) -> None:
    secrets = {
        "DISCORD_TOKEN": DISCORD_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_BOT_TOKEN": "xoxb-MARKED",
        "SLACK_SIGNING_SECRET": SIGNING,
        "SLACK_CLIENT_SECRET": CLIENT,
        "MATOME_SECRET_KEY": KEY,
        "MATOME_STATE_URL": f"postgresql://u:{PASSWORD}",
        "MATOME_ARCHIVE": f"git+https://u:{PASSWORD}@[/",
    }
    if what == "twisted":
        given = {name: f"{value} \u3042\n" for name, value in secrets.items()}
    else:
        given = dict(zip(secrets, [*list(secrets.values())[1:], DISCORD_TOKEN], strict=True))
        # What is no address may be a directory, which is named.
        given |= {"SLACK_CLIENT_ID": KEY, "MATOME_ARCHIVE": secrets["MATOME_ARCHIVE"]}
    for command in ("run", "doctor", "sync"):
        done = await asyncio.to_thread(matome, command, env=given)
        assert done.status == 1
        seen = Seen({command: done.stdout + done.stderr})
        assert seen.holding("MARKED", KEY) == []


async def test_where_people_install_it(matome: Matome, small_blog: Blog) -> None:
    seen = Seen()
    async with opened_slack(signing_secret=SIGNING, client_secret=CLIENT) as slack:
        environment = together(over_http(slack, None, MATOME_SECRET_KEY=KEY))
        async with running(matome, environment) as process, watched(process, matome.data, seen):
            await serves(slack)
            token = await installed(slack)
            # It is read and written in the middle as well.
            process.send_signal(signal.SIGTERM)
            assert await said(process, seen, SECONDS) == 0
        other = base64.b64encode(b"another key of thirty-two bytes!").decode()
        for key in (KEY, other):
            doctor = await asyncio.to_thread(
                matome, "doctor", env={**environment, "MATOME_SECRET_KEY": key}
            )
            seen.add("doctor", doctor.stdout + doctor.stderr)
        backup = matome.data / "backup"
        assert matome("backup", str(backup)).status == 0
        seen.add("backup", backup.read_bytes())
    # It is there, but sealed.
    assert b"gAAAA" in seen.everything["backup"]
    assert b"MATOME_SECRET_KEY" in seen.everything["doctor"]
    assert seen.holding(token, SIGNING, CLIENT, KEY) == []


async def installed(slack: Slack) -> str:
    """Add the app to a workspace in a browser; its token there."""
    team = slack.add_team("one")
    bob = slack.add_user(team, "bob", admin=True)
    url = slack.app.url.replace("events", "install")
    assert (await slack.add_to_slack(url, team, bob))[0] == 200
    (installation,) = slack.registry.installations
    (token,) = slack.registry.tokens_of(installation)
    return token.value


async def test_where_a_database_refuses_the_password(
    matome: Matome, small_blog: Blog, postgres: Cluster
) -> None:
    await run_sql(
        postgres.url("postgres"),
        "DROP ROLE IF EXISTS guarded",
        "CREATE ROLE guarded LOGIN PASSWORD 'another'",
        "SELECT 1",
    )
    url = postgres.url("postgres", f"guarded:{PASSWORD.replace('@', '%40')}")
    seen = Seen()
    async with opened_discord() as discord:
        address = f"127.0.0.1:{free_port()}"
        environment = together(settings_for(discord))
        environment |= {"MATOME_STATE_URL": url, "MATOME_HTTP": address}
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        async with running(matome, environment) as process, watched(process, matome.data, seen):
            await discord.connected(seconds=SECONDS)
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            owner = discord.player(discord.owner, channel)
            answer = await owner.types("/digest add", time="9:30")
            seen.add("answer", answer.text.encode())
            await served_by(address, seen)
            process.send_signal(signal.SIGTERM)
            assert await said(process, seen, SECONDS) == 0
        for command in (["doctor"], ["backup", "b"], ["digest", "list"], ["hide", "x"]):
            done = await asyncio.to_thread(matome, *command, env=environment)
            seen.add(command[0], done.stdout + done.stderr)
    assert b"password authentication failed" in seen.everything["stderr"]
    assert b"password authentication failed" in seen.everything["doctor"]
    assert seen.holding(PASSWORD) == []


async def test_where_a_repository_refuses_the_password(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "repository")
    repository.blog.post("one", raw_post())
    repository.commit()
    seen, matome = Seen(), Matome("", tmp_path / "data", tmp_path)
    with Server(tmp_path, password="another").running() as server:  # noqa: S106
        port = server.port
        url = f"git+http://user:{PASSWORD.replace('@', '%40')}@127.0.0.1:{port}/repository/.git"
        async with opened_discord() as discord:
            environment = together(settings_for(discord)) | {"MATOME_ARCHIVE": url}
            async with (
                running(matome, environment) as process,
                watched(process, matome.data, seen),
            ):
                assert await asyncio.to_thread(server.asked.wait, SECONDS)
                await discord.connected(seconds=SECONDS)
                process.send_signal(signal.SIGTERM)
                assert await said(process, seen, SECONDS) == 0
            for command in ("sync", "doctor"):
                done = await asyncio.to_thread(matome, command, env=environment)
                seen.add(command, done.stdout + done.stderr)
    assert b"user:***" in seen.everything["sync"]
    assert b"git" in seen.everything["processes"]
    assert seen.holding(PASSWORD) == []
