"""The platforms where the bot is: what an adapter brings for one, and how all are connected."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from structlog.stdlib import get_logger

from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat
from bot.errors import OperatorError
from bot.incidents import incident
from bot.ports import Platform
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

    def routes(self) -> Sequence[Route]:
        """What it answers over HTTP, once it attends; nothing for most."""
        ...

    def attend(self, chat: Chat, arrivals: Arrivals, get_stores: GetStores) -> None:
        """Answer by the chat from now on, and tell `arrivals` where the bot comes and goes."""
        ...

    async def run(self) -> None:
        """Connect, and stay so until cancelled; answers that are under way then are finished.

        Raises OperatorError where the platform refuses the bot for good.
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


async def run_faces(faces: Sequence[Face], refused: Callable[[OperatorError], None]) -> None:
    """Run all side by side until cancelled.

    Of one that is refused `refused` is told, while the others go on; if none is left, the failure
    of the last one is raised.
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
                refused(error)
            else:
                incident(_log, "a platform stopped", error, platform=face.platform.name)

    async with asyncio.TaskGroup() as group:
        for face in faces:
            group.create_task(run(face), name=face.platform.name)
    if len(failures) == len(faces):
        raise failures[-1]
