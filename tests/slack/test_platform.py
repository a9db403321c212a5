"""The platform of Slack beyond what all platforms do: keys, histories, threads, addresses."""

from datetime import timedelta

import pytest

from adapters.slack.names import Target, reference_of, target_of
from bot.errors import Forbidden, TargetGone, TryLater
from bot.outbox import delivery_key
from tests.slack.server import Kind, Trouble, Way
from tests.slack.there import BEFORE, KEY, There, saying, utc_now
from tests.slack.there import there as there

MINUTE = timedelta(minutes=1)


async def test_a_message_carries_its_key_unseen(there: There) -> None:
    reference = await there.platform.post(there.target, saying("こんにちは"), KEY)
    message = there.message(reference)
    assert message.metadata is not None
    assert message.metadata["event_payload"] == {"key": KEY}
    assert KEY not in str((message.text, message.blocks))
    assert "こんにちは" in message.text
    assert not there.slack.complaints


@pytest.mark.parametrize("kind", [Kind.PUBLIC, Kind.PRIVATE])
async def test_a_lost_answer_is_found(there: There, kind: Kind) -> None:
    channel = there.slack.add_channel(there.town.team, "news", kind)
    there.slack.troubles.plan("chat.postMessage", Trouble(Way.LOST))
    before = utc_now() - BEFORE
    with pytest.raises(TryLater) as later:
        await there.platform.post(there.in_(channel), saying("こんにちは"), KEY)
    # It may be there: only whoever says when to come again has surely not taken it.
    assert later.value.seconds is None
    found = await there.again().find(there.in_(channel), KEY, before)
    assert found == f"{there.in_(channel)}/{next(iter(channel.messages))}"


async def test_a_lost_answer_is_found_in_a_thread_and_in_direct_messages(there: There) -> None:
    before = utc_now() - BEFORE
    top = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(top, "題名")
    direct = await there.platform.open_dm(there.person(there.town.ann))
    for number, target in enumerate((thread, direct)):
        key = delivery_key("lost", number)
        there.slack.troubles.plan("chat.postMessage", Trouble(Way.LOST))
        with pytest.raises(TryLater):
            await there.platform.post(target, saying("b"), key)
        found = await there.again().find(target, key, before)
        assert found is not None
        assert "b" in there.message(found).text
        assert reference_of(found).thread == target_of(target).thread


async def test_a_message_is_found_among_many(there: There) -> None:
    before = utc_now() - BEFORE
    reference = await there.platform.post(there.target, saying("こんにちは"), KEY)
    ann = there.slack.player(there.town.ann, there.channel)
    for number in range(250):
        ann.writes(f"message {number}")
    assert await there.platform.find(there.target, KEY, before) == reference
    assert there.asked("conversations.history") == 3
    assert await there.platform.find(there.target, delivery_key("other"), before) is None
    # Three hundred are looked at, not all that there are.
    for number in range(100):
        ann.writes(f"message {number}")
    assert await there.platform.find(there.target, KEY, before) is None


async def test_only_what_is_newer_is_looked_at(there: There) -> None:
    reference = await there.platform.post(there.target, saying("こんにちは"), KEY)
    assert await there.platform.find(there.target, KEY, utc_now()) == reference
    assert await there.platform.find(there.target, KEY, utc_now() + MINUTE) is None


async def test_what_others_put_the_same_key_into_is_not_ours(there: There) -> None:
    before = utc_now() - BEFORE
    metadata = {"event_type": "matome_message", "event_payload": {"key": KEY}}
    other = {"text": "mine", "metadata": metadata}
    there.slack.post(there.channel, there.town.ann, other)
    assert await there.platform.find(there.target, KEY, before) is None
    reference = await there.platform.post(there.target, saying("a"), KEY)
    assert await there.platform.find(there.target, KEY, before) == reference


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"event_type": "other", "event_payload": {"key": KEY}},
        {"event_type": "matome_message"},
        {"event_type": "matome_message", "event_payload": None},
        {"event_type": "matome_message", "event_payload": {"key": 1}},
    ],
)
async def test_metadata_of_any_shape_are_read(there: There, metadata: object) -> None:
    bot = there.slack.bot(there.town.team)
    there.slack.post(there.channel, bot, {"text": "x", "metadata": metadata})
    assert await there.platform.find(there.target, KEY, utc_now() - BEFORE) is None


