"""The Slack of the tests as a world of deliveries, which is reached by the real client."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

from aiohttp import ClientSession

from adapters.slack.guard import slack_guard
from adapters.slack.places import Places as SlackPlaces
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import Api, Member, OwnWorkspace, open_session
from bot.errors import TargetGone
from bot.ports import Platform
from bot.view import Posting
from tests.delivery.remote import Places, nothing

TEAMS, CHANNELS = 5, 40


@dataclass(frozen=True, slots=True)
class Several:
    """Workspaces, each with a token of its own."""

    known: Mapping[str, OwnWorkspace]

    async def member(self, workspace: str) -> Member:
        """The bot in a workspace."""
        if workspace not in self.known:
            raise TargetGone("delivery.gone", what=workspace)
        return await self.known[workspace].member(workspace)

    async def all(self) -> Sequence[str]:
        """All of them."""
        return [*self.known]


@dataclass(frozen=True, slots=True)
class SlackWorld:
    """A Slack with workspaces, channels, and a person in each workspace."""

    origin: str
    tokens: Mapping[str, str]
    places: Places
    app_token: str

    def posted(self) -> list[str]:
        """The keys of all messages, in the order in which they came."""
        entries = self.asked("journal")["entries"]
        posts = (entry["body"] for entry in entries if entry["what"] == "post")
        return [body["metadata"]["event_payload"]["key"] for body in posts]

    def asked(self, what: str) -> dict[str, Any]:
        """What it has noted."""
        with urlopen(Request(f"{self.origin}/control/{what}")) as answer:  # noqa: S310 (our own)
            found: dict[str, Any] = json.load(answer)
            return found

    @asynccontextmanager
    async def platform(
        self, at_step: Callable[[str], str | None] = nothing, *, can_find: bool = True
    ) -> AsyncIterator[Platform]:
        """A client of all workspaces."""
        async with open_session() as session:
            api = Api(session, f"{self.origin}/api/")
            known = {team: OwnWorkspace(api, token) for team, token in self.tokens.items()}
            workspaces = Several(known)
            places = SlackPlaces(workspaces, lambda: datetime.now(UTC))
            yield SteppingPlatform(
                workspaces,
                places,
                slack_guard(strict=True),
                session=session,
                origin=self.origin,
                at_step=at_step,
                can_find=can_find,
            )


@dataclass(slots=True)
class SteppingPlatform(SlackPlatform):
    """The platform itself, that tells which steps are done; see FakePlatform."""

    session: ClientSession = field(kw_only=True)
    origin: str = field(kw_only=True)
    at_step: Callable[[str], str | None] = field(kw_only=True)
    can_find: bool = field(kw_only=True)

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message."""
        when = self.at_step("post")
        if when is not None:
            doom = {"key": key, "pid": os.getpid(), "when": when}
            async with self.session.post(f"{self.origin}/control/doom", json=doom):
                pass
        reference = await SlackPlatform.post(self, target, posting, key)
        self.at_step("answered")
        return reference

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message with a key, where it may be looked for."""
        return await SlackPlatform.find(self, target, key, since) if self.can_find else None


@contextmanager
def running_slack(
    *options: str, teams: int = TEAMS, channels: int = CHANNELS
) -> Iterator[SlackWorld]:
    """Start the process, and end it; `channels` are those of each workspace."""
    size = ("--teams", str(teams), "--channels", str(channels))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.slack.server", *size, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        rooms = [f"{team['id']}/{each}" for team in told["teams"] for each in team["channels"]]
        people = [f"{team['id']}/{each}" for team in told["teams"] for each in team["people"]]
        tokens = {team["id"]: team["token"] for team in told["teams"]}
        origin = told["api_url"].removesuffix("/api/")
        yield SlackWorld(origin, tokens, Places("slack", rooms, people), told["app_token"])
    finally:
        # It ends with its stdin.
        process.communicate()
