"""Slack as the program serves it, in this process: the face over HTTP, with the bot behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from adapters.slack.connection import App, Connection
from adapters.slack.face import Manner, SlackFace
from bot.app import Bot, opened_bot, utc_now
from bot.locales import Texts
from bot.running.http import served
from bot.sealing import Sealer
from bot.settings import Settings
from bot.stores import Stores
from storage.index.reader import IndexReader
from tests.slack.server import Slack, Token
from tests.slack.server.refusals import Json

KEY = b"k" * 32
EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"


class Watch:
    """The time, which a test may move on."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.offset


@dataclass(frozen=True, slots=True)
class Faced:
    """The bot that serves; `said` has what the operator reads."""

    slack: Slack
    face: SlackFace
    bot: Bot
    stores: Stores
    state: object
    origin: str
    said: list[str]
    watch: Watch
    session: aiohttp.ClientSession

    @property
    def install_url(self) -> str:
        """Where somebody adds the app."""
        return self.origin + INSTALL

    async def page(self, path: str, **headers: str) -> tuple[int, str]:
        """What a browser without cookies is shown."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(self.origin + path, headers=sent) as answer:
            return answer.status, await answer.text()

    async def tells(self, event: Json, team: str, *, age: float = 0.0, **more: object) -> int:
        """Tell an event of a workspace anew, as Slack would have so many seconds ago."""
        told = {
            "type": "event_callback",
            "team_id": team,
            "event": event,
            "event_id": f"Ev{len(self.slack.link.signed.statuses)}",
            "event_time": int(utc_now().timestamp() - age),
            "authorizations": [
                {"team_id": team, "enterprise_id": None, "is_enterprise_install": False}
            ],
            **more,
        }
        return (await self.slack.link.signed.post("events_api", told))[0]

    async def handled(self) -> None:
        """Wait until what was told so far is done."""
        await self.slack.settled()
        under_way = self.face._under_way
        await under_way.ended(10.0)


@asynccontextmanager
async def opened_face(
    slack: Slack, index: IndexReader, settings: Settings, token: Token | None = None
) -> AsyncIterator[Faced]:
    """The bot over HTTP: of one workspace, or without a token of all that install it."""
    app = None
    if token is None:
        app = App(slack.app.client_id, slack.app.client_secret, Sealer([KEY]))
    given = None if token is None else token.value
    connection = Connection(given, None, slack.app.signing_secret, app, slack.api_url)
    said: list[str] = []
    watch = Watch()
    face = SlackFace(connection, Manner("ja", False, Texts("en"), said.append, watch))
    async with (
        aiohttp.ClientSession() as session,
        opened_bot(settings, index, [face.platform]) as bot,
    ):
        try:
            stores = await bot.get_stores()
            face.attend(bot.chat, bot.arrivals, bot.get_stores, bot.holding)
            async with served(("127.0.0.1", 0), face.routes()) as serving:
                slack.app.socket_mode = False
                slack.app.url = serving.address + EVENTS
                slack.app.redirects = (serving.address + REDIRECT,)
                tasks = [asyncio.create_task(face.run())]
                tasks.append(asyncio.create_task(bot.delivering.run()))
                try:
                    async with asyncio.timeout(10):
                        while not (tasks[0].done() or await slack.link.signed.verify_url()):
                            """It logs in."""
                    yield Faced(
                        slack,
                        face,
                        bot,
                        stores,
                        settings.state,
                        serving.address,
                        said,
                        watch,
                        session,
                    )
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await face.close()
