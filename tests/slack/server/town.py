"""A Slack on loopback: its workspaces and people, its addresses, and what can happen to it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web

from tests.slack.server import (
    answers,
    browser,
    chat,
    conversations,
    leaving,
    oauth,
    people,
    places,
    views,
)
from tests.slack.server.api import Api
from tests.slack.server.app import EVENTS, SCOPES, Installation, Shortcut, Token
from tests.slack.server.clock import Clock
from tests.slack.server.control import add_control
from tests.slack.server.player import Player
from tests.slack.server.seen import NoAnswer
from tests.slack.server.state import State
from tests.slack.server.world import Channel, Enterprise, Kind, User, Workspace

METHODS = {
    **chat.METHODS,
    **conversations.METHODS,
    **oauth.METHODS,
    **people.METHODS,
    **views.METHODS,
}


class Slack(State):
    """What tests hold in their hands: State, with ways to build it up and to disturb it."""

    @property
    def api_url(self) -> str:
        """For `AsyncWebClient(base_url=…)`."""
        return f"{self.origin}/api/"

    @property
    def authorize_url(self) -> str:
        """For `AsyncOAuthSettings(authorization_url=…)`."""
        return f"{self.origin}/oauth/v2/authorize"

    def add_enterprise(self, name: str) -> Enterprise:
        found = Enterprise(self.names.next("E"), name, name)
        self.enterprises[found.id] = found
        return found

    def add_team(self, name: str = "readers", enterprise: Enterprise | None = None) -> Workspace:
        found = Workspace(self.names.next("T"), name, name, enterprise)
        self.teams[found.id] = found
        for installation in self.registry.installations:
            if installation.covers(found):
                found.members[installation.bot.id] = installation.bot
        return found

    def add_user(
        self,
        team: Workspace,
        name: str,
        *,
        admin: bool = False,
        owner: bool = False,
        guest: str = "",
        locale: str = "ja-JP",
        zone: str = "Asia/Tokyo",
        offset: int = 32_400,
    ) -> User:
        """`offset` is the zone's in seconds, as users.info tells it."""
        user = User(self.names.next("U"), name, zone, offset, locale, guest=guest)
        self.users[user.id] = user
        self.add_member(team, user, admin=admin, owner=owner)
        return user

    def add_member(
        self, team: Workspace, user: User, *, admin: bool = False, owner: bool = False
    ) -> None:
        """Somebody in (another) workspace."""
        team.members[user.id] = user
        if admin:
            team.admins.add(user.id)
        if owner:
            team.owners.add(user.id)
            team.primary = team.primary or user.id

    def add_channel(
        self,
        team: Workspace,
        name: str,
        kind: Kind = Kind.PUBLIC,
        *,
        members: Iterable[User] | None = None,
        bot: bool = True,
        restricted: bool = False,
        general: bool = False,
    ) -> Channel:
        """A channel of everybody but guests (or only some); with `bot` the app is in it."""
        own = self.registry.of(team)
        listed = [one for one in team.members.values() if not (one.bot_id or one.guest)]
        within = {one.id: one for one in (listed if members is None else members)}
        if bot and own is not None:
            within[own.bot.id] = own.bot
        channel = Channel(self.names.next("C"), name, kind, team, within)
        channel.restricted, channel.general = restricted, general
        channel.created = int(self.clock.now().timestamp())
        self.channels[channel.id] = channel
        return channel

    def add_group(self, *people_in_it: User, team: Workspace) -> Channel:
        """Direct messages of several people and the app."""
        return places.group(self, team, list(people_in_it))

    def install(
        self,
        team: Workspace,
        installer: User | None = None,
        *,
        scopes: tuple[str, ...] | None = None,
        org: bool = False,
    ) -> Token:
        """The app in a workspace (or its organisation), without a browser; its token."""
        who = installer or self.add_user(team, "operator", owner=True)
        given = self.app.scopes if scopes is None else scopes
        return oauth.new_token(self, oauth.install(self, team, who, given, org=org))

    def uninstall(self, installation: Installation, *, revoked_first: bool = True) -> None:
        """Throw the app out; it is told by two events, in one order or the other."""
        leaving.uninstall(self, installation, revoked_first=revoked_first)

    def revoke(self, token: Token) -> None:
        leaving.revoke(self, token)

    def archive(self, channel: Channel, *, archived: bool = True) -> None:
        places.archive(self, channel, archived=archived)

    def delete_channel(self, channel: Channel) -> None:
        places.delete(self, channel)

    def remove_bot(self, channel: Channel) -> None:
        """The app is put out of a channel."""
        places.leave(self, channel, self.bot(channel.team))

    def invite_bot(self, channel: Channel) -> None:
        places.join(self, channel, self.bot(channel.team))

    async def add_to_slack(
        self,
        install_url: str,
        team: Workspace,
        user: User,
        *,
        org: bool = False,
        allows: bool = True,
        keeps_cookies: bool = True,
    ) -> tuple[int, str]:
        """The status and text of the app's last page for somebody who follows its link."""
        return await browser.add_to_slack(
            self, install_url, team, user, org=org, allows=allows, keeps_cookies=keeps_cookies
        )

    def player(self, user: User, place: Channel | None = None) -> Player:
        """A person to be played, in a channel or (None) in direct messages with the app."""
        if place is not None:
            return Player(self, user, place)
        team = next(one for one in self.teams.values() if user.id in one.members)
        return Player(self, user, places.direct(self, team, user))

    async def connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until the app has so many connections."""
        socket = self.link.socket
        if not await self.changes.until(lambda: len(socket.connections) >= count, seconds):
            raise NoAnswer(f"{len(socket.connections)} of {count} connections")

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until the app has acknowledged everything that it is being told."""
        if not await self.changes.until(lambda: self.link.idle, seconds):
            raise NoAnswer(f"not everything is acknowledged: {self.link.failures}")

    @property
    def complaints(self) -> list[str]:
        """Everything that a well-behaved app never causes."""
        return [
            *self.unknown_methods,
            *self.odd_requests,
            *map(str, self.refusals),
            *self.findings,
            *self.link.failures,
            *self.link.socket.late,
            *self.link.socket.odd,
        ]


