"""Each file of deployment is held against the rules of its form, by tools that others keep."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy.files import ROOT, judge

YAMLLINT = (
    "{extends: default, rules: {line-length: {max: 100}, document-start: disable, "
    "comments: {min-spaces-from-content: 1}, truthy: {check-keys: false}}}"
)


class Lint(NamedTuple):
    """A command with the files it is for, and a change to one of them that it has to find."""

    command: tuple[str, ...]
    files: tuple[str, ...]
    right: str
    wrong: str


COMPOSE_FILES = ("deploy/compose.yaml", "deploy/compose.postgresql.yaml")
WORKFLOW_FILES = (".github/workflows/ci.yml", ".github/workflows/release.yml")
SCHEMA = ("check-jsonschema", "--builtin-schema")
LINTS = {
    "dockerfile": Lint(("hadolint",), ("Dockerfile",), "--no-install-recommends ", ""),
    "compose": Lint((*SCHEMA, "vendor.compose-spec"), COMPOSE_FILES, "cap_drop", "capdrop"),
    "kubernetes": Lint(
        ("kubernetes-validate", "--strict"),
        ("deploy/kubernetes.yaml",),
        "runAsNonRoot",
        "runAsNonroot",
    ),
    "workflows": Lint(
        (*SCHEMA, "vendor.github-workflows"), WORKFLOW_FILES, "runs-on", "runs-where"
    ),
    "dependabot": Lint(
        (*SCHEMA, "vendor.dependabot"), (".github/dependabot.yml",), "interval", "every"
    ),
    "yaml": Lint(
        ("yamllint", "--strict", "-d", YAMLLINT),
        (
            *COMPOSE_FILES,
            "deploy/kubernetes.yaml",
            ".github/dependabot.yml",
            *WORKFLOW_FILES,
        ),
        "name: matome\n",
        "name: matome\nname: matome\n",
    ),
}


@pytest.mark.parametrize("name", LINTS)
def test_it_has_no_fault(name: str) -> None:
    lint = LINTS[name]
    status, said = judge([*lint.command, *lint.files], ROOT)
    assert status == 0, said


@pytest.mark.parametrize("name", LINTS)
def test_a_fault_would_be_found(name: str, tmp_path: Path) -> None:
    lint = LINTS[name]
    changed = tmp_path / Path(lint.files[0]).name
    shutil.copy(ROOT / lint.files[0], changed)
    text = changed.read_text("utf-8")
    assert lint.right in text
    changed.write_text(text.replace(lint.right, lint.wrong), "utf-8")
    status, said = judge([*lint.command, changed.name], tmp_path)
    assert status != 0, said


def test_every_file_is_judged() -> None:
    judged = {file for lint in LINTS.values() for file in lint.files}
    there = [*(ROOT / "deploy").glob("*.y*ml"), *(ROOT / ".github").rglob("*.y*ml")]
    assert {str(path.relative_to(ROOT)) for path in there} <= judged
