"""Everything that people do in Slack, as signed HTTP, with the app as its manifest makes it."""

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.facing import Faced, opened_face
from tests.slack.server import Player, Slack

MANIFEST = Path(__file__).resolve().parents[2] / "slack-manifest.yaml"


@pytest.fixture
async def faced(slack: Slack, index: IndexReader, settings: Settings) -> AsyncIterator[Faced]:
    """A bot in a workspace where ann is, and in its channel."""
    slack.app.configure(yaml.safe_load(MANIFEST.read_text("utf-8")))
    slack.app.domains = frozenset({*slack.app.domains, "blog.example"})
    slack.rates.burst = slack.rates.workspace = 10_000
    slack.rates.tiers.clear()
    team = slack.add_team("readers")
    slack.add_user(team, "ann")
    token = slack.install(team)
    slack.add_channel(team, "general")
    async with opened_face(slack, index, settings, token) as opened:
        yield opened
        await opened.handled()
    assert not slack.complaints


@pytest.fixture
def ann(faced: Faced) -> Player:
    user = next(one for one in faced.slack.users.values() if one.name == "ann")
    return faced.slack.player(user, next(iter(faced.slack.channels.values())))


async def test_commands_presses_and_sharing(faced: Faced, ann: Player) -> None:
    seen = await ann.types("/matome gpu")
    assert seen.private
    assert "メモリ帯域" in (await ann.clicks(seen, "開く")).text
    await ann.clicks(seen, "チャンネルに共有", waits=False)
    assert "GPU" in (await ann.sees(lambda one: not one.private)).text


async def test_messages_and_mentions(faced: Faced, ann: Player) -> None:
    assert "GPU" in (await ann.dm.says("gpu")).text
    assert "GPU" in (await ann.mentions("gpu")).text


async def test_dialogs_with_completion(faced: Faced, ann: Player) -> None:
    seen = await ann.types("/matome digest")
    assert (await ann.loads(seen, "9時半", "時刻"))[0] == "9:30"
    assert await ann.loads(seen, "gp", "タグ") == ["GPU", "gp"]
    await ann.submits(seen, {"時刻": "9:30"})
    (digest,) = await faced.stores.subscriptions.every()
    assert digest.times.at == time(9, 30)


async def test_both_shortcuts(faced: Faced, ann: Player) -> None:
    seen = await ann.shortcut("まとめを検索")
    assert seen.view is not None
    said = ann.writes("<https://news.ycombinator.com/item?id=101>")
    await faced.handled()
    assert "メモリ帯域" in (await ann.message_shortcut("まとめを見る", said)).text


async def test_links_and_the_home(faced: Faced, ann: Player) -> None:
    said = ann.writes("<https://blog.example/posts/2025_06/2025_06_10_gpu_memory/>")
    await ann.sees(lambda seen: seen.message is said and bool(said.unfurls))
    assert "GPU" in str(said.unfurls)
    assert "GPU" in (await ann.opens_home()).text
