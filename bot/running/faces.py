"""The platforms where the bot is: what an adapter brings for one, and how all are connected."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from structlog.stdlib import get_logger

from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat
from bot.errors import MatomeError, OperatorError
from bot.incidents import incident
from bot.ports import Platform
from bot.running.holding import Holding
from bot.stores import GetStores, Stores

if TYPE_CHECKING:
    # Few commands have an HTTP server.
    from aiohttp import web

# How long answers that are under way may take at the end, in seconds.
LEAVE_WITHIN = 20.0

_log = get_logger(__name__)


class Checked(NamedTuple):
    """One thing that was looked at."""

    is_fine: bool
    what: str


class Route(NamedTuple):
    """What is answered over HTTP at a path, such as "/slack/events"."""

    method: str
    path: str
    answer: "Callable[[web.Request], Awaitable[web.StreamResponse]]"


class Face(Protocol):
    """One platform, as the program serves it; nothing is connected before it runs."""

    @property
    def platform(self) -> Platform:
        """The place where the bot speaks unasked."""
        ...

    @property
    def links(self) -> Mapping[str, bool]:
        """Its connections by short names, and whether each is up; none where it makes none."""
        ...

    def lacking(self) -> MatomeError | None:
        """Why nobody is answered there just now, None where all is well; asked while it runs."""
        ...

    def routes(self) -> Sequence[Route]:
        """What it answers over HTTP, once it attends; nothing for most."""
        ...

    def attend(
        self, chat: Chat, arrivals: Arrivals, get_stores: GetStores, holding: Holding
    ) -> None:
        """Answer by the chat from now on, and tell `arrivals` where the bot comes and goes.

        What no other process may have at the same time is held by `holding`.
        """
        ...

    async def run(self) -> None:
        """Connect, and stay so until cancelled; answers that are under way then are finished.

        Raises OperatorError where the platform refuses the bot for good, and where another process
        has what only one may have.
        """
        ...

    def checks(self, stores: Stores | None) -> AsyncIterator[Checked]:
        """What the doctor finds, without changing anything; what cannot be asked is a fault.

        `stores` are those of the state, None where there is none to be read.
        """
        ...

    async def close(self) -> None:
        """End the connection, however far it had come."""
        ...


# Told of a platform that has ended, and why.
Ended = Callable[[str, OperatorError], None]


async def run_faces(faces: Sequence[Face], ended: Ended) -> None:
    """Run all side by side until cancelled.

    One that is refused or fails is logged and told to `ended`, while the others go on. If none is
    left, the failure of the last one is raised.
    """
    failures: list[Exception] = []

    async def run(face: Face) -> None:
        try:
            await face.run()
        except Exception as error:
            failures.append(error)
            if len(failures) == len(faces):
                return
            if isinstance(error, OperatorError):
                _log.error("a platform is given up", platform=face.platform.name, cause=error)
                ended(face.platform.name, error)
            else:
                number = incident(_log, "a platform stopped", error, platform=face.platform.name)
                ended(face.platform.name, OperatorError("health.stopped", incident=number))

    async with asyncio.TaskGroup() as group:
        for face in faces:
            group.create_task(run(face), name=face.platform.name)
    if len(failures) == len(faces):
        raise failures[-1]
