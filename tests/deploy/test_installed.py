"""The wheel has all that the program needs, and the installed program does what it should."""

import asyncio
import json
import signal
import subprocess
import zipfile
from pathlib import Path

from tests.commands import SECONDS
from tests.deploy.files import ROOT, health_check
from tests.deploy.installed import Installed
from tests.discord.server.town import opened_discord
from tests.slack.program import free_port
from tests.slack.server.town import opened_slack

PACKAGES = ("adapters", "bot", "storage")
SAMPLE_POST = "2025_05_12_sqlite_in_production"


def test_the_wheel_has_the_whole_program_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert inside == ours


def test_help_is_there_and_comes_from_the_wheel(installed: Installed) -> None:
    done = installed("--help")
    assert (done.status, done.err) == (0, "")
    assert "usage: matome" in done.out
    where = subprocess.run(
        [installed.prefix / "bin" / "python", "-c", "import bot; print(bot.__file__)"],
        cwd=installed.data,
        env=installed.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed.prefix))


def test_it_reads_an_archive_answers_and_keeps_a_state(installed: Installed) -> None:
    done = installed("sync")
    assert (done.status, done.err) == (0, "The index was built from scratch.\n")
    found = installed("search", "--json", "--limit", "1", "GPU")
    assert (found.status, json.loads(found.out)["rank"]) == (0, 1)
    hidden = installed("hide", SAMPLE_POST)
    assert hidden.status == 0, hidden.err
    saved = installed("backup", str(installed.data / "backup"))
    assert saved.status == 0, saved.err
    assert (installed.data / "backup").is_file()


def tree(root: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in root.rglob("*")}


def test_it_writes_into_its_data_only(installed: Installed) -> None:
    before = tree(installed.prefix)
    backup = str(installed.data / "backup")
    for command in (["sync"], ["run"], ["hide", SAMPLE_POST], ["backup", backup]):
        done = installed(*command)
        assert done.status == 0, done.err
    assert tree(installed.prefix) == before
    assert tree(installed.directory / "home") == tree(installed.directory / "tmp") == {}


def test_without_an_archive_it_says_that_one_is_needed(installed: Installed) -> None:
    done = installed("sync", settings={"MATOME_ARCHIVE": ""})
    assert (done.status, done.out) == (1, "")
    assert done.err == "error: The sample archive is not here. Set MATOME_ARCHIVE.\n"


async def test_it_serves_both_platforms_is_found_healthy_and_ends_when_told(
    installed: Installed,
) -> None:
    async with opened_discord() as discord, opened_slack() as slack:
        discord.add_guild("guild")
        token = slack.install(slack.add_team("team"))
        port = free_port()
        environment = installed.environment(
            {
                "DISCORD_TOKEN": discord.token,
                "DISCORD_API_URL": discord.api_url,
                "DISCORD_GATEWAY_URL": discord.gateway_url,
                "SLACK_BOT_TOKEN": token.value,
                "SLACK_APP_TOKEN": slack.app_token.value,
                "SLACK_API_URL": slack.api_url,
                "MATOME_HTTP": f":{port}",
            }
        )
        process = await asyncio.create_subprocess_exec(
            installed.command,
            "run",
            cwd=installed.data,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SECONDS):
                while await healthy(port) != 0:
                    assert process.returncode is None
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 0
            assert await healthy(port) != 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def healthy(port: int) -> int:
    """How the health check of the image ends."""
    checking = await asyncio.create_subprocess_exec(
        *health_check(), env={"MATOME_HTTP": f":{port}"}, stderr=asyncio.subprocess.DEVNULL
    )
    return await checking.wait()
