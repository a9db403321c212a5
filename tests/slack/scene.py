"""A workspace with people in it, and the bot that answers them, over the real wire."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.slack.answering import PATIENCE
from adapters.slack.filling import PATIENCE as DIALOG_PATIENCE
from bot.app import CLOCKS, Bot, opened_bot, opened_stores
from bot.chat.chat import Clocks
from bot.chat.floods import Floods
from bot.running.later import later_stores
from bot.settings import Settings
from bot.stores import GetStores
from storage.index.reader import IndexReader
from tests.slack.running import Connected, logged_in
from tests.slack.server import Player, Shortcut, Slack, Token, opened_slack
from tests.slack.server.world import Channel, User, Workspace

SHORTCUTS = (Shortcut("まとめを見る", "show_post", True), Shortcut("検索", "search", False))


@dataclass(frozen=True, slots=True)
class Scene:
    """`ann` is anybody, `boss` an admin; the bot is in the channel."""

    slack: Slack
    team: Workspace
    token: Token
    channel: Channel
    ann: User
    boss: User
    connected: Connected
    bot: Bot
    get_stores: GetStores

    def play(self, user: User, place: Channel | None = None) -> Player:
        """Somebody in the channel, or elsewhere."""
        return self.slack.player(user, place or self.channel)

    def direct(self, user: User) -> Player:
        """Somebody in the direct messages with the bot."""
        return self.slack.player(user)


@pytest.fixture
async def scene(index: IndexReader, settings: Settings) -> AsyncIterator[Scene]:
    """The bot on the small archive; what it has to send is sent. Nothing may go wrong."""
    async with opened_slack() as slack:
        async with opened_scene(slack, index, settings) as opened:
            yield opened
        await slack.settled()
        assert not slack.complaints


@asynccontextmanager
async def opened_scene(
    slack: Slack,
    index: IndexReader,
    settings: Settings,
    *,
    clocks: Clocks = CLOCKS,
    floods: Floods | None = None,
    looks: bool = False,
    wait: float = 20.0,
    patience: float = PATIENCE,
    dialog_patience: float = DIALOG_PATIENCE,
) -> AsyncIterator[Scene]:
    """People in a workspace of a Slack, with the bot as long as the block lasts.

    What is there of an earlier scene stays. Nobody floods unless it is said when; the bot `looks`
    where it is invited, and says hello. Who shares or unfolds something waits for it for so many
    seconds at most, and after `patience` is told to wait.
    """
    team, channel, token, people = _peopled(slack)
    floods = floods or Floods(requests=sys.maxsize)
    async with (
        logged_in(slack, token) as connected,
        later_stores(lambda: opened_stores(settings), clocks.now, settings.keep) as get_stores,
        opened_bot(
            settings, index, [connected.platform], clocks=clocks, floods=floods, wait=wait
        ) as bot,
    ):
        # It takes a while to be opened.
        await get_stores()
        joined = bot.arrivals.joined if looks else None
        await connected.listens(
            bot.chat, get_stores, joined, patience=patience, dialog_patience=dialog_patience
        )
        running = asyncio.create_task(bot.delivering.run())
        try:
            yield Scene(slack, team, token, channel, *people, connected, bot, get_stores)
        finally:
            await connected.leaves()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _peopled(slack: Slack) -> tuple[Workspace, Channel, Token, tuple[User, User]]:
    if slack.teams:
        team, channel = next(iter(slack.teams.values())), next(iter(slack.channels.values()))
        named = {user.name: user for user in slack.users.values()}
        token = slack.registry.tokens_of(slack.registry.installations[0])[0]
        return team, channel, token, (named["ann"], named["boss"])
    # Nothing is limited by its rate.
    slack.rates.burst = slack.rates.workspace = 10_000
    slack.rates.tiers.clear()
    slack.app.shortcuts = SHORTCUTS
    team = slack.add_team("readers")
    ann, boss = slack.add_user(team, "ann"), slack.add_user(team, "boss", admin=True)
    token = slack.install(team)
    channel = slack.add_channel(team, "general")
    return team, channel, token, (ann, boss)
