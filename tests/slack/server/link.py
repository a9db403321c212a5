"""How the app is told things, by Socket Mode or signed HTTP, and when it acknowledges."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.slack.server.app import App
from tests.slack.server.changes import Changes
from tests.slack.server.clock import Clock
from tests.slack.server.refusals import Json
from tests.slack.server.signed import Signed
from tests.slack.server.socket_mode import SocketMode

ACK_SECONDS = 3.0
# When an event is sent again: at once, after a minute, after five.
RETRIES = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Ack:
    """What an acknowledgement says, after how many seconds; `what` names what it is of."""

    what: str
    seconds: float
    payload: Any = None


class Link:
    """`acks` has every acknowledgement in time, `failures` what got none.

    With `repeats` everything is told so many times more, as after a broken connection.
    """

    def __init__(self, app: App, clock: Clock, changes: Changes) -> None:
        self.socket = SocketMode(app.id, clock, changes)
        self.signed = Signed(app, clock)
        self.acks: list[Ack] = []
        self.failures: list[str] = []
        self.repeats = 0
        self._app = app
        self._clock = clock
        self._changes = changes
        self._telling: set[asyncio.Task[Any]] = set()

    @property
    def idle(self) -> bool:
        """Whether everything is told, or given up."""
        return not self._telling

    async def ask(self, kind: str, payload: Json, *, responds: bool) -> Ack | None:
        """What the app acknowledges a command or interaction with; None where it does not.

        `kind` is slash_commands or interactive; `responds` whether an answer may come with it.
        """
        for _ in range(self.repeats):
            self._begin(self._once(kind, payload, responds, 0, ""))
        return await self._once(kind, payload, responds, 0, "")

    def tell(self, payload: Json) -> None:
        """An event; it is told again while it is not acknowledged."""
        for _ in range(1 + self.repeats):
            self._begin(self._event(payload))

    async def close(self) -> None:
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self.socket.cut()
        await self.signed.close()

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._telling.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._telling.discard(task)
        self._changes.tell()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(repr(error))

    async def _event(self, payload: Json) -> None:
        reason = ""
        for number, wait in enumerate((0.0, *RETRIES)):
            if number > 0:
                await self._clock.sleep(wait)
            if await self._once("events_api", payload, False, number, reason) is not None:
                return
            reason = "timeout" if self._app.socket_mode else self.signed.reason

    async def _once(
        self, kind: str, payload: Json, responds: bool, number: int, reason: str
    ) -> Ack | None:
        what = f"{kind} {_name(payload)}"
        began = self._clock.seconds()
        transport = self.socket if self._app.socket_mode else self.signed
        answered, said = await transport.attempt(
            kind, payload, responds=responds, number=number, reason=reason, within=ACK_SECONDS
        )
        if not answered:
            self.failures.append(f"{what}: not acknowledged within {ACK_SECONDS:g} s")
            return None
        ack = Ack(what, self._clock.seconds() - began, said)
        self.acks.append(ack)
        if said and not responds:
            self.failures.append(f"{what}: acknowledged with a body: {said}")
        return ack


def _name(payload: Json) -> str:
    event = payload.get("event")
    return str(event["type"] if event else payload.get("command") or payload.get("type"))
