"""Running the program in a terminal of its own, as a person has it before them."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.commands import COMMAND, SECONDS, Matome

# What a program asks of a terminal that draws by itself, and what the terminal answers.
WHERE_IS_THE_CURSOR, HERE = b"\x1b[6n", b"\x1b[1;1R"
# A prompt begins so; it is drawn when the cursor is shown again.
PROMPT_BEGINS, CURSOR_SHOWN = b"\x1b[?2004h", b"\x1b[?25h"

_CODES = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x07|\x1b\\))")


def characters(shown: bytes) -> str:
    """What was shown without the codes that only steer the terminal."""
    return _CODES.sub(b"", shown).decode("utf-8", "replace").replace("\r", "")


class Terminal:
    """A terminal that a program runs in."""

    def __init__(self, controller: int, process: "subprocess.Popen[bytes]") -> None:
        self._controller = controller
        self.process = process
        self.shown = b""

    def type(self, text: bytes) -> None:
        os.write(self._controller, text)

    def paste(self, text: bytes) -> None:
        """Type much at once, while what is shown is read: else both would wait for each other."""
        typist = threading.Thread(target=self._type_all, args=(text,))
        typist.start()
        while typist.is_alive():
            if select.select([self._controller], [], [], 0.05)[0]:
                self._read()
        typist.join()

    def _type_all(self, text: bytes) -> None:
        while text:
            text = text[os.write(self._controller, text[:4096]) :]

    def read_until(self, awaited: bytes) -> bytes:
        """What is shown up to some text."""
        while awaited not in self.shown:
            self._read()
        head, _, self.shown = self.shown.partition(awaited)
        return head + awaited

    def read_rest(self) -> bytes:
        """What is shown until the program ends."""
        try:
            while True:
                self._read()
        except OSError:
            # Linux says so when the other side of a terminal is closed.
            return self.shown

    def read_prompt(self) -> str:
        """The characters that are shown up to the next prompt that waits."""
        before = self.read_until(PROMPT_BEGINS)
        return characters(before + self.read_until(CURSOR_SHOWN))

    def read_prompts_until(self, awaited: str) -> None:
        """What is shown up to the first prompt that stands below some characters."""
        while awaited not in self.read_prompt():
            pass

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""
        termios.tcsetwinsize(self._controller, (rows, columns))
        os.killpg(self.process.pid, signal.SIGWINCH)

    def _read(self) -> None:
        if not select.select([self._controller], [], [], SECONDS)[0]:
            raise AssertionError(f"nothing more is shown after {self.shown[-500:]!r}")
        chunk = os.read(self._controller, 65536)
        if not chunk:
            raise OSError("the terminal was closed")
        for _ in range(chunk.count(WHERE_IS_THE_CURSOR)):
            self.type(HERE)
        self.shown += chunk


@contextmanager
def in_terminal(
    matome: Matome,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    size: tuple[int, int] = (24, 200),
    command: Sequence[str] = COMMAND,
) -> Iterator[Terminal]:
    controller, other_end = pty.openpty()
    termios.tcsetwinsize(other_end, size)
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        cwd=matome.cwd,
        env=matome.environment({"TERM": "xterm-256color", **(env or {})}),
        start_new_session=True,
    )
    os.close(other_end)
    try:
        yield Terminal(controller, process)
    finally:
        process.kill()
        process.wait()
        os.close(controller)