async def test_what_is_edited_by_another_process_keeps_its_key(there: There) -> None:
    before = utc_now() - BEFORE
    reference = await there.platform.post(there.target, saying("a"), KEY)
    inside = await there.platform.post(
        await there.platform.thread(reference, "題名"), saying("b"), delivery_key("inside")
    )
    other = there.again()
    await other.edit(reference, saying("anders"))
    await other.edit(inside, saying("drinnen"))
    assert "anders" in there.message(reference).text
    assert "drinnen" in str(there.message(inside).blocks)
    assert await other.find(there.target, KEY, before) == reference
    thread = await other.thread(reference, "題名")
    assert await other.find(thread, delivery_key("inside"), before) == inside
    assert there.asked("conversations.history") == 1
    assert not there.slack.complaints


async def test_a_limited_history_is_read_on_where_it_was_left(there: There) -> None:
    """What is said of distributed apps: fifteen messages, once a minute."""
    before = utc_now() - BEFORE
    there.slack.rates.history = 1
    reference = await there.platform.post(there.target, saying("a"), KEY)
    ann = there.slack.player(there.town.ann, there.channel)
    for number in range(40):
        ann.writes(f"message {number}")
    for _ in range(2):
        with pytest.raises(TryLater) as later:
            await there.platform.find(there.target, KEY, before)
        assert later.value.seconds == pytest.approx(60, abs=2)
        # Until then nothing is asked.
        asked = there.asked("conversations.history")
        with pytest.raises(TryLater):
            await there.platform.find(there.target, KEY, before)
        assert there.asked("conversations.history") == asked
        there.slack.clock.advance(MINUTE)
    assert await there.platform.find(there.target, KEY, before) == reference


async def test_without_the_scope_it_cannot_be_looked_for(there: There) -> None:
    scopes = tuple(one for one in there.town.token.scopes if one != "channels:history")
    there.town.token.scopes = scopes
    with pytest.raises(Forbidden) as refused:
        await there.platform.find(there.target, KEY, utc_now() - BEFORE)
    assert refused.value.missing == ("channels:history",)
    # It can be written to and changed all the same.
    reference = await there.platform.post(there.target, saying("a"), KEY)
    await there.again().edit(reference, saying("b"))
    assert there.message(reference).metadata is not None


async def test_a_reply_to_a_reply_is_in_the_same_thread(there: There) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(reference, "題名")
    inside = await there.platform.post(thread, saying("b"), delivery_key("inside"))
    assert await there.platform.thread(inside, "題名") == thread
    # The outbox has both by their names.
    assert thread != reference
    assert there.platform.channel(thread) == there.platform.channel(there.target)
    assert list(await there.platform.can_post(thread)) == []
    assert list(await there.platform.can_thread(there.target)) == []


async def test_a_group_is_mentioned_only_where_it_is_asked_for(there: There) -> None:
    evil = "<!channel> <!subteam^S0123456> <@U00000001>"
    reference = await there.platform.post(there.target, saying(evil), KEY)
    assert not there.message(reference).mentions
    for asked, is_mentioned in (("S0123456", True), ("<!channel>", False), ("here", False)):
        posting = saying("neu", mention=asked)
        reference = await there.platform.post(there.target, posting, delivery_key(asked))
        assert bool(there.message(reference).mentions) is is_mentioned


async def test_places_have_addresses(there: There) -> None:
    team = there.town.team
    where = f"https://app.slack.com/client/{team.id}/{there.channel.id}"
    assert await there.platform.address(there.target) == where
    reference = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(reference, "題名")
    permalink = await there.platform.address(thread)
    assert permalink is not None
    assert permalink.startswith(f"https://{team.domain}.slack.com/archives/{there.channel.id}/p")


async def test_channels_are_of_their_workspace_and_direct_messages_of_none(there: There) -> None:
    assert await there.platform.workspace(there.target) == there.town.team.id
    direct = await there.platform.open_dm(there.person(there.town.ann))
    assert await there.platform.workspace(direct) is None


async def test_direct_messages_are_opened_once(there: There) -> None:
    ann = there.person(there.town.ann)
    assert await there.platform.open_dm(ann) == await there.platform.open_dm(ann)
    assert there.asked("conversations.open") == 1


async def test_nothing_is_published(there: There) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    with pytest.raises(Forbidden):
        await there.platform.publish(reference)
    with pytest.raises(TargetGone):
        await there.platform.publish("T1/C1")


def test_names_are_read_as_they_are_written() -> None:
    for target in (Target("T1", "C1"), Target("E1", "D1", "1700000000.000100")):
        assert target_of(str(target)) == target
        message = target.message("1700000001.000200")
        assert reference_of(str(message)) == message
        assert message.replies.channel == target.channel
        assert message.replies.thread == (target.thread or message.ts)
