"""The chat at a terminal: the prompt, its keys, and what becomes of Ctrl-C."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands import COMMAND, SECONDS, Matome
from tests.terminal import Terminal, characters, in_terminal

RIGHT, LEFT, UP, TAB, ESCAPE = b"\x1b[C", b"\x1b[D", b"\x1b[A", b"\t", b"\x1b"
CTRL_C, CTRL_D, ENTER = b"\x03", b"\x04", b"\r"


def ended(terminal: Terminal) -> str:
    rest = characters(terminal.read_rest())
    assert terminal.process.wait(SECONDS) == 0
    assert "Traceback" not in rest
    return rest


def test_a_question_is_answered_and_its_button_pressed_by_number(indexed: Matome) -> None:
    with in_terminal(indexed, "chat") as terminal:
        assert "Ctrl-D" in terminal.read_prompt()
        terminal.type(b"gpu" + ENTER)
        assert " 1. GPUのメモリは遅い？" in terminal.read_prompt()
        terminal.type(b"1" + ENTER)
        assert "コメントを読む（2）" in terminal.read_prompt()
        terminal.type(CTRL_D)
        ended(terminal)


def test_an_arrow_chooses_a_button_and_enter_presses_it(indexed: Matome) -> None:
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.type(b"gpu" + ENTER)
        terminal.read_prompt()
        terminal.type(RIGHT)
        terminal.read_until("[1] GPUのメモリは遅い？".encode())
        terminal.type(ENTER)
        assert "コメントを読む（2）" in terminal.read_prompt()
        terminal.type(LEFT)
        terminal.read_until("Enter で実行".encode())
        terminal.type(ESCAPE)
        terminal.read_until("番号（1〜".encode())
        terminal.type(CTRL_D)
        ended(terminal)


def test_the_first_ctrl_c_clears_the_line_and_the_second_ends(indexed: Matome) -> None:
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.type(b"never asked")
        terminal.read_until(b"asked")
        terminal.type(CTRL_C)
        terminal.read_until("もう一度".encode())
        terminal.type(CTRL_C)
        assert "見つかりません" not in ended(terminal)


def test_the_up_arrow_brings_back_what_was_asked_in_another_chat(
    matome: Matome, small_blog: object
) -> None:
    assert matome("sync").status == 0
    for question in (b"wi-fi" + ENTER, UP + ENTER):
        with in_terminal(matome, "chat") as terminal:
            terminal.read_prompt()
            terminal.type(question)
            assert "家のWi-Fiを直す" in terminal.read_prompt()
            terminal.type(CTRL_D)
            ended(terminal)
    assert (matome.data / "history.txt").stat().st_mode & 0o777 == 0o600


def test_what_is_typed_is_completed(indexed: Matome) -> None:
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.type("ハー".encode())
        terminal.read_until("ハードウェア".encode())
        terminal.type(TAB + ENTER)
        assert "タグ ハードウェア：1件" in terminal.read_prompt()
        terminal.type(CTRL_D)
        ended(terminal)


def test_more_goes_on_and_so_does_english(indexed: Matome) -> None:
    with in_terminal(indexed, "chat", env={"MATOME_LANGUAGE": "en"}) as terminal:
        terminal.read_prompt()
        terminal.type(b"gpu" + ENTER)
        assert "Tag GPU: 1" in terminal.read_prompt()
        terminal.type(b"more" + ENTER)
        assert "nothing to go on with" in terminal.read_prompt()
        terminal.type(CTRL_D)
        ended(terminal)


def test_what_is_shared_stands_in_a_frame_and_its_buttons_answer_in_private(
    indexed: Matome,
) -> None:
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.type(b"gpu" + ENTER)
        shown = terminal.read_prompt()
        share = shown.partition("] チャンネルに共有")[0].rpartition("[")[2]
        terminal.type(share.encode() + ENTER)
        # On a busy machine the answer comes first, and says that it will be shared.
        terminal.read_prompts_until("── #端末 に投稿 ──")
        terminal.type(b"1" + ENTER)
        terminal.read_prompts_until("コメントを読む（2）")
        terminal.type(CTRL_D)
        ended(terminal)


def test_sigterm_ends_it_in_good_order(indexed: Matome) -> None:
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.process.send_signal(signal.SIGTERM)
        assert b"Traceback" not in terminal.read_rest()
        assert terminal.process.wait(SECONDS) == 143


@pytest.mark.parametrize("bracketed", [True, False], ids=["bracketed", "typed"])
def test_a_paste_of_a_megabyte_is_cut(indexed: Matome, bracketed: bool) -> None:
    paste = "あ".encode() * (1_000_000 // 3)
    if bracketed:
        paste = b"\x1b[200~" + paste + b"\x1b[201~"
    with in_terminal(indexed, "chat") as terminal:
        terminal.read_prompt()
        terminal.paste(paste)
        terminal.read_until("長すぎる".encode())
        terminal.type(CTRL_C)
        terminal.read_until("もう一度".encode())
        terminal.type(CTRL_D)
        ended(terminal)


def test_a_closed_stdin_is_the_end_of_the_input(indexed: Matome) -> None:
    for command in ("chat", "run"):
        done = subprocess.run(
            ["sh", "-c", '"$@" <&-', "sh", *COMMAND, command],
            capture_output=True,
            cwd=indexed.cwd,
            env=indexed.environment(),
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_another_size_shows_at_once(indexed: Matome) -> None:
    with in_terminal(indexed, "chat", size=(24, 100)) as terminal:
        terminal.read_prompt()
        terminal.resize(24, 20)
        terminal.type(b"gpu" + ENTER)
        assert " 1. GPUのメモリは遅\n    い？\n" in terminal.read_prompt()
        terminal.type(CTRL_D)
        ended(terminal)


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": ""}], ids=str)
def test_a_simple_terminal_gets_lines_only(indexed: Matome, env: dict[str, str]) -> None:
    with in_terminal(indexed, "chat", env=env) as terminal:
        terminal.read_until(b"\n> ")
        terminal.type(b"gpu\n")
        shown = terminal.read_until(b"\n> ")
        assert " 1. GPUのメモリは遅い？".encode() in shown
        assert b"\x1b" not in shown
        terminal.type(CTRL_D)
        ended(terminal)


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=str)
def test_colours_are_shown_where_they_are_wanted(
    indexed: Matome, env: dict[str, str], coloured: bool
) -> None:
    with in_terminal(indexed, "render", "--as", "console", "gpu", env=env) as terminal:
        shown = terminal.read_rest()
    assert (b"\x1b]8;;https://blog.example/" in shown) == coloured
    assert (b"\x1b[" in shown) == coloured


def test_ctrl_c_at_a_simple_prompt_ends_at_once(indexed: Matome) -> None:
    with in_terminal(indexed, "chat", env={"TERM": "dumb"}) as terminal:
        terminal.read_until(b"\n> ")
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert b"Traceback" not in terminal.read_rest()
        assert terminal.process.wait(SECONDS) == 130


def test_a_pipe_presses_buttons_by_number(indexed: Matome) -> None:
    done = indexed("chat", stdin="gpu\n１\n1\n".encode())
    assert (done.status, done.err) == (0, "")
    assert "\n▎ #1 alice　2025年6月1日 19:00\n▎ メモリ帯域が足りない。\n▎ 二行目\n" in done.out
    assert "\x1b" not in done.out


def pressed(indexed: Matome, lines: bytes, label: str) -> bytes:
    """Lines of a pipe, with one more that presses the newest button of that name."""
    numbers: list[str] = re.findall(rf"\[(\d+)\] {label}", indexed("chat", stdin=lines).out)
    return lines + numbers[-1].encode() + b"\n"


def test_an_answer_is_shared_before_its_comments_are_unfolded(indexed: Matome) -> None:
    lines = pressed(indexed, b"gpu\n1\n", "スレッドに展開")
    asked = indexed("chat", stdin=lines).out
    assert "スレッドに展開するには、まずこの記事をここに共有します。" in asked
    assert "── #" not in asked
    done = indexed("chat", stdin=pressed(indexed, lines, "共有して展開")).out
    assert done.index("── #端末 に投稿 ") < done.index("── #端末 › スレッド「GPUのメモリは遅い？」")
    assert done.endswith("スレッドに展開しました。\n\n")


def test_what_was_shared_in_another_chat_is_shared_again(indexed: Matome) -> None:
    lines = pressed(indexed, b"gpu\n", "チャンネルに共有")
    for _ in range(2):
        assert "── #端末 に投稿 ──" in indexed("chat", stdin=lines).out


def test_a_number_that_is_no_button_is_searched_for(indexed: Matome) -> None:
    assert indexed("chat", stdin=b"5090\n").out.startswith("「5090」は見つかりませんでした")


def test_a_pipe_may_ask_as_fast_as_it_likes(indexed: Matome) -> None:
    done = indexed("chat", stdin=b"help\n" * 50)
    assert done.out.count("使い方\n") == 50


def test_the_index_is_made_where_there_is_none(matome: Matome, small_blog: object) -> None:
    done = matome("chat", stdin=b"gpu\n")
    assert done.status == 0
    assert done.out.startswith("タグ GPU：1件\n")


def test_a_chat_without_questions_makes_nothing_but_the_index(
    matome: Matome, small_blog: object, tmp_path: Path
) -> None:
    assert matome("chat").status == 0
    assert not (matome.data / "state.sqlite3").exists()
