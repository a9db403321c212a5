"""What stands below messages with links to the site's posts and to Hacker News."""

from collections.abc import AsyncIterator

import pytest

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import Seen, Trouble, opened_slack
from tests.slack.server.world import Channel, Message

DOMAINS = frozenset({"news.ycombinator.com", "blog.example"})
ITEM = "https://news.ycombinator.com/item?id="
POST = "https://blog.example/posts/2025_06/2025_06_02_wifi/"


@pytest.fixture
async def links(scene: Scene) -> AsyncIterator[Scene]:
    """The bot is told of links to the site and to Hacker News."""
    scene.slack.app.domains = DOMAINS
    yield scene


async def carded(scene: Scene, text: str, place: Channel | None = None) -> Message:
    """A message, once something is shown below it."""
    ann = scene.play(scene.ann, place)
    said = ann.writes(text)
    await ann.sees(lambda seen: seen.message is said and bool(said.unfurls))
    return said


async def test_a_link_to_hacker_news(links: Scene) -> None:
    said = await carded(links, f"見て <{ITEM}101>")
    assert set(said.unfurls) == {f"{ITEM}101"}
    text = Seen(said).text
    assert "GPUのメモリは遅い？" in text
    assert "#ハードウェア" in text
    assert "メモリ帯域が足りない" in text or "NVIDIAのGPUを買った" in text


async def test_several_links_at_once(links: Scene) -> None:
    said = await carded(links, f"<{ITEM}103> <{POST}|これ> <{ITEM}9> <{ITEM}104> <{ITEM}103>")
    assert set(said.unfurls) == {f"{ITEM}103", POST}
    assert "Rustで書き直した結果" in Seen(said).text
    assert "家のWi-Fiを直す" in Seen(said).text


async def test_what_is_pressed_there_is_answered_privately(links: Scene) -> None:
    said = await carded(links, f"<{ITEM}101>")
    (card,) = said.unfurls.values()
    (button,) = [one["accessory"] for one in card["blocks"] if "accessory" in one]
    opened = await links.play(links.boss).presses(said, button["action_id"], button["value"])
    assert opened.private
    assert "メモリ帯域が足りない" in opened.text


@pytest.mark.parametrize("link", [f"{ITEM}9", f"{ITEM}104", "https://blog.example/about/"])
async def test_nothing_for_what_is_not_there(links: Scene, link: str) -> None:
    said = links.play(links.ann).writes(f"<{link}>")
    await carded(links, f"<{ITEM}101>")
    assert not said.unfurls


async def test_nothing_among_people_alone(links: Scene) -> None:
    ann = links.direct(links.ann)
    seen = await ann.says(f"<{ITEM}101>")
    # That is a question.
    assert "メモリ帯域が足りない" in seen.text
    await carded(links, f"<{ITEM}101>")
    (said,) = [one for one in ann.place.messages.values() if not one.by_app]
    assert not said.unfurls


async def test_where_the_bot_is_no_member(links: Scene) -> None:
    other = links.slack.add_channel(links.team, "other", bot=False)
    assert (await carded(links, f"<{ITEM}101>", other)).unfurls


async def test_a_message_that_is_gone_is_left_alone(index: IndexReader, settings: Settings) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        slack.app.domains = DOMAINS

        def gone(method: str) -> Trouble | None:
            if method == "chat.unfurl":
                scene.channel.messages.clear()
            return None

        slack.troubles.choose = gone
        scene.play(scene.ann).writes(f"<{ITEM}101>")
        await scene.play(scene.ann).types("/matome help")
        await scene.connected.under_way.ended(10.0)
        assert [one.code for one in slack.refusals] == ["cannot_find_message"]
        slack.troubles.choose = lambda method: None
        assert (await carded(scene, f"<{ITEM}101>")).unfurls
