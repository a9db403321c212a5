"""`matome run` and what belongs to terminals: pipes, colours, Ctrl-C."""

import os
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from tests.blog import Blog, raw_post
from tests.commands import SECONDS, Matome
from tests.terminal import in_terminal


def test_a_question_from_a_pipe_is_answered(indexed: Matome) -> None:
    done = indexed("run", stdin=b"/matome gpu\n")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("タグ GPU：1件\n 1. GPUのメモリは遅い？\n")


def test_no_command_is_the_same_as_run(indexed: Matome) -> None:
    assert indexed(stdin=b"/matome gpu\n").out == indexed("run", stdin=b"/matome gpu\n").out


def test_every_line_is_answered_in_turn_and_blank_ones_are_passed_over(indexed: Matome) -> None:
    done = indexed("run", stdin=b"months\n\n \ncolour:red\nhelp")
    assert done.status == 0
    answers = [answer for answer in done.out.split("\n\n") if answer]
    # Below each answer stand its buttons.
    headings = [answer.split("\n")[0] for answer in answers if not answer.startswith("[")]
    assert headings == [
        "月別の記事数",
        "「colour:」という指定はありません。使えるのは tag: user: month: after: before: in:title "
        'is:highlight sort:new です。文字として探すには、引用符で囲んでください："colour:red"',
        "使い方",
    ]


def test_answers_are_in_the_language_that_is_set(indexed: Matome) -> None:
    done = indexed("run", stdin=b"months\n", env={"MATOME_LANGUAGE": "en"})
    assert done.out.startswith("Posts by month\n")


def test_an_empty_pipe_only_syncs(matome: Matome, small_blog: Blog) -> None:
    done = matome("run")
    assert (done.status, done.out) == (0, "")
    assert matome.index.is_file()


def test_bytes_that_are_no_utf8_are_answered(indexed: Matome) -> None:
    done = indexed("run", stdin=b"\xff\xfe\n\xed\xa0\x80\n\0\n" + b"x" * 3_000_000 + b"\nhelp\n")
    assert done.status == 0
    assert "Traceback" not in done.err
    assert "1000 文字" in done.out
    assert "\n使い方\n" in done.out


def test_the_index_of_before_answers_while_the_archive_is_away(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    small_blog.root.rename(small_blog.root.with_name("away"))
    done = matome("run", stdin=b"/matome gpu\n")
    assert done.status == 0
    assert done.out.startswith("タグ GPU：1件\n")
    assert "Check MATOME_ARCHIVE" in done.err


# The program in a hurry: what it waits for takes no time to speak of.
HURRIED = """
import asyncio, sys
sleep = asyncio.sleep
asyncio.sleep = lambda seconds: sleep(min(seconds, 0.05))
from bot.cli import main
sys.exit(main(["run"]))
"""


def test_what_is_new_is_found_while_it_goes_on(matome: Matome, small_blog: Blog) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HURRIED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=matome.environment(),
        cwd=matome.cwd,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ask, questions = process.stdin, 0
        for said in chain([b"begin"], process.stdout):
            if said == b"begin" or "見つかりません".encode() in said:
                questions += 1
                assert questions < 10_000, "the archive was not read again"
                ask.write(b"ziglang\n")
                ask.flush()
                if questions == 2:
                    # Only now, so that it was not there when the program started.
                    small_blog.post("new", raw_post("Ziglang 1.0", tags=["Zig"], item=9))
            elif b"Ziglang 1.0" in said:
                break
        else:
            raise AssertionError("it has ended")
        ask.close()
        process.stdout.read()
        assert process.wait(SECONDS) == 0


def test_the_sample_archive_answers_without_any_settings(tmp_path: Path) -> None:
    matome = Matome("", tmp_path / "data", tmp_path)
    done = matome("run", stdin=b"/matome gpu\n")
    assert done.status == 0
    assert done.out.startswith("タグ GPU：")


def test_a_terminal_gets_a_welcome_and_a_prompt(indexed: Matome) -> None:
    with in_terminal(indexed, "run") as terminal:
        assert "使い方は help" in terminal.read_prompt()
        terminal.type(b"months\r")
        assert "2025年6月" in terminal.read_prompt()
        terminal.type(b"\x04")
        terminal.read_rest()
        assert terminal.process.wait(SECONDS) == 0


@pytest.mark.parametrize("batch", [("search", "--batch")], ids=" ".join)
def test_ctrl_c_ends_a_batch_that_waits_for_input(indexed: Matome, batch: tuple[str, ...]) -> None:
    with in_terminal(indexed, *batch) as terminal:
        terminal.type(b"NVIDIA\n")
        terminal.read_until(b"gpu_memory")
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert b"Traceback" not in terminal.read_rest()
        assert terminal.process.wait(SECONDS) == 130


COLOUR = b"\x1b[3"


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=str)
def test_the_progress_bar_has_colours_only_where_they_are_wanted(
    matome: Matome, blog: Blog, env: dict[str, str], coloured: bool
) -> None:
    for number in range(50):
        blog.post(f"post_{number}", raw_post())
    with in_terminal(matome, "sync", env=env) as terminal:
        shown = terminal.read_rest()
    assert b"Reading posts" in shown
    assert (COLOUR in shown) == coloured
    assert b"added 50" in shown


def test_ctrl_c_during_a_sync_leaves_the_index_as_it_was(matome: Matome, blog: Blog) -> None:
    blog.post("first", raw_post())
    assert matome("sync").status == 0
    for number in range(150):
        blog.post(f"post_{number}", raw_post(comments=[f"コメント{n}" for n in range(50)]))
    with in_terminal(matome, "sync", "--rebuild") as terminal:
        terminal.read_until(b"Reading posts")
        os.killpg(terminal.process.pid, signal.SIGINT)
        rest = terminal.read_rest()
        assert terminal.process.wait(SECONDS) == 130
    assert b"Traceback" not in rest
    assert matome("export").out.count("\n") == 1
    assert matome("sync").out == "added 150, changed 0, removed 0, refused 0\n"
