"""What Discord does not take, and what nobody may do, as the platform tells it."""

import asyncio
import time
from datetime import timedelta

import pytest

from adapters.discord.places import Places
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater
from bot.outbox import delivery_key
from tests.discord.running import utc_now
from tests.discord.server import Kind, Trouble, Way, bits
from tests.discord.there import KEY, There, saying


async def test_a_locked_thread_takes_nothing(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    thread = await either.platform.thread(reference, "題名")
    either.discord.archive(either.discord.channels[int(thread)], locked=True)
    with pytest.raises(Forbidden) as refused:
        await either.platform.post(thread, saying("b"), delivery_key("inside"))
    assert "Manage Threads" in refused.value.missing


async def test_a_forum_post_that_was_deleted_is_gone(either: There) -> None:
    forum = either.discord.add_channel(either.guild, "news", Kind.FORUM)
    before = utc_now() - timedelta(minutes=5)
    reference = await either.platform.post(str(forum.id), saying("a"), KEY)
    post, _, _ = reference.partition("/")
    either.discord.delete_channel(either.discord.channels[int(post)])
    for request in (
        either.platform.edit(reference, saying("b")),
        either.platform.post(post, saying("b"), delivery_key("inside")),
    ):
        with pytest.raises(TargetGone):
            await request
    assert await either.platform.find(str(forum.id), KEY, before) is None


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
    await either.connected.has_heard()
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
    await either.connected.has_heard()
    with pytest.raises(Forbidden) as refused:
        await either.platform.thread(reference, "題名")
    assert refused.value.missing == ("Create Public Threads",)


async def test_what_is_gone_is_gone(either: There) -> None:
    reference = await either.platform.post(either.target, saying("a"), KEY)
    either.discord.delete_channel(either.channel)
    await either.connected.has_heard()
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
        (Trouble(Way.GLOBAL, seconds=1e9), 3600.0),
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


@pytest.mark.parametrize(
    ("status", "code", "seconds", "everywhere"),
    [
        (401, 0, 300.0, True),
        (403, 0, 300.0, True),
        (404, 0, None, False),
        (403, 40333, 300.0, True),
    ],
)
async def test_what_is_no_word_about_a_place_ends_nothing_there(
    there: There, status: int, code: int, seconds: float | None, everywhere: bool
) -> None:
    trouble = Trouble(Way.STATUS, status=status, code=code)
    there.discord.troubles.plan("POST", ".*/messages", trouble)
    with pytest.raises(TryLater) as later:
        await there.platform.post(there.target, saying("a"), KEY)
    assert (later.value.seconds, later.value.everywhere) == (seconds, everywhere)
    await there.platform.post(there.target, saying("a"), KEY)
    assert len(there.channel.messages) == 1


async def test_direct_messages_that_were_opened_too_fast_are_opened_later(there: There) -> None:
    ann = there.discord.add_user("ann")
    trouble = Trouble(Way.STATUS, status=403, code=40003)
    there.discord.troubles.plan("POST", "/users/@me/channels", trouble)
    with pytest.raises(TryLater) as later:
        await there.platform.open_dm(str(ann.id))
    assert later.value.seconds == 600.0
    assert not later.value.everywhere
    assert await there.platform.open_dm(str(ann.id))


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
    limited = Trouble(Way.GLOBAL, seconds=30.0)
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


async def test_where_it_is_said_so_only_who_manages_the_server_decides(either: There) -> None:
    discord, guild = either.discord, either.guild
    people = [discord.add_user(name) for name in ("boss", "head", "admin")]
    rights = ("manage_channels", "manage_guild", "administrator")
    for person, right in zip(people, rights, strict=True):
        discord.join(guild, person, discord.add_role(guild, right, bits(right)))
    if either.connected.listening is not None:
        # As above.
        either.platform.places.client._connection._guilds.clear()
    strict = Places(either.platform.client, utc_now, only_admins=True)
    may = [await strict.may_manage(either.target, str(person.id)) for person in people]
    assert may == [False, True, True]
    assert await strict.may_manage(either.target, str(guild.owner.id))


async def test_what_is_no_id_is_gone(there: There) -> None:
    for name in ("", "x", "1/2", "-1", "9" * 30):
        with pytest.raises(DeliveryError):
            await there.platform.post(name, saying("a"), KEY)
    assert isinstance(there.platform.places, Places)
