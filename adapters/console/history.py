"""What was asked before, for the arrow keys: in a file that nobody else reads, or in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

from prompt_toolkit.history import History

from adapters.console.visible import visible

# The file is cut to so many lines when it has twice as many.
KEPT = 1000


class QuestionHistory(History):
    """Remembers questions in a file, one a line; where that cannot be written, in memory only."""

    def __init__(self, file: Path | None) -> None:
        super().__init__()
        self._file = file

    def append_string(self, string: str) -> None:
        """Remember a question; numbers that were pressed and blank lines are none."""
        line = " ".join(visible(string).split())
        if line and not line.isdecimal():
            super().append_string(line)

    def load_history_strings(self) -> Iterator[str]:
        """The questions of before, newest first."""
        if self._file is None:
            return
        try:
            lines = self._file.read_bytes().decode("utf-8", "replace").split("\n")
        except OSError:
            return
        questions = [visible(line) for line in lines if line]
        yield from reversed(questions[-KEPT:])
        if len(questions) > 2 * KEPT:
            self._write("".join(f"{line}\n" for line in questions[-KEPT:]), os.O_TRUNC)

    def store_string(self, string: str) -> None:
        """Add a question to the file."""
        self._write(f"{string}\n", os.O_APPEND)

    def _write(self, text: str, how: int) -> None:
        if self._file is None:
            return
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | how, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
        except OSError:
            self._file = None
