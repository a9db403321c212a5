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
from storage.state.tables import METADATA

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("bot", "adapters", "storage")
READMES = ("README.md", "README.ja.md")
ASKING = ("docs/asking.md", "docs/asking.ja.md")
COMMANDS = ("docs/commands.md", "docs/commands.ja.md")
SETTING_TABLES = ("docs/settings.md", "docs/settings.ja.md")
# Pages that say the same in both languages; other Japanese ones leave out what is rarely needed.
TWINS = (READMES, ASKING, COMMANDS, SETTING_TABLES)
SHORTER = (("docs/discord.md", "docs/discord.ja.md"), ("docs/slack.md", "docs/slack.ja.md"))
PRIVACY = ("docs/privacy.md", "docs/privacy.ja.md")
JAPANESE = tuple(japanese for _, japanese in (*TWINS, *SHORTER, PRIVACY))
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
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose_of(name: str) -> str:
    return FENCE.sub("", text_of(name))


def links_of(name: str) -> list[str]:
    """Where the links and pictures of a document lead within the project."""
    links = ("".join(found) for found in LINK.findall(prose_of(name)))
    return [link for link in links if "://" not in link]


def target_of(document: str, link: str) -> Path:
    """The file that a link leads to; the document itself for one of its own anchors."""
    path = link.partition("#")[0]
    return ((ROOT / document).parent / path).resolve() if path else ROOT / document


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


def anchors(name: str) -> list[str]:
    """The anchors of a document's headings as GitHub makes them; of equal ones only the first."""
    return [
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose_of(name), re.MULTILINE)
    ]


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


def asked(document: str) -> list[str]:
    """What the table of queries shows in its first column, and the codes in the second."""
    lines = prose_of(document).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| `/matome` |"))
    table = lines[start : lines.index("", start)]
    return [code for line in table for code in code_in(line)]


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
def test_every_relative_link_leads_somewhere(document: str) -> None:
    for link in links_of(document):
        target = target_of(document, link)
        assert target.is_file(), link
        assert ROOT in target.parents, link
        anchor = link.partition("#")[2]
        if anchor and target.suffix == ".md":
            assert anchor in anchors(str(target.relative_to(ROOT))), link


def test_links_are_found_at_all() -> None:
    assert {"docs/session.svg", "docs/slack.png", "docs/asking.md"} <= set(links_of("README.md"))
    assert "questions" in anchors("docs/asking.md")


def test_every_document_is_one_click_from_a_readme() -> None:
    near = {target_of(readme, link) for readme in READMES for link in links_of(readme)}
    assert {ROOT / document for document in DOCUMENTS if document not in READMES} <= near


def test_the_english_readme_alone_leads_to_every_english_document() -> None:
    near = {target_of("README.md", link) for link in links_of("README.md")}
    assert {ROOT / name for name in DOCUMENTS if not name.endswith(".ja.md")} - near == {
        ROOT / "README.md"
    }


def in_english(document: str, link: str) -> str:
    """The English page, or heading, to which a link of a Japanese page is the twin."""
    target = str(target_of(document, link).relative_to(ROOT))
    if not target.endswith(".ja.md"):
        return f"{target}#{link.partition('#')[2]}"
    return target.removesuffix(".ja.md") + ".md#"


@pytest.mark.parametrize(("english", "japanese"), TWINS)
def test_twins_have_the_same_sections_tables_and_links(english: str, japanese: str) -> None:
    def headings(name: str) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", prose_of(name), re.MULTILINE)]

    assert headings(english) == headings(japanese)
    assert [len(cells) for cells in rows(english)] == [len(cells) for cells in rows(japanese)]
    translated = {in_english(japanese, link) for link in links_of(japanese)}
    has_twin = {page for pair in (*TWINS, *SHORTER, PRIVACY) for page in pair}
    for link in links_of(english):
        if link == Path(japanese).name:
            continue
        target = str(target_of(english, link).relative_to(ROOT))
        anchor = "" if target in has_twin else link.partition("#")[2]
        assert f"{target}#{anchor}" in translated, link
    assert len(set(links_of(english))) == len(set(links_of(japanese)))


def test_twins_show_the_same_queries() -> None:
    assert asked(ASKING[0]) == asked(ASKING[1])


@pytest.mark.parametrize("document", ASKING)
def test_every_button_that_is_told_of_is_called_so(document: str) -> None:
    cells = [cells[0] for cells in rows(document) if cells[0].startswith("「")]
    told = [button for cell in cells for button in re.findall(r"「([^」]+)」", cell)]
    assert len(told) > 10
    locales = [path.read_text("utf-8") for path in (ROOT / "bot/locales").glob("*.toml")]
    called = set(re.findall(r'^ja = "([^"（]+)', "\n".join(locales), re.MULTILINE))
    assert set(told) <= called


def typed_in(name: str) -> list[str]:
    """The lines to be typed or pasted, without their remarks; indented ones are those of steps."""
    text = re.sub(r"^ {3}", "", text_of(name), flags=re.MULTILINE)
    kinds = ("sh", "yaml", "nginx")
    blocks = [block for kind, block in FENCE.findall(text) if kind in kinds]
    return [line.split("#")[0].rstrip() for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize(("english", "japanese"), (*TWINS, *SHORTER))
def test_japanese_pages_let_people_type_the_same(english: str, japanese: str) -> None:
    shown = typed_in(japanese)
    if (english, japanese) in TWINS:
        assert shown == typed_in(english)
    else:
        assert shown
        assert [line for line in typed_in(english) if line in shown] == shown


def test_the_japanese_page_of_privacy_has_the_same_tables_settings_and_times() -> None:
    def told(document: str) -> tuple[set[str], set[str]]:
        prose = prose_of(document)
        tables = {code for cells in rows(document) for code in code_in(cells[0])}
        return tables & set(METADATA.tables), set(re.findall(r"MATOME_[A-Z_]+", prose))

    assert told(PRIVACY[0]) == told(PRIVACY[1])
    assert told(PRIVACY[0])[0] == set(METADATA.tables)
    english, japanese = map(prose_of, PRIVACY)
    times = {"14 days": "14日", "30 days": "30日", "365 days": "365日", "1 hour": "1時間"}
    for time, said in times.items():
        assert (time in english) and (said in japanese), time


@pytest.mark.parametrize("document", JAPANESE)
def test_japanese_pages_say_which_pages_are_english(document: str) -> None:
    for line in prose_of(document).splitlines()[4:]:
        for found in LINK.findall(line):
            link = found[0]
            is_page = ".md" in link and "://" not in link
            if is_page and not target_of(document, link).name.endswith(".ja.md"):
                assert "英語" in line, link


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
