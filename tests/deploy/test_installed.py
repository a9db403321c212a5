"""The wheel has all that the program needs, and the installed program does what it should."""

import asyncio
import json
import signal
import subprocess
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.commands import SECONDS
from tests.deploy.files import ROOT, health_check, kubernetes, pod
from tests.deploy.installed import Installed, fresh
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


@pytest.fixture(scope="module")
def kept(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The program with an index and a state."""
    kept = fresh(prefix, tmp_path_factory.mktemp("kept"))
    done = kept("sync")
    assert (done.status, done.err) == (0, "The index was built from scratch.\n")
    done = kept("hide", SAMPLE_POST)
    assert done.status == 0, done.err
    return kept


def test_it_answers(kept: Installed) -> None:
    found = kept("search", "--json", "--limit", "1", "GPU")
    assert (found.status, json.loads(found.out)["rank"]) == (0, 1)


def test_the_nightly_backup_is_made(kept: Installed) -> None:
    (container,) = pod(kubernetes("CronJob"))["containers"]
    assert {one["mountPath"] for one in container["volumeMounts"]} == {"/backups", "/data"}
    backups = kept.directory / "backups"
    backups.mkdir()
    for _ in range(2):
        subprocess.run(
            [word.replace("/backups", str(backups)) for word in container["command"]],
            cwd=kept.data,
            env=kept.environment(),
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )
    (made,) = backups.iterdir()
    assert made.name.removeprefix("matome-") in set("1234567")


def test_it_writes_into_its_data_only(kept: Installed, prefix: Path) -> None:
    assert any(kept.data.iterdir())
    assert not any((kept.directory / "home").iterdir())
    assert not any((kept.directory / "tmp").iterdir())
    installed_at = max(path.lstat().st_mtime_ns for path in prefix.rglob("*.pth"))
    later = [path for path in prefix.rglob("*") if path.lstat().st_mtime_ns > installed_at]
    assert later == []


def test_without_an_archive_it_says_that_one_is_needed(installed: Installed) -> None:
    done = installed("sync", settings={"MATOME_ARCHIVE": ""})
    assert (done.status, done.out) == (1, "")
    assert done.err == "error: The sample archive is not here. Set MATOME_ARCHIVE.\n"


async def test_it_serves_both_platforms_is_found_healthy_and_ready_and_ends_when_told(
    installed: Installed,
) -> None:
    async with opened_discord() as discord, opened_slack() as slack:
        discord.add_guild("guild")
        token = slack.install(slack.add_team("team"))
        port = free_port()
        settings = {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "SLACK_BOT_TOKEN": token.value,
            "SLACK_APP_TOKEN": slack.app_token.value,
            "SLACK_API_URL": slack.api_url,
            "MATOME_HTTP": f":{port}",
        }
        async with installed.running(settings) as process, asyncio.timeout(SECONDS):
            while await healthy(port) != 0:
                assert process.returncode is None
            for path in probed():
                while await status(port, path) != 200:
                    assert await status(port, path) in (200, 503)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            assert await healthy(port) != 0


def probed() -> list[str]:
    """What Kubernetes asks the bot for."""
    (container,) = pod(kubernetes("StatefulSet"))["containers"]
    return [probe["httpGet"]["path"] for name, probe in container.items() if "Probe" in name]


async def status(port: int, path: str) -> int:
    """How the bot answers there."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status


async def healthy(port: int) -> int:
    """How the health check of the image ends."""
    checking = await asyncio.create_subprocess_exec(
        *health_check(), env={"MATOME_HTTP": f":{port}"}, stderr=asyncio.subprocess.DEVNULL
    )
    return await checking.wait()
