"""Discord as one of the platforms that the program serves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.discord.answering import Answering
from adapters.discord.checks import checks
from adapters.discord.client import Arrived, Connection, MatomeClient, closed, prepare
from adapters.discord.connecting import keep_commands, log_in, stay_connected
from adapters.discord.contexts import Speech
from adapters.discord.events import Events
from adapters.discord.guard import discord_guard
from adapters.discord.places import Places
from adapters.discord.platform import DiscordPlatform
from adapters.discord.requests import Requests
from adapters.discord.shards import in_use, wanted
from bot.chat.arrivals import Arrivals
from bot.chat.chat import Chat
from bot.errors import MatomeError, OperatorError
from bot.locales import Texts
from bot.meter import NO_METER, Meter
from bot.ports import Pictures
from bot.running.faces import LEAVE_WITHIN, Checked, Route
from bot.running.holding import Holding
from bot.running.supervisor import Service, supervise
from bot.stores import GetStores, Stores
from bot.watching.clock import ClockWatch


@dataclass(slots=True)
class DiscordFace:
    """The client with its platform. `texts` and `say` are for the operator.

    `language` is that of people of whom it is not known.
    """

    connection: Connection
    client: MatomeClient
    platform: DiscordPlatform
    language: str
    texts: Texts
    say: Callable[[str], None]
    clock: ClockWatch
    meter: Meter = NO_METER
    holding: Holding | None = None

    @property
    def links(self) -> Mapping[str, bool]:
        """The shards of this process."""
        return self.client.links.states

    def lacking(self) -> MatomeError | None:
        """Every shard has to be connected."""
        links = self.client.links
        if not links.states:
            return OperatorError("health.connecting")
        if missing := links.missing:
            return OperatorError("health.disconnected", links=", ".join(missing))
        return None

    def routes(self) -> Sequence[Route]:
        """Nothing: the gateway tells everything."""
        return ()

    def attend(
        self, chat: Chat, arrivals: Arrivals, get_stores: GetStores, holding: Holding
    ) -> None:
        """Answer by the chat from now on, and tell of servers."""
        self.holding = holding
        platform, speech = self.platform, Speech(self.language)
        answering = Answering(
            chat, speech, platform.guard, pictures=platform.pictures, meter=self.meter
        )
        self.client.attend(
            Events(answering, platform, platform.places),
            Arrived(arrivals.joined, arrivals.left, arrivals.found),
        )

    async def run(self) -> None:
        """Log in and hear what happens until cancelled. Raises OperatorError."""
        await log_in(self.client, self.connection.token, asyncio.sleep)
        self.say(self.texts("discord.logged_in", name=self.client.user))
        assert self.holding is not None, "it attends before it runs"
        async with self.holding.hold(wanted(self.client), in_use) as renewing:
            try:
                await supervise(
                    [
                        Service("discord", lambda: stay_connected(self.client), leads=True),
                        Service("shards", renewing, leads=True),
                        Service("commands", lambda: keep_commands(self.client, asyncio.sleep)),
                    ]
                )
            finally:
                await self.client.leave(LEAVE_WITHIN)

    def checks(self, stores: Stores | None) -> AsyncIterator[Checked]:
        """What the doctor finds."""
        return checks(self.connection, self.texts, self.clock)

    async def close(self) -> None:
        """End the connection."""
        await closed(self.client)


def discord_face(
    connection: Connection,
    language: str,
    texts: Texts,
    say: Callable[[str], None],
    clock: ClockWatch,
    pictures: Pictures,
    *,
    only_admins: bool = False,
    meter: Meter = NO_METER,
) -> DiscordFace:
    """Discord as it is reached by a connection, whose clock is compared with `clock`.

    With `only_admins` who manages a channel alone may not manage its digests.
    """
    prepare(connection)
    client = MatomeClient(connection, clock, meter=meter)
    requests = Requests(
        client, client.rate_limits, Places(client, clock.now, only_admins=only_admins)
    )
    platform = DiscordPlatform(requests, discord_guard(meter=meter), pictures)
    return DiscordFace(connection, client, platform, language, texts, say, clock, meter)
