"""Pictures of the archive in Discord: in answers, in what all see, and where they cannot be."""

import pytest

from adapters.discord.answering import LIGHT
from tests.blog import Blog
from tests.discord.scene import Scene
from tests.discord.server import Seen, Trouble, Way
from tests.discord.server.interactions import DEFER, DEFER_UPDATE, MESSAGE, UPDATE
from tests.discord.server.uploads import FILE_BYTES
from tests.discord.showing import pictures
from tests.pictures import png

LINK = "https://news.ycombinator.com/item?id=101"
PATH = "static/thumbnails/blue.jpg"
BLUE = png(blue=255)


@pytest.fixture
def pictured(scene: Scene, small_blog: Blog) -> Scene:
    """The scene, with the picture that all of its posts name."""
    small_blog.write(PATH, BLUE)
    return scene


def wait_for(scene: Scene, patience: float) -> None:
    """How long the bot thinks before it promises an answer, in seconds."""
    events = scene.connected.client._events
    assert events is not None
    object.__setattr__(events.answering, "patience", patience)


async def opened(scene: Scene) -> Seen:
    return await scene.play(scene.ann).types("/matome", query=LINK)


async def test_a_post_has_its_picture_beside_its_title(pictured: Scene) -> None:
    seen = await opened(pictured)
    assert seen.private
    assert pictures(pictured.discord, seen) == [BLUE]
    first = seen.shown.body["components"][0]
    assert first["type"] == 9
    title, about = (text["content"] for text in first["components"])
    assert "GPUのメモリは遅い？" in title
    assert about.startswith("-# 2025年6月10日")
    assert first["accessory"]["description"] == "「GPUのメモリは遅い？」の画像"


async def test_a_post_without_its_picture_is_as_it_was(scene: Scene) -> None:
    seen = await opened(scene)
    assert pictures(scene.discord, seen) == []
    assert seen.shown.body["components"][0]["type"] == 10


async def test_another_page_takes_the_picture_away_and_the_way_back_brings_it(
    pictured: Scene,
) -> None:
    ann = pictured.play(pictured.ann)
    seen = await opened(pictured)
    comments = await ann.clicks(seen, "コメントを読む")
    assert comments.edited
    assert pictures(pictured.discord, comments) == []
    back = await ann.clicks(comments, "記事に戻る")
    assert back.edited
    assert pictures(pictured.discord, back) == [BLUE]


async def test_what_is_shared_has_the_picture_and_keeps_it_when_it_changes(
    pictured: Scene,
) -> None:
    ann = pictured.play(pictured.ann)
    await ann.clicks(await opened(pictured), "共有")
    [message] = pictured.channel.messages.values()
    assert pictures(pictured.discord, message) == [BLUE]
    # While comments are unfolded the message says how far that is.
    await ann.clicks(message, "スレッドに展開")
    assert await pictured.discord.changes.until(lambda: message.edited_at is not None, 10)
    assert pictures(pictured.discord, message) == [BLUE]


async def test_a_mention_and_a_direct_message_are_answered_with_the_picture(
    pictured: Scene,
) -> None:
    direct = await pictured.direct(pictured.ann).says(LINK)
    assert pictures(pictured.discord, direct) == [BLUE]
    asked = await pictured.play(pictured.ann).says(LINK, to_bot=True)
    assert pictures(pictured.discord, asked) == [BLUE]


async def test_a_slow_answer_has_the_picture(pictured: Scene) -> None:
    # So everything is promised before it is there.
    wait_for(pictured, 0.0)
    ann = pictured.play(pictured.ann)
    seen = await opened(pictured)
    assert pictures(pictured.discord, seen) == [BLUE]
    comments = await ann.clicks(seen, "コメントを読む")
    assert pictures(pictured.discord, comments) == []


@pytest.mark.parametrize("tail", [0, LIGHT])
async def test_a_large_picture_does_not_hold_up_the_first_answer(
    scene: Scene, small_blog: Blog, tail: int
) -> None:
    picture = png(tail=bytes(tail))
    small_blog.write(PATH, picture)
    wait_for(scene, 3.0)
    ann = scene.play(scene.ann)
    seen = await opened(scene)
    assert pictures(scene.discord, seen) == [picture]
    back = await ann.clicks(await ann.clicks(seen, "コメントを読む"), "記事に戻る")
    assert pictures(scene.discord, back) == [picture]
    answers = [one.interaction.answer for one in (seen, back) if one.interaction is not None]
    assert answers == ([DEFER, DEFER_UPDATE] if tail else [MESSAGE, UPDATE])


@pytest.mark.parametrize("way", [Way.STATUS, Way.LOST, Way.RESET])
async def test_a_message_that_is_sent_again_has_its_picture_again(
    pictured: Scene, way: Way
) -> None:
    ann = pictured.direct(pictured.ann)
    for _ in range(2):
        pictured.discord.troubles.plan("POST", ".*/messages", Trouble(way))
    seen = await ann.says(LINK)
    assert await pictured.discord.changes.until(lambda: len(pictured.discord.troubles.met) >= 2, 10)
    assert pictures(pictured.discord, seen) == [BLUE]
    assert len([each for each in ann.place.messages.values() if each.author.bot]) == 1


async def test_an_answer_that_discord_stumbles_over_has_its_picture(pictured: Scene) -> None:
    pictured.discord.troubles.plan("POST", "/interactions/.*", Trouble(Way.STATUS, status=500))
    seen = await opened(pictured)
    assert pictures(pictured.discord, seen) == [BLUE]


async def test_where_no_files_may_be_attached_there_is_no_picture(pictured: Scene) -> None:
    pictured.discord.forbid(pictured.channel, pictured.discord.bot, "attach_files")
    await pictured.discord.changes.until(lambda: False, 0.05)
    ann = pictured.play(pictured.ann)
    seen = await opened(pictured)
    assert pictures(pictured.discord, seen) == []
    await ann.clicks(seen, "共有")
    [message] = pictured.channel.messages.values()
    assert "GPUのメモリは遅い" in str(message.body)
    assert pictures(pictured.discord, message) == []
    asked = await ann.says(LINK, to_bot=True)
    assert pictures(pictured.discord, asked) == []


async def test_digests_and_lists_have_no_pictures(pictured: Scene) -> None:
    for query in ("gpu", "最新", "メモリ"):
        seen = await pictured.play(pictured.ann).types("/matome", query=query)
        assert pictures(pictured.discord, seen) == []
    preview = await pictured.play(pictured.boss).types("/digest add", time="9:30")
    assert pictures(pictured.discord, preview) == []


async def test_a_file_that_is_no_picture_is_left_out(scene: Scene, small_blog: Blog) -> None:
    for data in (b"", b"text", png() + bytes(FILE_BYTES)):
        small_blog.write(PATH, data)
        assert pictures(scene.discord, await opened(scene)) == []
