"""What another process asks about this Discord: no part of Discord's own interface."""

from collections import Counter

from aiohttp import web

from tests.discord.server.state import State
from tests.discord.server.troubles import Doom


def add_control(app: web.Application, state: State) -> None:
    """GET /control/journal: all that was accepted, and what should not have been asked.

    GET /control/requests: when what was asked, and when nothing should have been, in seconds of a
    clock; how much of it was refused because it was too much. POST /control/doom: {"nonce", "pid",
    "when"}.
    """

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

    async def doom(request: web.Request) -> web.Response:
        asked = await request.json()
        state.troubles.dooms[asked["nonce"]] = Doom(asked["pid"], asked["when"])
        return web.json_response({})

    async def requests(request: web.Request) -> web.Response:
        met = Counter(trouble.way.value for trouble in state.troubles.met)
        found = {
            "requests": state.requests,
            "pauses": state.rates.pauses,
            "refused": state.rates.refused,
            "met": met,
        }
        return web.json_response(found)

    app.router.add_get("/control/journal", journal)
    app.router.add_get("/control/requests", requests)
    app.router.add_post("/control/doom", doom)
    app.router.add_post("/control/cut", cut)
