"""docs/security.md: every threat has a test, and every test that it names is there."""

import ast
import re
from functools import cache

import pytest

from tests.commands import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
HEAD = ["threat", "what prevents it", "shown by"]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def tables(document: str) -> list[list[list[str]]]:
    """The tables, each a list of rows of cells, the head first."""
    found: list[list[list[str]]] = []
    before = ""
    for line in document.splitlines():
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            if not line.startswith("|---"):
                found[-1].append([cell.strip() for cell in line.strip("|").split(" | ")])
        before = line
    return found


def threats() -> list[list[str]]:
    """The rows of all tables of threats."""
    every = tables(DOCUMENT.read_text("utf-8"))
    return [row for table in every if table[0] == HEAD for row in table[1:]]


@cache
def functions(file: str) -> frozenset[str]:
    """The functions in a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("threat", threats(), ids=lambda row: row[0][:60])
def test_every_threat_has_a_test_that_is_there(threat: list[str]) -> None:
    assert len(threat) == len(HEAD)
    assert all(threat)
    named = NAMED.findall(threat[2])
    assert named
    # Nothing but names stands there, so a damaged one is noticed.
    assert not NAMED.sub("", threat[2]).strip(", ")
    for file, name in named:
        assert name.startswith("test_")
        assert name in functions(file), f"{file}::{name}"


def test_there_are_threats_of_every_kind() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert len(threats()) > 40
    heads = re.findall(r"^### (.+)$", document, re.MULTILINE)
    assert heads == [
        "People",
        "The archive",
        "The network",
        "Logs, files, processes",
        "Dependencies",
    ]


def test_how_to_report_is_said_where_people_look() -> None:
    policy = (ROOT / "SECURITY.md").read_text("utf-8")
    assert "Report a vulnerability" in policy
    assert "docs/security.md" in policy
