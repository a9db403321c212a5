"""The systemd unit: systemd itself can read it and finds it shut off, and it knows our statuses."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import TERMINATED, USAGE
from bot.running.faces import LEAVE_WITHIN
from tests.deploy.files import UNIT, unit

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not here"
)
# From 0 to 100; a service without any protection has 96.
MOST_EXPOSED = 20


def analyze(*arguments: str | Path) -> tuple[int, str]:
    """What systemd says of a unit."""
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def installed(text: str, directory: Path) -> Path:
    """The unit in a directory, with a program that is there."""
    changed = re.sub("(?m)^ExecStart=[^ ]+", f"ExecStart={sys.executable}", text)
    assert changed != text
    path = directory / UNIT.name
    path.write_text(changed, "utf-8")
    return path


def found(text: str, directory: Path) -> list[str]:
    """What systemd says of our unit; others of the machine, which it reads too, are not ours."""
    _, said = analyze("verify", installed(text, directory))
    return [line for line in said.splitlines() if UNIT.name in line]


@needs_systemd
def test_systemd_can_read_it(tmp_path: Path) -> None:
    assert found(UNIT.read_text("utf-8"), tmp_path) == []


@needs_systemd
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("NoNewPrivileges", "NoNewPrivilege"), ("@resources", "@resource"), ("=mixed", "=some")],
)
def test_systemd_would_find_a_mistake(right: str, wrong: str, tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    assert right in text
    assert len(found(text.replace(right, wrong), tmp_path)) == 1


@needs_systemd
def test_it_is_shut_off(tmp_path: Path) -> None:
    path = installed(UNIT.read_text("utf-8"), tmp_path)
    judged = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    status, said = analyze(*judged, path)
    assert status == 0, said
    path.write_text("[Service]\nExecStart=/bin/true\n", "utf-8")
    assert analyze(*judged, path)[0] != 0


def test_it_knows_how_the_program_ends() -> None:
    service = unit()["Service"]
    assert int(service["TimeoutStopSec"]) > LEAVE_WITHIN
    assert service["RestartPreventExitStatus"] == str(USAGE)
    assert service["SuccessExitStatus"] == str(TERMINATED)
    assert service["Restart"] == "on-failure"


def test_it_gives_up_when_nothing_helps() -> None:
    limits = unit()["Unit"]
    tries, within = int(limits["StartLimitBurst"]), int(limits["StartLimitIntervalSec"])
    # Else the limit would never be reached, however quickly the program fails.
    assert tries * int(unit()["Service"]["RestartSec"]) < within


def test_it_writes_into_one_directory_only() -> None:
    service = unit()["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert "ReadWritePaths" not in service
