"""A fake platform as the core sees it, over real HTTP, and the process in which it lives."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.request import Request, urlopen

from aiohttp import ClientError, ClientSession

from adapters.console.limits import LIMITS
from bot.errors import Forbidden, TargetGone, TryLater
from bot.ports import Pace, Platform
from bot.view import Limits, Posting

FAKES = Path(__file__).with_name("fakes.py")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a platform's messages can go."""

    platform: str = "fake"
    channels: Sequence[str] = tuple(f"C{number}" for number in range(20))
    people: Sequence[str] = tuple(f"person{number}" for number in range(5))


class AnyWorld(Protocol):
    """A platform in another process, of which everybody has a client of their own."""

    @property
    def places(self) -> Places:
        """Its places."""
        ...

    def posted(self) -> list[str]:
        """The keys of all messages, in the order in which they came."""
        ...

    def platform(
        self, at_step: Callable[[str], str | None], *, can_find: bool
    ) -> AbstractAsyncContextManager[Platform]:
        """A client of it; `at_step` is that of FakePlatform."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """One fake platform, with the file of its journal."""

    url: str
    journal: Path
    places: Places = Places()

    @asynccontextmanager
    async def platform(
        self, at_step: "Callable[[str], str | None]", *, can_find: bool
    ) -> "AsyncIterator[Platform]":
        """A client of it."""
        async with ClientSession() as session:
            yield FakePlatform(self, session, at_step=at_step, can_find=can_find)

    def stats(self) -> dict[str, Any]:
        """What it has counted."""
        counted: dict[str, Any] = _call(f"{self.url}/stats")
        return counted

    def set(self, **knobs: Any) -> None:
        """Let other things go wrong from now on."""
        _call(f"{self.url}/knobs", knobs)

    def did(self, what: str) -> list[dict[str, Any]]:
        """The lines of the journal of one kind."""
        lines = self.journal.read_text("utf-8").splitlines()
        return [record for record in map(json.loads, lines) if record["did"] == what]

    def posted(self) -> list[str]:
        """The keys of all messages, in the order in which they came."""
        return [record["key"] for record in self.did("post")]


@dataclass(frozen=True, slots=True)
class Fakes:
    """The process of the fake platforms."""

    port: int
    directory: Path

    def world(self, kind: str, **knobs: Any) -> World:
        """A new platform of a kind."""
        url = f"http://127.0.0.1:{self.port}"
        journal = self.directory / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        journal.touch()
        body = {"kind": kind, "journal": str(journal), "knobs": knobs}
        return World(f"{url}/{_call(f'{url}/worlds', body)}", journal)


@contextmanager
def running_fakes(directory: Path) -> Iterator[Fakes]:
    """Start the process, and end it."""
    process = subprocess.Popen(
        [sys.executable, str(FAKES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Fakes(int(process.stdout.readline()), directory)
    finally:
        # It ends with its stdin.
        process.communicate()


def _call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data)) as answer:  # noqa: S310 (our own process)
        return json.load(answer)


def nothing(step: str) -> str | None:
    """Nothing happens at any step."""
    return None


@dataclass(slots=True)
class FakePlatform:
    """A world as a platform; to be closed by closing the session.

    `at_step` is told of "post" before a message leaves and of "answered" when its answer was read;
    for the first it says at what the fake is to kill this process: "sent" or "accepted". `time`
    gives the time of a virtual clock in seconds.
    """

    world: World
    session: ClientSession
    name: str = "fake"
    pace: Pace = field(default_factory=lambda: Pace(per_second=1000))
    limits: Limits = LIMITS
    at_step: Callable[[str], str | None] = nothing
    time: Callable[[], float] | None = None
    can_find: bool = True
    managers: Sequence[str] = ("manager",)

    def channel(self, target: str) -> str:
        """A target is a channel of its own."""
        return target

    async def workspace(self, target: str) -> str | None:
        """None: there is one server only."""
        return None

    async def address(self, target: str) -> str | None:
        """Nothing opens a place there."""
        return None

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message."""
        die = self.at_step("post")
        body = {"target": target, "key": key, "text": posting.view.summary}
        answer = await self._ask("post", body, die)
        self.at_step("answered")
        return str(answer["reference"])

    async def edit(self, reference: str, posting: Posting) -> None:
        """Replace what a message shows."""
        await self._ask("edit", {"reference": reference, "text": posting.view.summary})

    async def thread(self, reference: str, title: str) -> str:
        """Open a thread, once."""
        return str((await self._ask("thread", {"reference": reference, "title": title}))["target"])

    async def publish(self, reference: str) -> None:
        """Pass a message on."""
        await self._ask("publish", {"reference": reference})

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key, where there is one."""
        if not self.can_find:
            return None
        body = {"target": target, "key": key, "since": since.timestamp()}
        reference: str | None = (await self._ask("find", body))["reference"]
        return reference

    async def may_manage(self, target: str, person: str) -> bool:
        """Everybody may."""
        return True

    async def can_post(self, target: str) -> Sequence[str]:
        """Nothing is lacking."""
        return ()

    async def can_thread(self, target: str) -> Sequence[str]:
        """Nothing is lacking."""
        return ()

    async def open_dm(self, person: str) -> str:
        """The target of a person."""
        return str((await self._ask("open_dm", {"person": person}))["target"])

    async def whom_to_tell(self, target: str) -> Sequence[str]:
        """The same persons everywhere."""
        return self.managers

    async def _ask(self, what: str, body: object, die: str | None = None) -> dict[str, Any]:
        headers = {"X-Pid": str(os.getpid())}
        if die is not None:
            headers["X-Die"] = die
        if self.time is not None:
            headers["X-Time"] = repr(self.time())
        try:
            async with self.session.post(
                f"{self.world.url}/{what}", json=body, headers=headers
            ) as answer:
                if answer.status == 404:
                    raise TargetGone("delivery.gone", what=what)
                if answer.status == 403:
                    raise Forbidden((await answer.json(content_type=None))["missing"])
                if answer.status == 429:
                    raise TryLater("limited", float(answer.headers["Retry-After"]))
                if answer.status >= 500:
                    raise TryLater(f"status {answer.status}")
                read: dict[str, Any] = await answer.json()
                return read
        except ClientError as error:
            raise TryLater(repr(error)) from error
