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
from bot.settings import SETTINGS, load

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ja.md")
DOCUMENTS = (
    *READMES,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
)
# What is typed alone and is no query: the chat's own words, and a month.
WORDS = ("/matome", "tags", "months", "2025-06", "random", "help")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose_of(name: str) -> str:
    return FENCE.sub("", text_of(name))


def rows(name: str) -> list[list[str]]:
    """The cells of every row of every table; code keeps its own bars, which are written `\\|`."""
    lines = [line for line in prose_of(name).splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for line in lines
        if not re.fullmatch(r"[|\- ]+", line)
    ]


def code_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def anchors(name: str) -> set[str]:
    """The anchors of a document's headings as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose_of(name), re.MULTILINE)
    }


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


def documented_commands(readme: str) -> dict[str, str]:
    """The row of each command, by its name."""
    found = {}
    for cells in rows(readme):
        for code in code_in(cells[0]):
            if (named := re.match(r"matome (\w+)", code)) is not None and len(cells) == 2:
                found[named[1]] = " ".join(cells)
    return found


@pytest.mark.parametrize("readme", READMES)
def test_every_command_and_option_is_documented(readme: str) -> None:
    documented = documented_commands(readme)
    assert set(documented) == set(commands())
    for name, parser in commands().items():
        told = {word for code in code_in(documented[name]) for word in code.split()}
        assert options(parser) <= told, name
        assert {word for word in told if word.startswith("--")} <= options(parser), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_only_commands_that_there_are_are_shown(document: str) -> None:
    for line in re.findall(r"(?:^|[\s`;|/])matome ((?:-|[a-z])[\w -]*)", text_of(document)):
        words = line.split()
        if words[0] in commands():
            given = {word for word in words if word.startswith("--")}
            assert given <= every_option(commands()[words[0]]), line
    for block in re.findall(r"`matome ([a-z]+)", text_of(document)):
        assert block in commands()


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_documented_with_its_default(readme: str) -> None:
    documented = {
        code_in(cells[0])[0]: cells[1]
        for cells in rows(readme)
        if len(cells) == 3
        and cells[0].startswith(("`MATOME_", "`DISCORD_", "`SLACK_"))
        and cells[0].count("`") == 2
    }
    expected = {
        setting.name: f"`{setting.default}`" if setting.default else "–" for setting in SETTINGS
    }
    assert documented == expected


@pytest.mark.parametrize("document", (*DOCUMENTS, ".env.example"))
def test_only_settings_that_there_are_are_mentioned(document: str) -> None:
    mentioned = set(
        re.findall(r"\b(?:MATOME|DISCORD|SLACK)_[A-Z]+(?:_[A-Z]+)*\b", text_of(document))
    )
    assert mentioned <= {setting.name for setting in SETTINGS}


def test_the_example_of_an_env_file_has_exactly_the_settings_with_their_defaults() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE)
    assert lines == [(setting.name, setting.default) for setting in SETTINGS]


def test_the_example_of_an_env_file_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", text_of(".env.example"), flags=re.M), "utf-8")
    as_written = load({}, file)
    untouched = load({}, ROOT / ".env.example")
    assert (as_written.language, as_written.timezone, as_written.data, as_written.site_url) == (
        untouched.language, untouched.timezone, untouched.data, untouched.site_url
    )  # fmt: skip
    assert untouched.is_sample


def asked(readme: str) -> list[str]:
    """What the table of queries shows in its first column, and the codes in the second."""
    lines = prose_of(readme).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| `/matome` |"))
    table = lines[start : lines.index("", start)]
    return [code for line in table for code in code_in(line)]


@pytest.mark.parametrize("readme", READMES)
def test_every_operator_is_documented(readme: str) -> None:
    shown = " ".join(asked(readme))
    for name, operator in OPERATORS.items():
        assert operator.example in shown, name


@pytest.mark.parametrize("readme", READMES)
def test_every_documented_query_is_understood(readme: str) -> None:
    queries = [code for code in asked(readme) if code not in WORDS and not code.startswith("-")]
    assert len(queries) > len(OPERATORS)
    for query in queries:
        parse(query)
    assert set(WORDS) <= set(asked(readme))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    links = [link for link in LINK.findall(prose_of(document)) if "://" not in link]
    for link in links:
        path, _, anchor = link.partition("#")
        target = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        assert target.is_file(), link
        assert ROOT in target.parents, link
        if anchor:
            assert anchor in anchors(str(target.relative_to(ROOT))), link


def test_links_are_found_at_all() -> None:
    assert "docs/session.svg" in LINK.findall(prose_of("README.md"))
    assert "asking" in anchors("README.md")


def test_both_readmes_have_the_same_sections_tables_and_commands() -> None:
    english, japanese = READMES

    def headings(name: str) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", prose_of(name), re.MULTILINE)]

    def shell_lines(name: str) -> list[str]:
        blocks = [text for kind, text in FENCE.findall(text_of(name)) if kind == "sh"]
        return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]

    assert headings(english) == headings(japanese)
    assert shell_lines(english) == shell_lines(japanese)
    assert [len(cells) for cells in rows(english)] == [len(cells) for cells in rows(japanese)]
    assert asked(english) == asked(japanese)
    assert set(LINK.findall(text_of(english))) - {"README.ja.md"} == (
        set(LINK.findall(text_of(japanese))) - {"README.md"}
    )


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
