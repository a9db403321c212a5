"""What stands around the prompt: the welcome, and what is logged while it waits."""

import sys

import pytest
from rich.cells import cell_len

from adapters.console.prompt import choosing_hint
from bot.locales import LANGUAGES, Texts
from tests.commands import SECONDS, Matome
from tests.terminal import in_terminal

# A prompt whose completions log something, in the loop or in a thread of theirs.
LOGGING = """
import asyncio, logging, sys
from adapters.console.prompt import Prompt
from bot.locales import Texts

async def complete(line):
    if line == "loop":
        logging.warning("trouble in the loop")
        logging.warning("and more")
    if line == "thread":
        await asyncio.to_thread(logging.warning, "trouble in a thread")
    return ()

async def main():
    prompt = Prompt(Texts("en"), complete, lambda: (), None)
    print("asked:", await prompt.ask())
    logging.warning("at the end")

logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stderr)
asyncio.run(main())
"""
ERASED = b"\x1b[J"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["console.welcome", "console.sample"])
def test_a_welcome_stands_on_one_line(language: str, key: str) -> None:
    assert cell_len(Texts(language)(key)) < 80


@pytest.mark.parametrize(
    ("typed", "logged"),
    [
        (b"loop", [b"trouble in the loop\r\n", b"and more\r\n"]),
        (b"thread", [b"trouble in a thread\r\n"]),
    ],
)
def test_what_is_logged_stands_above_the_prompt(
    matome: Matome, typed: bytes, logged: list[bytes]
) -> None:
    program = (sys.executable, "-c", LOGGING)
    with in_terminal(matome, command=program) as terminal:
        terminal.read_prompt()
        terminal.type(typed)
        before = terminal.read_until(b"WARNING ")
        # The line that was typed is gone before something is logged,
        assert ERASED in before.rpartition(typed[-1:])[2]
        for text in logged:
            terminal.read_until(text)
        # and drawn again below.
        terminal.read_until(b"> ")
        terminal.read_until(typed)
        terminal.type(b"\r")
        rest = terminal.read_rest()
        assert b"asked: " + typed in rest
        assert b"WARNING at the end\r\n" in rest
        assert terminal.process.wait(SECONDS) == 0


@pytest.mark.parametrize(
    ("count", "shown"), [(0, ""), (1, "1 or ← → to choose"), (2, "1–2 or ← → to choose")]
)
def test_a_single_button_is_no_range(count: int, shown: str) -> None:
    assert choosing_hint(count, Texts("en")) == shown
