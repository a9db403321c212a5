"""A second `matome run` on one state is refused; everything else works beside a running bot."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from platform import node

import pytest

from tests.commands import COMMAND, SECONDS, Matome


@contextmanager
def run(matome: Matome) -> Iterator["subprocess.Popen[bytes]"]:
    """`matome run` in a terminal, which has answered once."""
    with subprocess.Popen(
        [*COMMAND, "run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=matome.cwd,
        env=matome.environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"months\n")
        process.stdin.flush()
        assert "月別の記事数" in process.stdout.readline().decode()
        try:
            yield process
        finally:
            process.kill()


def test_a_second_one_is_refused_and_told_who_is_there(indexed: Matome) -> None:
    with run(indexed) as first:
        refused = indexed("run", stdin=b"months\n")
        assert (refused.status, refused.out) == (1, "")
        assert f"(matome run on {node()}, process {first.pid}, since " in refused.err
        assert "matome chat" in refused.err
        assert "Traceback" not in refused.err
        assert first.poll() is None


@pytest.mark.parametrize(
    "words", [("chat",), ("doctor",), ("digest", "list"), ("sync",), ("search", "GPU")], ids=str
)
def test_other_commands_work_beside_it(indexed: Matome, words: tuple[str, ...]) -> None:
    with run(indexed):
        done = indexed(*words, stdin=b"months\n")
        assert (done.status, "in use" in done.err) == (0, False)


def test_the_doctor_says_who_runs(indexed: Matome) -> None:
    with run(indexed) as process:
        told = f"running: matome run (on {node()}, process {process.pid}, since "
        assert told in indexed("doctor").out
    assert "running: " not in indexed("doctor").out


def test_after_one_that_was_killed_the_next_runs(indexed: Matome) -> None:
    for _ in range(2):
        with run(indexed) as process:
            process.kill()
            assert process.wait(SECONDS) == -9
    done = indexed("run", stdin=b"months\n")
    assert (done.status, done.err) == (0, "")
