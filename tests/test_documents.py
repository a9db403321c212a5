"""The documents say what there is, and nothing that there is not."""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli import build_parser
from bot.locales import Texts
from bot.search.query import OPERATORS, parse
from bot.settings import DEFAULTS, load
from storage.state.tables import METADATA
from tests.documents import (
    ASKING,
    COMMANDS,
    DOCUMENTS,
    PARTS,
    READMES,
    ROOT,
    SETTING_TABLES,
    WORDS,
    asked,
    code_in,
    prose_of,
    rows,
    text_of,
)


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = build_parser(Texts("en"))
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return found


def options(parser: argparse.ArgumentParser) -> set[str]:
    names = {name for action in parser._actions for name in action.option_strings}
    return {name for name in names if name.startswith("--")} - {"--help"}


def every_option(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a command and of what it does."""
    found = options(parser)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = found.union(*map(every_option, action.choices.values()))
    return found


def documented_commands(document: str) -> dict[str, str]:
    """The row of each command, by its name."""
    found = {}
    for cells in rows(document):
        for code in code_in(cells[0]):
            if (named := re.match(r"matome (\w+)", code)) is not None and len(cells) == 2:
                found[named[1]] = " ".join(cells)
    return found


@pytest.mark.parametrize("document", COMMANDS)
def test_every_command_and_option_is_documented(document: str) -> None:
    documented = documented_commands(document)
    assert set(documented) == set(commands())
    for name, parser in commands().items():
        told = {word for code in code_in(documented[name]) for word in code.split()}
        assert options(parser) <= told, name
        assert {word for word in told if word.startswith("--")} <= every_option(parser), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_only_commands_that_there_are_are_shown(document: str) -> None:
    for line in re.findall(r"(?:^|[\s`;|/])matome ((?:-|[a-z])[\w -]*)", text_of(document)):
        words = line.split()
        if words[0] in commands():
            given = {word for word in words if word.startswith("--")}
            assert given <= every_option(commands()[words[0]]), line
    for block in re.findall(r"`matome ([a-z]+)", text_of(document)):
        assert block in commands()


@pytest.mark.parametrize("document", SETTING_TABLES)
def test_every_setting_is_documented_with_its_default(document: str) -> None:
    documented = {
        code_in(cells[0])[0]: cells[1]
        for cells in rows(document)
        if len(cells) == 3
        and cells[0].startswith(("`MATOME_", "`DISCORD_", "`SLACK_"))
        and cells[0].count("`") == 2
    }
    expected = {name: f"`{default}`" if default else "–" for name, default in DEFAULTS.items()}
    assert documented == expected


@pytest.mark.parametrize("document", (*DOCUMENTS, ".env.example"))
def test_only_settings_that_there_are_are_mentioned(document: str) -> None:
    mentioned = set(
        re.findall(r"\b(?:MATOME|DISCORD|SLACK)_[A-Z]+(?:_[A-Z]+)*\b", text_of(document))
    )
    assert mentioned <= DEFAULTS.keys()


def test_the_example_of_an_env_file_has_exactly_the_settings_with_their_defaults() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE)
    assert lines == [*DEFAULTS.items()]


def test_the_example_of_an_env_file_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", text_of(".env.example"), flags=re.M), "utf-8")
    as_written = load({}, file)
    untouched = load({}, ROOT / ".env.example")
    assert (as_written.language, as_written.timezone, as_written.data, as_written.site_url) == (
        untouched.language, untouched.timezone, untouched.data, untouched.site_url
    )  # fmt: skip
    assert untouched.is_sample


@pytest.mark.parametrize("document", ASKING)
def test_every_operator_is_documented(document: str) -> None:
    shown = " ".join(asked(document))
    for name, operator in OPERATORS.items():
        assert operator.example in shown, name


@pytest.mark.parametrize("document", ASKING)
def test_every_documented_query_is_understood(document: str) -> None:
    queries = [code for code in asked(document) if code not in WORDS and not code.startswith("-")]
    assert len(queries) > len(OPERATORS)
    for query in queries:
        parse(query)
    assert set(WORDS) <= set(asked(document))


@pytest.mark.parametrize("readme", READMES)
def test_every_query_of_the_readme_is_understood(readme: str) -> None:
    lines = prose_of(readme).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| `gpu` |"))
    queries = [code_in(line)[0] for line in lines[start : lines.index("", start)]]
    assert len(queries) > 3
    for query in queries:
        parse(query)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_modules_that_documents_name_are_there(document: str) -> None:
    text = text_of(document)
    # Capitals stand for a name that is not there yet.
    for path in re.findall(r"`((?:bot|adapters|storage|tests|benchmarks)/[a-z\d_/.]+)`", text):
        assert (ROOT / path).exists(), path


def test_the_architecture_names_modules_that_there_are() -> None:
    text = text_of("docs/architecture.md")
    there = {path.name for part in PARTS for path in (ROOT / part).rglob("*.py")}
    assert set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text)) <= there


@pytest.mark.parametrize(
    "part",
    ["bot", "bot/archive", "bot/running", "bot/search", "bot/watching", "storage", "storage/index"],
)
def test_the_architecture_names_every_module_of_the_core(part: str) -> None:
    named = re.findall(r"\b\w+\.py\b", text_of("docs/architecture.md"))
    modules = {path.name for path in (ROOT / part).glob("*.py")}
    assert modules - {"__init__.py", "__main__.py"} <= set(named)


def test_contributors_are_told_where_every_module_of_the_core_belongs() -> None:
    text = text_of("CONTRIBUTING.md")
    table = text[text.index("| directory |") : text.index("`tests/test_walls.py` keeps it so")]
    parts = ("bot", "bot/running", "bot/watching")
    modules = {path.name for part in parts for path in (ROOT / part).glob("*.py")}
    assert modules - {"__init__.py", "__main__.py"} <= set(re.findall(r"\b\w+\.py\b", table))


def test_the_architecture_and_the_state_have_the_same_tables() -> None:
    text = text_of("docs/architecture.md")
    told = text[text.index("## The state") : text.index("## Searching and reading")]
    named = {code for cell in re.findall(r"^\| (`.+?) \|", told, re.M) for code in code_in(cell)}
    assert named == {*METADATA.tables, "alembic_version"}


def test_the_changelog_names_the_version() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\] - (Unreleased|\d{{4}}-\d\d-\d\d)$",
                     text_of("CHANGELOG.md"), re.MULTILINE)  # fmt: skip


def test_the_picture_and_the_readmes_show_what_the_program_prints() -> None:
    checked = subprocess.run(
        [sys.executable, "docs/make_session.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.stdout + checked.stderr, checked.returncode) == ("", 0)


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    picture = text_of("docs/session.svg")
    assert "@font-face" not in picture
    assert not re.search(r"(?:href|url\()", picture)
    assert len(picture.encode()) < 60_000
