"""Help, wrong usage, languages, and which stream says what."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import build_parser, main
from bot.locales import LANGUAGES, Texts
from tests.blog import Blog, raw_post
from tests.commands import COMMAND, ROOT, Matome
from tests.logged import only_incident

COMMANDS = (
    "run",
    "chat",
    "sync",
    "export",
    "search",
    "render",
    "hide",
    "unhide",
    "digest",
    "backup",
    "restore",
    "state",
    "doctor",
)


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_explains_itself_with_examples(language: str) -> None:
    parsers = subparsers(build_parser(Texts(language)))
    assert tuple(parsers) == COMMANDS
    for name, parser in parsers.items():
        shown = parser.format_help()
        assert parser.description
        assert re.search(rf"^  .*matome {name}", shown, re.MULTILINE)
        for action in parser._actions:
            assert action.help, f"{name} {action.dest}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_is_one_that_the_program_takes(language: str) -> None:
    parser = build_parser(Texts(language))
    examples = [
        example
        for shown in [parser, *subparsers(parser).values()]
        for example in re.findall(r"^  (?:\S+=\S+ )?matome (.*)$", shown.epilog or "", re.MULTILINE)
    ]
    assert len(examples) > 5
    for example in examples:
        words = re.split(r"  +|[<>|]", example)[0]
        arguments = re.findall(r"'[^']*'|\S+", words)
        parser.parse_args([argument.strip("'") for argument in arguments if argument])


def test_help_goes_to_stdout_in_the_language_of_the_terminal(indexed: Matome) -> None:
    done = indexed("--help", env={"LANG": "ja_JP.UTF-8"})
    assert (done.status, done.err) == (0, "")
    assert "索引を JSON 行で出力する" in done.out
    done = indexed("search", "--help", env={"LC_ALL": "C", "LANG": "ja_JP.UTF-8"})
    assert (done.status, done.err) == (0, "")
    assert "read one query a line from standard input" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sync", "--nonsense"),
        ("export", "surplus"),
        ("search",),
        ("search", "gpu", "--batch"),
        ("search", "gpu", "--limit", "0"),
        ("search", "gpu", "--limit", "-3"),
        ("search", "gpu", "--limit", "many"),
        ("search", "gpu", "--kind", "tag"),
        ("search", ""),
        ("search", "   "),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_and_said_on_stderr(
    indexed: Matome, arguments: tuple[str, ...]
) -> None:
    done = indexed(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


def test_a_command_without_an_archive_is_status_1(indexed: Matome, tmp_path: Path) -> None:
    nowhere = Matome(str(tmp_path / "nowhere"), tmp_path / "data", tmp_path)
    for name in ("run", "sync", "export", "search gpu", "doctor"):
        done = nowhere(*name.split())
        assert done.status == 1, name
        assert "Check MATOME_ARCHIVE" in done.err + done.out
        assert done.out == "" or name == "doctor"


def test_sync_says_what_it_did_and_what_it_refused(matome: Matome, small_blog: Blog) -> None:
    small_blog.write("content/posts/broken/index.md", "+++\ntitle = 'x'\n")
    small_blog.write("content/posts/odd/index.md", "+++\ntitle = 'x'\ndate = '2025-06-01'\n+++\n")
    done = matome("sync")
    assert (done.status, done.out) == (0, "added 5, changed 0, removed 0, refused 1\n")
    assert done.err.splitlines() == [
        "The index was built from scratch.",
        "refused: content/posts/broken/index.md:1: the front matter is never closed",
        "warning: content/posts/odd/index.md: no tags (×1)",
        "warning: content/posts/odd/index.md: no source (引用元) (×1)",
        "warning: content/posts/odd/index.md: no comments (×1)",
    ]
    done = matome("sync", env={"LANG": "ja_JP.UTF-8"})
    assert (done.status, done.out) == (0, "追加 0、変更 0、削除 0、取り込めず 1\n")
    assert done.err.count("\n") == 1


def test_many_warnings_are_cut_short(matome: Matome, blog: Blog) -> None:
    for number in range(15):
        blog.post(f"post_{number}", raw_post(tags=[], item=None))
    lines = matome("sync").err.splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "… and 10 more warnings"


def test_a_name_with_a_newline_does_not_look_like_two_lines(matome: Matome, blog: Blog) -> None:
    blog.post("evil\nerror: pay now", b"broken")
    blog.post("good", raw_post())
    assert len(matome("sync").err.splitlines()) == 2


def test_a_damaged_index_is_put_aside_on_request_only(matome: Matome, small_blog: Blog) -> None:
    matome.data.mkdir()
    matome.index.write_bytes(b"no database")
    done = matome("sync")
    assert (done.status, done.out) == (1, "")
    assert "matome sync --rebuild" in done.err
    assert matome.index.read_bytes() == b"no database"
    done = matome("sync", "--rebuild")
    assert done.status == 0
    assert f"The damaged index was moved to {matome.index}.damaged." in done.err


def test_an_unexpected_failure_has_a_number_that_the_log_has_too(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")
    # An export cannot begin with this in the place of its own module.
    monkeypatch.setitem(sys.modules, "bot.cli.export", argparse)
    assert main(["export"]) == 1
    (number,) = re.findall(r"number ([0-9a-f]{8})", capsys.readouterr().err)
    assert only_incident(caplog)["incident"] == number


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from bot.cli import build_parser; from bot.locales import Texts;"
        "build_parser(Texts('en')).format_help(); print(*sys.modules)"
    )
    modules = subprocess.run(
        [COMMAND[0], "-c", code], capture_output=True, check=True, cwd=ROOT, text=True
    ).stdout.split()
    assert not {"aiosqlite", "rich", "yaml", "regex", "dotenv", "sqlite3"} & set(modules)
