"""A request to a method: who asks, with which arguments, and what they may."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.slack.server.app import Installation, Token
from tests.slack.server.refusals import Json, Refusal, invalid_arguments, missing_argument
from tests.slack.server.world import Channel, Kind, Workspace

if TYPE_CHECKING:
    from tests.slack.server.state import State

READ = {
    Kind.PUBLIC: "channels:read",
    Kind.PRIVATE: "groups:read",
    Kind.IM: "im:read",
    Kind.MPIM: "mpim:read",
}
HISTORY = {
    Kind.PUBLIC: "channels:history",
    Kind.PRIVATE: "groups:history",
    Kind.IM: "im:history",
    Kind.MPIM: "mpim:history",
}


@dataclass(frozen=True, slots=True)
class Call:
    """`token` is None only for methods that need none."""

    state: "State"
    method: str
    arguments: Json
    token: Token | None = None
    basic: tuple[str, str] | None = None

    @property
    def installation(self) -> Installation:
        assert self.token is not None
        if self.token.installation is None:
            raise Refusal("not_allowed_token_type")
        return self.token.installation

    @property
    def team(self) -> Workspace:
        """The workspace asked about; org-wide tokens have to name one."""
        installation = self.installation
        if installation.team is not None:
            return installation.team
        key = self.text("team_id")
        team = self.state.teams.get(key)
        if team is None or not installation.covers(team):
            raise Refusal("team_not_found")
        return team

    def need(self, *scopes: str) -> None:
        """Refuse who has none of the scopes."""
        assert self.token is not None
        provided = self.token.scopes
        if scopes and not set(scopes) & set(provided):
            raise Refusal("missing_scope", needed=scopes[0], provided=",".join(provided))

    def has(self, scope: str) -> bool:
        return self.token is not None and scope in self.token.scopes

    def given(self, name: str) -> Any:
        return self.arguments.get(name)

    def text(self, name: str) -> str:
        """A string that there has to be."""
        found = self.arguments.get(name)
        if found is None or found == "":
            raise missing_argument(name)
        if not isinstance(found, str):
            raise invalid_arguments([f"must be a string [json-pointer:/{name}]"])
        return found

    def flag(self, name: str) -> bool:
        return self.arguments.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, most: int) -> int:
        found = self.arguments.get(name, default)
        try:
            value = int(found)
        except (TypeError, ValueError) as error:
            raise Refusal("invalid_limit") from error
        if not 1 <= value <= most:
            raise Refusal("invalid_limit")
        return value

    def json(self, name: str, refused: str) -> Any:
        """An argument of JSON, as such or (in forms) as text; else `refused` is said."""
        found = self.arguments.get(name)
        if isinstance(found, str):
            try:
                return json.loads(found)
            except ValueError as error:
                raise Refusal(refused) from error
        return found

    def message_body(self) -> Json:
        """The arguments of a message, with those that are JSON read."""
        body = dict(self.arguments)
        for name, refused in (
            ("blocks", "invalid_blocks_format"),
            ("attachments", "invalid_attachments_format"),
            ("metadata", "invalid_metadata_format"),
        ):
            if name in body:
                body[name] = self.json(name, refused)
        return body

    def channel(self, *, reads: bool = True, named: bool = False) -> Channel:
        """The conversation of the argument `channel`, as far as the app can see it.

        `named` also takes a name such as "#general", or a person for their direct messages.
        """
        value = self.text("channel")
        state, installation = self.state, self.installation
        found = state.channels.get(value)
        if found is None and named:
            found = self._by_name(value.removeprefix("#"))
        if found is None or not installation.covers(found.team):
            raise Refusal("channel_not_found")
        if found.kind is not Kind.PUBLIC and installation.bot.id not in found.members:
            raise Refusal("channel_not_found")
        if reads:
            self.need(READ[found.kind])
        return found

    def _by_name(self, name: str) -> Channel | None:
        for channel in self.state.channels.values():
            if channel.name == name and channel.kind is Kind.PUBLIC:
                return channel
            bot, person = self.installation.bot.id, channel.members.get(name)
            if channel.kind is Kind.IM and person is not None and bot in channel.members:
                return channel
        return None

    def inside(self, channel: Channel) -> None:
        if self.installation.bot.id not in channel.members:
            raise Refusal("not_in_channel")

    def page(
        self, listed: list[Any], default: int = 100, most: int = 1000
    ) -> tuple[list[Any], str]:
        """The part of a list that `cursor` and `limit` ask for, and the cursor of the next."""
        limit = self.number("limit", default, most)
        start = 0
        if self.given("cursor"):
            try:
                start = int(base64.b64decode(self.text("cursor")).decode().removeprefix("next:"))
            except (binascii.Error, ValueError) as error:
                raise Refusal("invalid_cursor") from error
        rest = start + limit < len(listed)
        after = base64.b64encode(f"next:{start + limit}".encode()).decode() if rest else ""
        return listed[start : start + limit], after


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes` are those of which one is needed; `kind` of token: bot, app, any or "" for none.

    `arguments` are all it knows; others are noted as odd.
    """

    handler: Handler
    arguments: frozenset[str]
    scopes: tuple[str, ...]
    kind: str


def method(handler: Handler, arguments: str, *scopes: str, kind: str = "bot") -> Method:
    return Method(handler, frozenset(arguments.split()), scopes, kind)
