"""The platform of Discord beyond what all platforms do: forums, threads, rights, refusals."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.discord.messages import thread_name
from adapters.discord.places import Places
from adapters.discord.platform import DiscordPlatform
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater
from bot.outbox import delivery_key
from bot.view import Action, Heading, Paragraph, Posting, Run, View
from tests.discord.running import Connected, logged_in, utc_now
from tests.discord.server import Discord, Kind, Trouble, Way, bits, opened_discord
from tests.discord.server.world import Channel, Guild, Message

KEY = delivery_key("digest", "one")
SILENT = 1 << 12


@dataclass(frozen=True, slots=True)
class There:
    """A server with a channel, and the platform."""

    discord: Discord
    guild: Guild
    channel: Channel
    connected: Connected
    platform: DiscordPlatform

    @property
    def target(self) -> str:
        return str(self.channel.id)

    def message(self, reference: str) -> Message:
        channel, _, message = reference.partition("/")
        return self.discord.channels[int(channel)].messages[int(message)]


@pytest.fixture
async def there() -> AsyncIterator[There]:
    async with opened_discord() as discord:
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        async with logged_in(discord) as connected:
            yield There(discord, guild, channel, connected, connected.platform)


@pytest.fixture(params=[False, True], ids=["asked", "told"])
async def either(there: There, request: pytest.FixtureRequest) -> There:
    """What the gateway has told is used; what it has not is asked for."""
    if request.param:
        await there.connected.hears()
    return there


def saying(text: str, *, silent: bool = False, mention: str | None = None) -> Posting:
    codes: dict[Action, str] = {}
    blocks = (Heading((Run(text),)), Paragraph((Run("それから"),)))
    return Posting(View(text, blocks), "ja", codes, mention, silent)


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
    for number in range(150):
        there.discord.player(ann, there.channel).writes(f"message {number}")
    reference = await there.platform.post(there.target, saying("こんにちは"), KEY)
    other = DiscordPlatform(there.connected.client, there.platform.places, there.platform.guard)
    assert await other.find(there.target, KEY, before) == reference
    assert await other.find(there.target, delivery_key("other"), before) is None
    # What is edited by a process that has not posted it keeps its key as well.
    await DiscordPlatform(there.connected.client, there.platform.places, there.platform.guard).edit(
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


async def test_what_stands_in_a_thread_is_unfolded_there(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    thread = await either.platform.thread(reference, "題名")
    inside = await either.platform.post(thread, saying("b"), delivery_key("inside"))
    if either.platform.places.cached(thread) is not None:
        assert await either.platform.thread(inside, "題名") == thread


async def test_a_thread_that_sleeps_is_woken_for_an_edit(there: There) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(reference, "題名")
    inside = await there.platform.post(thread, saying("b"), delivery_key("inside"))
    there.discord.archive(there.discord.channels[int(thread)])
    await there.platform.edit(inside, saying("c"))
    assert "c" in str(there.message(inside).body)


async def test_a_locked_thread_takes_nothing(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    thread = await either.platform.thread(reference, "題名")
    either.discord.archive(either.discord.channels[int(thread)], locked=True)
    with pytest.raises(Forbidden) as refused:
        await either.platform.post(thread, saying("b"), delivery_key("inside"))
    assert "Manage Threads" in refused.value.missing


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


@pytest.mark.parametrize(
    ("right", "named"),
    [
        ("view_channel", "View Channel"),
        ("send_messages", "Send Messages"),
        ("read_message_history", "Read Message History"),
    ],
)
async def test_missing_rights_are_named(either: There, right: str, named: str) -> None:
    either.discord.forbid(either.channel, either.discord.bot, right)
    await either.discord.changes.until(lambda: False, 0.05)
    try:
        assert named in await either.platform.can_post(either.target)
    except Forbidden as error:
        # Of a channel that it cannot see Discord tells no more.
        assert named in error.missing
    if right != "read_message_history":
        with pytest.raises(Forbidden) as refused:
            await either.platform.post(either.target, saying("a"), KEY)
        assert named in refused.value.missing


async def test_the_right_to_open_threads_is_named(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    either.discord.forbid(either.channel, either.discord.bot, "create_public_threads")
    await either.discord.changes.until(lambda: False, 0.05)
    with pytest.raises(Forbidden) as refused:
        await either.platform.thread(reference, "題名")
    assert refused.value.missing == ("Create Public Threads",)


async def test_what_is_gone_is_gone(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    either.discord.delete_channel(either.channel)
    await either.discord.changes.until(lambda: False, 0.05)
    for request in (
        either.platform.post(either.target, saying("b"), delivery_key("b")),
        either.platform.edit(reference, saying("b")),
        either.platform.thread(reference, "x"),
        either.platform.find(either.target, KEY, utc_now()),
        either.platform.can_post(either.target),
    ):
        with pytest.raises(TargetGone):
            await request


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [
        (Trouble(Way.STATUS, status=503), None),
        (Trouble(Way.RESET), None),
        (Trouble(Way.LIMITED, seconds=7.0), 7.0),
        (Trouble(Way.BANNED), 300.0),
        (Trouble(Way.PAGE, seconds=4.0), 4.0),
    ],
)
async def test_what_passes_is_tried_later(
    there: There, trouble: Trouble, seconds: float | None
) -> None:
    there.discord.troubles.plan("POST", ".*/messages", trouble)
    with pytest.raises(TryLater) as later:
        await there.platform.post(there.target, saying("a"), KEY)
    if seconds is not None:
        assert later.value.seconds == pytest.approx(seconds, abs=1.0)
        assert later.value.everywhere is (trouble.way is not Way.LIMITED)
        return
    assert later.value.seconds is None
    await there.platform.post(there.target, saying("a"), KEY)
    assert len(there.channel.messages) == 1


POST = "POST /channels/{channel}/messages"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_request_is_made_once(there: There, status: int) -> None:
    """The library would try again by itself, beside the pace."""
    there.discord.troubles.plan("POST", ".*/messages", Trouble(Way.STATUS, status=status), 2)
    for _ in range(2):
        async with asyncio.timeout(0.9):
            with pytest.raises(TryLater) as later:
                await there.platform.post(there.target, saying("a"), KEY)
        assert later.value.seconds is None
    posts = [path for _, path in there.discord.requests if path == POST]
    assert len(posts) == 2


async def test_a_limit_that_is_used_up_holds_nobody(there: There) -> None:
    """The library would sit it out, before it gives the last answer and before it asks again."""
    there.discord.rates.buckets[POST] = (2, 30.0)
    async with asyncio.timeout(5):
        for number in range(2):
            await there.platform.post(there.target, saying("a"), delivery_key(number))
        with pytest.raises(TryLater) as later:
            await there.platform.post(there.target, saying("a"), KEY)
    assert later.value.seconds == pytest.approx(30, abs=2)
    assert not later.value.everywhere
    assert there.discord.rates.refused == 0
    other = there.discord.add_channel(there.guild, "other")
    await there.platform.post(str(other.id), saying("a"), KEY)
    # What is done by other requests has limits of its own.
    assert await there.platform.find(str(other.id), KEY, utc_now() - timedelta(minutes=5))


async def test_whoever_is_asked_to_wait_asks_nothing_meanwhile(there: There) -> None:
    limited = Trouble(Way.LIMITED, seconds=30.0, scope="global")
    there.discord.troubles.plan("POST", ".*/messages", limited)
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            await there.platform.post(there.target, saying("a"), KEY)
        assert later.value.everywhere
        assert later.value.seconds == pytest.approx(30, abs=2)
    posts = [path for _, path in there.discord.requests if path == POST]
    assert len(posts) == 1


async def test_whoever_gives_up_is_not_kept(there: There) -> None:
    """The library sleeps on, behind whoever was cancelled."""
    there.discord.rates.buckets[POST] = (2, 3.0)
    await there.platform.post(there.target, saying("a"), delivery_key("first"))
    there.discord.troubles.plan("POST", ".*/messages", Trouble(Way.SLOW, seconds=5.0))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await there.platform.post(there.target, saying("a"), KEY)
    assert time.monotonic() - began < 2


async def test_closed_direct_messages_are_refused(there: There) -> None:
    ann = there.discord.add_user("ann", dms_open=False)
    direct = await there.platform.open_dm(str(ann.id))
    with pytest.raises(Forbidden):
        await there.platform.post(direct, saying("a"), KEY)


async def test_who_manages_a_channel(either: There) -> None:
    discord, guild = either.discord, either.guild
    staff = discord.add_role(guild, "staff", bits("manage_channels"))
    head = discord.add_role(guild, "head", bits("administrator"))
    people = [discord.add_user(name) for name in ("ann", "boss", "admin", "stranger")]
    ann, boss, admin, _ = people
    discord.join(guild, ann)
    discord.join(guild, boss, staff)
    discord.join(guild, admin, head)
    if either.connected.listening is not None:
        # Roles that came later are told of, which takes no more than a new start here.
        either.platform.places.client._connection._guilds.clear()

    async def may(person: int) -> bool:
        return await either.platform.may_manage(either.target, str(person))

    assert [await may(each.id) for each in people] == [False, True, True, False]
    assert await may(guild.owner.id)
    assert list(await either.platform.whom_to_tell(either.target)) == [str(guild.owner.id)]


async def test_places_have_addresses(either: There) -> None:
    where = f"https://discord.com/channels/{either.guild.id}/{either.target}"
    assert await either.platform.address(either.target) == where


async def test_names_of_threads_fit() -> None:
    assert thread_name("a\n b") == "a b"
    assert len(thread_name("あ" * 200)) == 100
    assert thread_name(" \n")


async def test_what_is_no_id_is_gone(there: There) -> None:
    for name in ("", "x", "1/2", "-1", "9" * 30):
        with pytest.raises(DeliveryError):
            await there.platform.post(name, saying("a"), KEY)
    assert isinstance(there.platform.places, Places)
