"""What goes to and comes from a terminal or a pipe: harmless text, JSON lines, lines of input."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Mapping

from adapters.console.visible import CONTROLS

# A longer line is no question of a person; its end is dropped.
MAX_LINE_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024


def json_line(record: Mapping[str, object]) -> str:
    """A record as JSON on one line, whatever the reader takes for the end of a line.

    Characters that a terminal would obey are escaped, which changes nothing of what they mean.
    """
    text = json.dumps(record, ensure_ascii=False)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


async def lines(prompt: str = "") -> AsyncIterator[str]:
    """The lines of stdin, with what is no UTF-8 replaced; waiting does not hold the loop up.

    Reads in a thread that the program's end need not wait for, so that Ctrl-C ends it at once.
    """
    source = _Lines(0)
    while True:
        if prompt:
            print(prompt, end="", flush=True)
        line = await _in_daemon_thread(source)
        if line is None:
            return
        yield line.decode("utf-8", "replace").rstrip("\r\n")


class _Lines:
    """The lines of a file descriptor; reads no further ahead than one chunk."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""

    def read(self) -> bytes | None:
        """The next line, None at the end."""
        parts: list[bytes] = []
        size = 0
        while True:
            chunk = self._rest or os.read(self._descriptor, _CHUNK_BYTES)
            line, newline, self._rest = chunk.partition(b"\n")
            if size < MAX_LINE_BYTES:
                parts.append(line)
                size += len(line)
            if newline:
                return b"".join(parts)
            if not chunk:
                return b"".join(parts) or None


async def _in_daemon_thread(source: _Lines) -> bytes | None:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes | None] = loop.create_future()

    def settle(line: bytes | None, error: OSError | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(line)
        else:
            done.set_exception(error)

    def read() -> None:
        line, failure = None, None
        try:
            line = source.read()
        except OSError as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, line, failure)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return await done
