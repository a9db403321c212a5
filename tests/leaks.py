"""What a running program lets others see: what it says, its processes, and what it writes."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp

# How often the processes are looked at, in seconds.
_LOOK_EVERY = 0.02


@dataclass(slots=True)
class Seen:
    """All that others could see, by where it was."""

    everything: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, what: bytes) -> None:
        """Something more that was seen."""
        self.everything[where] = self.everything.get(where, b"") + b"\n" + what

    def holding(self, *secrets: str) -> list[tuple[str, str]]:
        """Where any of some secrets was seen, also as it is written in an address."""
        return [
            (where, secret)
            for where, what in self.everything.items()
            for secret in secrets
            if any(form.encode() in what for form in (secret, quote(secret, safe="")))
        ]


@asynccontextmanager
async def watched(process: Process, data: Path, seen: Seen) -> AsyncIterator[None]:
    """Look at a program and its children while the block lasts; then at what it has written."""
    looking = asyncio.create_task(_look(process.pid, seen))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
    read_files(data, seen)


def read_files(data: Path, seen: Seen) -> None:
    """The bytes of all files below a directory, with what SQLite has not brought in yet."""
    for file in sorted(data.rglob("*")):
        if file.is_file():
            seen.add(f"file {file.relative_to(data)}", file.read_bytes())


async def said(process: Process, seen: Seen, seconds: float) -> int | None:
    """Wait until a program ends; all that it has said is seen."""
    out, err = await asyncio.wait_for(process.communicate(), seconds)
    seen.add("stdout", out)
    seen.add("stderr", err)
    return process.returncode


async def _look(process: int, seen: Seen) -> None:
    known: set[bytes] = set()
    while True:
        for command in _commands([process]):
            if command not in known:
                known.add(command)
                seen.add("processes", command)
        await asyncio.sleep(_LOOK_EVERY)


def _commands(processes: Iterable[int]) -> Iterator[bytes]:
    """The command lines of processes and their children, of any depth."""
    for process in processes:
        with suppress(OSError):
            yield Path(f"/proc/{process}/cmdline").read_bytes()
        children: list[int] = []
        with suppress(OSError):
            for thread in Path(f"/proc/{process}/task").iterdir():
                children += map(int, (thread / "children").read_text().split())
        yield from _commands(children)


async def served_by(address: str, seen: Seen) -> None:
    """All that a program serves to whoever asks."""
    async with aiohttp.ClientSession() as session:
        for path in ("/livez", "/readyz", "/metrics"):
            async with session.get(f"http://{address}{path}") as answer:
                seen.add(path, await answer.read())
