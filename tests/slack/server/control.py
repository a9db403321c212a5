"""What another process asks about this Slack: no part of Slack's own interface."""

from collections import Counter

from aiohttp import web

from tests.slack.server.state import State
from tests.slack.server.troubles import Doom


def add_control(app: web.Application, state: State) -> None:
    """GET /control/journal: all that was accepted, and what should not have been asked.

    GET /control/requests: what was asked when, in seconds of a clock, what of it met its rate and
    what went wrong. POST /control/doom: {"key", "pid", "when"}, of a message by its metadata.
    """

    async def journal(request: web.Request) -> web.Response:
        entries = [
            {
                "at": entry.at.isoformat(),
                "what": entry.what,
                "channel": entry.channel,
                "ts": entry.ts,
                "thread_ts": entry.thread_ts,
                "only_for": entry.only_for,
                "body": entry.body,
            }
            for entry in state.journal
        ]
        return web.json_response(
            {
                "entries": entries,
                "refused": [str(refusal) for refusal in state.refusals],
                "unknown_methods": state.unknown_methods,
                "odd_requests": state.odd_requests,
                "findings": state.findings,
                "failures": state.link.failures,
            }
        )

    async def requests(request: web.Request) -> web.Response:
        met = Counter(trouble.way.value for trouble in state.troubles.met)
        limited = Counter(state.rates.refused)
        return web.json_response({"requests": state.requests, "limited": limited, "met": met})

    async def doom(request: web.Request) -> web.Response:
        asked = await request.json()
        state.troubles.dooms[asked["key"]] = Doom(asked["pid"], asked["when"])
        return web.json_response({})

    async def cut(request: web.Request) -> web.Response:
        await state.link.socket.cut()
        return web.json_response({})

    app.router.add_get("/control/journal", journal)
    app.router.add_get("/control/requests", requests)
    app.router.add_post("/control/doom", doom)
    app.router.add_post("/control/cut", cut)
