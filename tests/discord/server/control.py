"""What another process asks about this Discord: no part of Discord's own interface."""

from aiohttp import web

from tests.discord.server.state import State


def add_control(app: web.Application, state: State) -> None:
    """GET /control/journal: all that was accepted, and what should not have been asked."""

    async def journal(request: web.Request) -> web.Response:
        entries = [
            {
                "at": entry.at.isoformat(),
                "what": entry.what,
                "channel": str(entry.channel),
                "message": str(entry.message),
                "nonce": entry.nonce,
                "private": entry.private,
                "repeated": entry.repeated,
                "components": entry.body.get("components"),
            }
            for entry in state.journal
        ]
        refused = [str(refusal) for refusal in state.refusals]
        return web.json_response(
            {
                "entries": entries,
                "refused": refused,
                "unknown_routes": state.unknown_routes,
                "odd_bodies": state.odd_bodies,
            }
        )

    async def cut(request: web.Request) -> web.Response:
        await state.gateway.cut()
        return web.json_response({})

    app.router.add_get("/control/journal", journal)
    app.router.add_post("/control/cut", cut)
