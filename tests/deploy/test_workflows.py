"""The workflows: nothing of others that could change, few rights, and the notes of a release."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.deploy.files import ROOT, WORKFLOWS, Mapped

RELEASE = ROOT / ".github" / "workflows" / "release.yml"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def read(path: Path) -> Mapped:
    # As it is, "on" is a word for true in YAML 1.1.
    told: Mapped = yaml.safe_load(re.sub("(?m)^on:", '"on":', path.read_text("utf-8")))
    return told


def steps(path: Path) -> list[Mapped]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_others_made_is_named_by_its_commit(path: Path) -> None:
    used = re.findall(r"uses: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert len(used) == len([step for step in steps(path) if "uses" in step]) > 0
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_job_has_the_rights_that_it_needs(path: Path) -> None:
    told = read(path)
    assert told["permissions"] == {"contents": "read"}
    more = {
        name: {what for what, right in job["permissions"].items() if right == "write"}
        for name, job in told["jobs"].items()
        if "permissions" in job
    }
    wanted = {"image": {"packages"}, "release": {"contents"}} if path == RELEASE else {}
    assert more == wanted
    for step in steps(path):
        # What somebody may have chosen, such as a branch's name, is not put into a command.
        assert "${{" not in step.get("run", "")
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    for job in told["jobs"].values():
        assert job["timeout-minutes"] <= 60


def test_changes_and_releases_pass_the_same_checks() -> None:
    for path in WORKFLOWS:
        assert ".ci/run" in [step.get("run") for step in steps(path)]
    released = read(RELEASE)
    assert released["on"] == {"push": {"tags": ["v*"]}}
    jobs = released["jobs"]
    assert ".ci/run" in [step.get("run") for step in jobs["build"]["steps"]]
    assert jobs["image"]["needs"] == "build"
    assert set(jobs["release"]["needs"]) == {"build", "image"}


def notes(tag: str, changelog: str, directory: Path) -> tuple[int, str]:
    """What the release of a tag writes about it, and how that ends."""
    (step,) = [step for step in steps(RELEASE) if step.get("id") == "notes"]
    (directory / "CHANGELOG.md").write_text(changelog, "utf-8")
    (directory / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=directory,
        env={"TAG": tag, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    written = directory / "dist" / "notes.md"
    return done.returncode, written.read_text("utf-8") if written.exists() else ""


def test_a_release_says_what_has_changed(tmp_path: Path) -> None:
    changelog = (
        "# Changelog\n\n## [9.0.0] - Unreleased\n\n- later\n\n"
        f"## [{VERSION}] - 2026-12-01\n\n### Added\n\n- this\n\n"
        "## [0.0.1] - 2025-01-01\n\n- before\n"
    )
    assert notes(f"v{VERSION}", changelog, tmp_path) == (0, "\n### Added\n\n- this\n\n")


def test_the_changelog_has_the_form_of_which_that_is_made(tmp_path: Path) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    dated = changelog.replace(f"## [{VERSION}] - Unreleased", f"## [{VERSION}] - 2026-12-01")
    status, written = notes(f"v{VERSION}", dated, tmp_path)
    assert status == 0
    assert written.strip()
    assert written in dated


@pytest.mark.parametrize(
    ("tag", "heading"),
    [
        (f"v{VERSION}", f"## [{VERSION}] - Unreleased"),
        (f"v{VERSION}", "## [0.0.1] - 2025-01-01"),
        ("v0.0.1", "## [0.0.1] - 2025-01-01"),
    ],
    ids=["not dated", "not described", "not the version of the program"],
)
def test_what_is_no_release_stops_it(tag: str, heading: str, tmp_path: Path) -> None:
    status, _ = notes(tag, f"# Changelog\n\n{heading}\n\n- something\n", tmp_path)
    assert status != 0
