"""The platform of Discord beyond what all platforms do: forums, threads, published messages."""

from datetime import timedelta

import pytest

from adapters.discord.messages import thread_name
from adapters.discord.platform import DiscordPlatform
from bot.errors import Forbidden, TryLater
from bot.outbox import delivery_key
from tests.discord.running import utc_now
from tests.discord.server import Kind, Trouble, Way
from tests.discord.there import KEY, There, saying

SILENT = 1 << 12


async def test_the_same_key_makes_one_message(there: There) -> None:
    first = await there.platform.post(there.target, saying("こんにちは"), KEY)
    assert await there.platform.post(there.target, saying("こんにちは"), KEY) == first
    assert len(there.channel.messages) == 1


async def test_a_lost_answer_is_found(there: There) -> None:
    there.discord.troubles.plan("POST", ".*/messages", Trouble(Way.LOST))
    before = utc_now() - timedelta(minutes=5)
    with pytest.raises(TryLater):
        await there.platform.post(there.target, saying("こんにちは"), KEY)
    found = await there.platform.find(there.target, KEY, before)
    assert found == f"{there.target}/{next(iter(there.channel.messages))}"


async def test_a_message_is_found_among_many(there: There) -> None:
    there.discord.rates.buckets["GET /channels/{channel}/messages"] = (50, 1.0)
    before = utc_now() - timedelta(minutes=5)
    ann = there.discord.add_user("ann")
    there.discord.join(there.guild, ann)
    there.discord.rates.buckets["GET /channels/{channel}/messages"] = (100, 1.0)
    for number in range(150):
        there.discord.player(ann, there.channel).writes(f"message {number}")
    reference = await there.platform.post(there.target, saying("こんにちは"), KEY)
    other = DiscordPlatform(there.platform.requests, there.platform.guard)
    assert await other.find(there.target, KEY, before) == reference
    assert await other.find(there.target, delivery_key("other"), before) is None
    # What is edited by a process that has not posted it keeps its key as well.
    await DiscordPlatform(there.platform.requests, there.platform.guard).edit(
        reference, saying("anders")
    )
    assert await other.find(there.target, KEY, before) == reference


async def test_nobody_is_notified_where_it_is_silent(there: There) -> None:
    quiet = await there.platform.post(there.target, saying("a", silent=True), KEY)
    assert there.message(quiet).flags & SILENT
    loud = await there.platform.post(there.target, saying("b"), delivery_key("loud"))
    assert not there.message(loud).flags & SILENT


async def test_only_the_role_that_is_asked_for_is_mentioned(there: There) -> None:
    role = there.discord.add_role(there.guild, "readers", mentionable=True)
    evil = f"@everyone <@&{role.id}>"
    posted = await there.platform.post(there.target, saying(evil), KEY)
    assert there.message(posted).body["mention_roles"] == []
    assert not there.message(posted).body["mention_everyone"]
    asked = saying("neu", silent=True, mention=str(role.id))
    posted = await there.platform.post(there.target, asked, delivery_key("with role"))
    assert there.message(posted).body["mention_roles"] == [role.id]
    assert not there.message(posted).flags & SILENT


async def test_a_forum_gets_a_post_with_a_tag_where_it_needs_one(either: There) -> None:
    forum = either.discord.add_channel(
        either.guild, "news", Kind.FORUM, tags=("digest",), tag_required=True
    )
    before = utc_now() - timedelta(minutes=5)
    target = str(forum.id)
    assert list(await either.platform.can_post(target)) == []
    reference = await either.platform.post(target, saying("今日のまとめ"), KEY)
    thread = either.message(reference).channel
    assert thread.parent is forum
    assert thread.name == "今日のまとめ"
    assert thread.applied_tags
    assert await either.platform.thread(reference, "x") == str(thread.id)
    assert await either.platform.find(target, KEY, before) == reference
    assert await either.platform.find(target, delivery_key("other"), before) is None
    reply = await either.platform.post(str(thread.id), saying("返信"), delivery_key("reply"))
    assert either.message(reply).channel is thread


async def test_a_post_of_a_forum_is_found_among_those_of_others(there: There) -> None:
    before = utc_now() - timedelta(minutes=5)
    forum = there.discord.add_channel(there.guild, "news", Kind.FORUM)
    there.discord.troubles.plan("POST", ".*/threads", Trouble(Way.LOST))
    with pytest.raises(TryLater):
        await there.platform.post(str(forum.id), saying("a"), KEY)
    ann = there.discord.add_user("ann")
    for number in range(30):
        there.discord.open_thread(forum, ann, f"thread {number}", 1440, None)
    asked = len(there.discord.requests)
    found = await there.platform.find(str(forum.id), KEY, before)
    assert found is not None
    assert there.message(found).author is there.discord.bot
    shown = [path for _, path in there.discord.requests[asked:] if path.endswith("{message}")]
    assert len(shown) == 1


async def test_what_stands_in_a_thread_is_unfolded_there(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    thread = await either.platform.thread(reference, "題名")
    inside = await either.platform.post(thread, saying("b"), delivery_key("inside"))
    assert await either.platform.thread(inside, "題名") == thread
    assert either.discord.channels[int(thread)].parent is either.channel


async def test_direct_messages_have_no_threads(either: There) -> None:
    ann = either.discord.add_user("ann")
    either.discord.join(either.guild, ann)
    direct = await either.platform.open_dm(str(ann.id))
    reference = await either.platform.post(direct, saying("a"), KEY)
    with pytest.raises(Forbidden):
        await either.platform.thread(reference, "題名")


async def test_a_thread_that_sleeps_is_woken_for_an_edit(there: There) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(reference, "題名")
    inside = await there.platform.post(thread, saying("b"), delivery_key("inside"))
    there.discord.archive(there.discord.channels[int(thread)])
    await there.platform.edit(inside, saying("c"))
    assert "c" in str(there.message(inside).body)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.ANNOUNCEMENT])
async def test_another_thread_is_opened_where_one_was_deleted(either: There, kind: Kind) -> None:
    channel = either.discord.add_channel(either.guild, "there", kind)
    reference = await either.platform.post(str(channel.id), saying("a"), KEY)
    first = await either.platform.thread(reference, "題名")
    assert await either.platform.thread(reference, "題名") == first
    either.discord.delete_channel(either.discord.channels[int(first)])
    second = await either.platform.thread(reference, "題名")
    assert second != first
    assert either.discord.channels[int(second)].name == "題名"
    assert await either.platform.post(second, saying("b"), delivery_key("inside"))


async def test_an_announcement_is_published_once(there: There) -> None:
    news = there.discord.add_channel(there.guild, "news", Kind.ANNOUNCEMENT)
    reference = await there.platform.post(str(news.id), saying("a"), KEY)
    for _ in range(2):
        await there.platform.publish(reference)
    assert there.message(reference).flags & 1
    with pytest.raises(Forbidden):
        await there.platform.publish(
            await there.platform.post(there.target, saying("a"), delivery_key("text"))
        )


async def test_places_have_addresses(either: There) -> None:
    where = f"https://discord.com/channels/{either.guild.id}/{either.target}"
    assert await either.platform.address(either.target) == where


async def test_names_of_threads_fit() -> None:
    assert thread_name("a\n b") == "a b"
    assert len(thread_name("あ" * 200)) == 100
    assert thread_name(" \n")
