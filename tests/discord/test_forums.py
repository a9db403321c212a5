"""Which tags a post of a forum gets, by what it is about."""

from collections.abc import Iterable

import discord
import pytest

from adapters.discord.forums import chosen
from bot.outbox import delivery_key
from bot.view import Action, Paragraph, Posting, Run, View
from tests.discord.running import logged_in
from tests.discord.server import Kind, opened_discord


def made(names: Iterable[str]) -> list[discord.ForumTag]:
    """Tags with ids from 0 on; those that begin with "!" are for moderators."""
    tags = []
    for number, name in enumerate(names):
        tag = discord.ForumTag(name=name.removeprefix("!"), moderated=name.startswith("!"))
        tag.id = number
        tags.append(tag)
    return tags


@pytest.mark.parametrize(
    ("tags", "topics", "demanded", "expected"),
    [
        (["a", "b", "c"], ["c", "a"], False, [2, 0]),
        (["ニュース", "GPU"], ["まとめ", "ﾆｭｰｽ", "gpu", "Gpu"], True, [0, 1]),
        (["HackerNews"], ["Hacker News", "hackernews"], True, [0]),
        (["a", "b"], ["x"], True, [0]),
        (["a", "b"], ["x"], False, []),
        (["!a", "b"], ["a"], True, [1]),
        (["!a", "b"], ["a"], False, []),
        (["!a", "!b"], ["x"], True, [0]),
        (["a", "a"], ["a"], True, [0]),
        ([], ["a"], True, []),
        (list("abcdefg"), list("gfedcba"), False, [6, 5, 4, 3, 2]),
    ],
)
def test_the_tags_of_a_post(
    tags: list[str], topics: list[str], demanded: bool, expected: list[int]
) -> None:
    assert list(chosen(made(tags), topics, demanded=demanded)) == expected


@pytest.mark.parametrize(
    ("topics", "required", "expected"),
    [
        (("まとめ", "ＧＰＵ", "Rust"), False, ["まとめ", "gpu"]),
        (("経済",), True, ["その他"]),
        ((), False, []),
    ],
)
async def test_a_post_has_the_tags_that_are_called_like_its_topics(
    topics: tuple[str, ...], required: bool, expected: list[str]
) -> None:
    codes: dict[Action, str] = {}
    view = View("今日のまとめ", (Paragraph((Run("今日のまとめ"),)),))
    posting = Posting(view, "ja", codes, topics=topics)
    async with opened_discord() as discord:
        tags = ("その他", "gpu", "まとめ")
        guild = discord.add_guild("readers")
        forum = discord.add_channel(guild, "news", Kind.FORUM, tags=tags, tag_required=required)
        async with logged_in(discord) as connected:
            await connected.platform.post(str(forum.id), posting, delivery_key("one"))
        [thread] = [one for one in guild.channels.values() if one.is_thread]
        assert [forum.tags[tag] for tag in thread.applied_tags] == expected
