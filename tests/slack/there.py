"""A workspace with a channel, and the platform alone, by the real client."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.guard import slack_guard
from adapters.slack.limited import Asking
from adapters.slack.names import Person, Target, reference_of
from adapters.slack.places import Places
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import Api, OwnWorkspace, Workspaces
from bot.outbox import delivery_key
from bot.view import Action, Heading, Paragraph, Posting, Run, View
from tests.guarded import BrokenLimits, broken_by
from tests.slack.conftest import Town
from tests.slack.running import opened_api
from tests.slack.server import Slack, Token
from tests.slack.server.world import Channel, Message, User

KEY = delivery_key("digest", "one")
BEFORE = timedelta(minutes=5)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class There:
    """A channel of a workspace, and the platform."""

    town: Town
    api: Api
    platform: SlackPlatform

    @property
    def slack(self) -> Slack:
        return self.town.slack

    @property
    def channel(self) -> Channel:
        return self.town.general

    @property
    def target(self) -> str:
        return self.in_(self.channel)

    def in_(self, channel: Channel) -> str:
        """The target of a channel."""
        return str(Target(self.town.team.id, channel.id))

    def person(self, user: User) -> str:
        return str(Person(self.town.team.id, user.id))

    def message(self, reference: str) -> Message:
        found = reference_of(reference)
        return self.slack.channels[found.channel].messages[found.ts]

    def asked(self, method: str) -> int:
        """How often a method was asked."""
        return [name for _, name in self.slack.requests].count(method)

    def again(self, *, only_admins: bool = False, token: Token | None = None) -> SlackPlatform:
        """The platform as another process has it."""
        value = (token or self.town.token).value
        return platform_of(self.slack, OwnWorkspace(self.api, value), only_admins=only_admins)


def platform_of(
    slack: Slack, workspaces: Workspaces, *, only_admins: bool = False
) -> SlackPlatform:
    """The platform, in the time of a Slack."""
    places = Places(workspaces, slack.clock.now, only_admins)
    guard, asking = slack_guard(strict=True, meter=BrokenLimits()), Asking(slack.clock.seconds)
    return SlackPlatform(workspaces, places, guard, asking)


@pytest.fixture
async def there(town: Town) -> AsyncIterator[There]:
    async with opened_api(town.slack) as api:
        platform = platform_of(town.slack, OwnWorkspace(api, town.token.value))
        yield There(town, api, platform)
        assert not broken_by(platform.guard)


def saying(text: str, *, mention: str | None = None) -> Posting:
    codes: dict[Action, str] = {}
    blocks = (Heading((Run(text),)), Paragraph((Run("それから"),)))
    return Posting(View(text, blocks), "ja", codes, mention)
