"""The log before texts that mean harm: each event stays one line, and steers no terminal."""

import io
import json
import logging

import pytest
from structlog.stdlib import get_logger

from bot.cli.logs import open_log
from bot.errors import ArchiveError
from bot.incidents import incident
from tests.cli.test_logs import Terminal, alone, stream

__all__ = ["alone", "stream"]

# A line of the log of one's own, colours, the title, the clipboard (OSC 52), a link (OSC 8), a
# program key, one byte in their place, the way back over the line, and turned letters.
EVIL = (
    "a\nWARNING all is well", "a\r\n{}", "a\x1b[2Jb", "a\x1b]0;owned\x07", "a\x1b]52;c;cm0=\x07",
    "a\x1b]8;;https://evil.example\x1b\\b", "a\x1bP$q\x1b\\", "a\x9b31mb\x9d0;x\x9c", "a\x08\x08b",
    "a\u2028b\u2029c\x85d\x0be\x0cf", "a\u202eb\u2066c\u200f", "a\x00b",
)  # fmt: skip
DANGEROUS = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029\u202e\u2066"}

_log = get_logger("bot.somewhere")


class Odd:
    """Shows itself as a text that means harm."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<{self.text}>"


@pytest.fixture
def terminal(alone: None, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Where the log goes, for somebody to read."""
    monkeypatch.setenv("NO_COLOR", "1")
    opened = Terminal()
    open_log(opened)
    return opened


def say(evil: str) -> None:
    """Log a text in every way in which texts come to the log: eight events."""
    _log.warning("plain", author=evil)
    _log.warning("inside", authors=[evil], pair=(evil,), named={evil: evil}, odd=Odd(evil))
    _log.warning("kept", cause=ArchiveError("archive.missing", path=evil))
    _log.warning("an error", cause=ValueError(evil), bytes=evil.encode())
    logging.getLogger("a.library").error("said %s and %r", evil, evil)
    logging.getLogger("a.library").error("said %s", Odd(evil))
    logging.getLogger("a.library").error(evil)
    logging.getLogger(f"a.library.{evil}").error("said")


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_elsewhere_than_on_a_terminal_a_line_is_an_event(stream: io.StringIO, evil: str) -> None:
    say(evil)
    with pytest.raises(ZeroDivisionError) as raised:
        1 // 0  # noqa: B018
    incident(_log, "odd", RuntimeError(evil), about=evil)
    incident(_log, "odd", raised.value, about=evil)
    lines = stream.getvalue().split("\n")
    assert [bool(line) for line in lines] == [True] * 10 + [False]
    for line in lines[:-1]:
        assert json.loads(line)["level"] in ("warning", "error")
        assert not set(line) & DANGEROUS


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_on_a_terminal_neither_are_there_more_lines_nor_commands(
    terminal: Terminal, evil: str
) -> None:
    say(evil)
    lines = terminal.getvalue().split("\n")
    assert [bool(line) for line in lines] == [True] * 8 + [False]
    incident(_log, "odd", RuntimeError(evil), about=evil)
    assert not set(terminal.getvalue().replace("\n", "")) & DANGEROUS
