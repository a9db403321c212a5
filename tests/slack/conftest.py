"""A Slack on loopback with a workspace in which the app is installed, and the means to ask it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.clients import Wire, client_of
from tests.slack.scene import scene
from tests.slack.server import Slack, Token, opened_slack
from tests.slack.server.world import Channel, User, Workspace

__all__ = ["scene"]


@dataclass(frozen=True, slots=True)
class Town:
    """`ann` is anybody, `boss` an admin; the app is in `general`."""

    slack: Slack
    team: Workspace
    token: Token
    ann: User
    boss: User
    general: Channel
    client: AsyncWebClient


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with opened_slack() as opened:
        yield opened
        assert not opened.unknown_methods
        assert not opened.odd_requests


@pytest.fixture
async def town(slack: Slack) -> Town:
    """Nothing is limited by its rate."""
    slack.rates.burst = slack.rates.workspace = 10_000
    slack.rates.tiers.clear()
    team = slack.add_team("readers")
    ann, boss = slack.add_user(team, "ann"), slack.add_user(team, "boss", admin=True)
    token = slack.install(team)
    general = slack.add_channel(team, "general")
    return Town(slack, team, token, ann, boss, general, client_of(slack, token))


@pytest.fixture
async def wire(town: Town) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, town.slack, town.token)