async def unknown(slack: State, request: web.Request) -> web.Response:
    slack.unknown_methods.append(f"{request.method} {request.path}")
    return web.Response(status=404, text="not found")


@asynccontextmanager
async def opened_slack(
    *,
    app_token: str = "xapp-1-of-no-app",  # noqa: S107 - of no real app
    client_secret: str = "client-secret",  # noqa: S107
    signing_secret: str = "signing-secret",  # noqa: S107
    clock: Clock | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Slack]:
    """A Slack on a free port, until the block is left. The app has the usual scopes and events."""
    slack = Slack(
        clock or Clock(), app_token=app_token, client_secret=client_secret, secret=signing_secret
    )
    slack.app.scopes, slack.app.events = SCOPES, frozenset(EVENTS)
    slack.app.commands = frozenset({"/matome"})
    slack.app.shortcuts = (Shortcut("Search", "search", False), Shortcut("Look", "look", True))
    served = web.Application(client_max_size=2**22)
    api = Api(slack, METHODS)
    served.router.add_route("*", "/api/{method}", api.serve)
    served.router.add_get("/link/", slack.link.socket.handle)
    served.router.add_get("/oauth/v2/authorize", partial(oauth.page, slack))
    served.router.add_post("/actions/{key:.+}", partial(answers.serve, slack))
    add_control(served, slack)
    served.router.add_route("*", "/{path:.*}", partial(unknown, slack))
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        at = f"{host}:{runner.addresses[0][1]}"
        slack.origin, slack.link.socket.url = f"http://{at}", f"ws://{at}/link/"
        yield slack
    finally:
        await slack.link.close()
        await runner.cleanup()
