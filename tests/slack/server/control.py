"""What another process asks about this Slack: no part of Slack's own interface."""

from aiohttp import web

from tests.slack.server.state import State


def add_control(app: web.Application, state: State) -> None:
    """GET /control/journal: all that was accepted, and what should not have been asked."""

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

    async def cut(request: web.Request) -> web.Response:
        await state.link.socket.cut()
        return web.json_response({})

    app.router.add_get("/control/journal", journal)
    app.router.add_post("/control/cut", cut)
