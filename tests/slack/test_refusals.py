"""What Slack does not take, as the platform tells it."""

import time
from collections.abc import Awaitable, Callable

import pytest

from adapters.slack.failing import INVITE
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater
from bot.outbox import delivery_key
from tests.slack.server import Kind, Trouble, Way
from tests.slack.there import BEFORE, KEY, There, saying, utc_now
from tests.slack.there import there as there

HTML = b"<html>Slack is away</html>"
# Whatever stands before Slack may answer in its place, with any status.
BODIES = [
    (200, "text/html", HTML),
    (200, "text/plain", b"ok"),
    (200, "text/plain", b""),
    (200, "application/json", b"<html>"),
    (200, "application/json", b"null"),
    (200, "application/json", b"[1]"),
    (200, "application/json", b'"ok"'),
    (200, "application/json", b"{}"),
    (200, "application/json", b"\xff\xfe\xfa"),
    (403, "text/html", HTML),
    (404, "text/html", HTML),
    (502, "text/html", HTML),
    (503, "text/plain", b"upstream connect error"),
    (500, "application/json", b'{"ok": false, "error": "internal_error"}'),
    (200, "application/json", b'{"ok": false, "error": "fatal_error"}'),
    (200, "application/json", b'{"ok": false, "error": "service_unavailable"}'),
]


@pytest.mark.parametrize("archived", [True, False])
async def test_a_channel_that_was_closed_is_gone(there: There, archived: bool) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    if archived:
        there.slack.archive(there.channel)
    else:
        there.slack.delete_channel(there.channel)
    for request in (
        there.platform.post(there.target, saying("b"), delivery_key("b")),
        there.platform.edit(reference, saying("b")),
    ):
        with pytest.raises(TargetGone):
            await request
    if archived:
        # What was said there can be found still.
        assert await there.again().find(there.target, KEY, utc_now() - BEFORE) == reference
        with pytest.raises(TargetGone):
            await there.again().can_post(there.target)


async def test_a_message_that_was_deleted_is_gone(there: There) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    thread = await there.platform.thread(reference, "題名")
    there.slack.remove(there.message(reference))
    for request in (
        there.platform.edit(reference, saying("b")),
        there.platform.post(thread, saying("b"), delivery_key("b")),
        there.platform.find(thread, KEY, utc_now() - BEFORE),
        there.platform.address(thread),
    ):
        with pytest.raises(TargetGone):
            await request


async def test_a_message_of_somebody_else_cannot_be_edited(there: There) -> None:
    message = there.slack.player(there.town.ann, there.channel).writes("mine")
    with pytest.raises(TargetGone):
        await there.platform.edit(f"{there.target}/{message.ts}", saying("ours"))


async def test_where_the_bot_is_not_it_has_to_be_invited(there: There) -> None:
    scopes = [one for one in there.town.token.scopes if one != "chat:write.public"]
    there.town.token.scopes = tuple(scopes)
    there.slack.remove_bot(there.channel)
    assert list(await there.platform.can_post(there.target)) == [INVITE]
    for request in (
        there.platform.post(there.target, saying("a"), KEY),
        there.platform.find(there.target, KEY, utc_now() - BEFORE),
    ):
        with pytest.raises(Forbidden) as refused:
            await request
        assert refused.value.missing == (INVITE,)
    # Whoever then invites it need not wait.
    there.slack.invite_bot(there.channel)
    assert list(await there.platform.can_post(there.target)) == []
    assert await there.platform.post(there.target, saying("a"), KEY)


async def test_a_private_channel_without_the_bot_cannot_be_seen(there: There) -> None:
    closed = there.slack.add_channel(there.town.team, "closed", Kind.PRIVATE, bot=False)
    target = there.in_(closed)
    assert list(await there.platform.can_post(target)) == [INVITE]
    assert list(await there.platform.can_thread(target)) == [INVITE]
    with pytest.raises(TargetGone):
        await there.platform.post(target, saying("a"), KEY)
    with pytest.raises(TargetGone):
        await there.platform.can_post("T99999999/C1")


async def test_a_channel_that_few_may_write_to_is_forbidden(there: There) -> None:
    there.channel.restricted = True
    with pytest.raises(Forbidden) as refused:
        await there.platform.post(there.target, saying("a"), KEY)
    assert refused.value.missing == ()


async def test_direct_messages_that_are_turned_off_are_forbidden(there: There) -> None:
    direct = await there.platform.open_dm(there.person(there.town.ann))
    there.slack.app.messages_tab = False
    with pytest.raises(Forbidden):
        await there.platform.post(direct, saying("a"), KEY)


async def test_who_has_left_is_gone(there: There) -> None:
    there.town.ann.deleted = True
    for person in (there.person(there.town.ann), f"{there.town.team.id}/U99999999"):
        with pytest.raises(TargetGone):
            await there.platform.open_dm(person)


@pytest.mark.parametrize(
    ("scope", "ask"),
    [
        ("chat:write", "post"),
        ("chat:write", "edit"),
        ("channels:read", "can_post"),
        ("channels:read", "may_manage"),
        ("channels:history", "find"),
        ("im:write", "open_dm"),
        ("users:read", "whom_to_tell"),
        ("users:read", "is_admin"),
    ],
)
async def test_missing_scopes_are_named(there: There, scope: str, ask: str) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    ann = there.person(there.town.ann)
    there.town.token.scopes = tuple(one for one in there.town.token.scopes if one != scope)
    if scope == "im:write":
        there.town.token.scopes = tuple(
            one for one in there.town.token.scopes if one != "mpim:write"
        )
    platform = there.again(only_admins=ask == "is_admin")
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "post": lambda: platform.post(there.target, saying("b"), delivery_key("b")),
        "edit": lambda: platform.edit(reference, saying("b")),
        "can_post": lambda: platform.can_post(there.target),
        "may_manage": lambda: platform.may_manage(there.target, ann),
        "find": lambda: platform.find(there.target, KEY, utc_now() - BEFORE),
        "open_dm": lambda: platform.open_dm(ann),
        "whom_to_tell": lambda: platform.whom_to_tell(there.target),
        "is_admin": lambda: platform.may_manage(there.target, ann),
    }
    with pytest.raises(Forbidden) as refused:
        await asked[ask]()
    assert refused.value.missing == (scope,)


@pytest.mark.parametrize("gone", ["revoked", "removed", "unknown", "expired"])
async def test_a_refused_token_ends_nothing(there: There, gone: str) -> None:
    """It may be put right, or the app be installed again: digests wait meanwhile."""
    await there.platform.can_post(there.target)
    token = there.town.token
    match gone:
        case "revoked":
            there.slack.revoke(token)
        case "removed":
            assert token.installation is not None
            there.slack.uninstall(token.installation)
        case "unknown":
            del there.slack.registry.tokens[token.value]
        case _:
            token.expires = 0.0
    for platform in (there.platform, there.again()):
        with pytest.raises(TryLater) as later:
            await platform.post(there.target, saying("a"), KEY)
        assert later.value.seconds == 300
    assert not there.channel.messages


async def test_a_token_that_is_good_again_is_used_at_once(there: There) -> None:
    await there.platform.can_post(there.target)
    there.town.token.revoked = True
    with pytest.raises(TryLater):
        await there.platform.post(there.target, saying("a"), KEY)
    there.town.token.revoked = False
    assert await there.platform.post(there.target, saying("a"), KEY)


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7.0), ("86400", 3600.0), ("-3", 0.0), ("nan", 0.0), ("soon", 30.0)]
)
async def test_what_slack_asks_to_wait_is_told(there: There, said: str, seconds: float) -> None:
    limited = b'{"ok": false, "error": "ratelimited"}'
    headers = {"Retry-After": said}
    trouble = Trouble(Way.BODY, 429, body=limited, kind="application/json", headers=headers)
    there.slack.troubles.plan("chat.postMessage", trouble)
    with pytest.raises(TryLater) as later:
        await there.platform.post(there.target, saying("a"), KEY)
    assert later.value.seconds == seconds
    assert not later.value.everywhere
    assert there.asked("chat.postMessage") == 1


async def test_whoever_is_asked_to_wait_asks_nothing_meanwhile(there: There) -> None:
    """It counts for the method in the workspace: other channels would meet it as well."""
    other = there.slack.add_channel(there.town.team, "other")
    reference = await there.platform.post(there.target, saying("a"), KEY)
    there.slack.troubles.plan("chat.postMessage", Trouble(Way.LIMITED, seconds=30))
    for target in (there.target, there.in_(other), there.target):
        with pytest.raises(TryLater) as later:
            await there.platform.post(target, saying("a"), delivery_key("b"))
        assert later.value.seconds == pytest.approx(30, abs=1)
    assert there.asked("chat.postMessage") == 2
    # Other methods are not meant.
    await there.platform.edit(reference, saying("b"))
    assert await there.platform.find(there.target, KEY, utc_now() - BEFORE)


async def test_a_limit_of_the_network_is_of_all(there: There) -> None:
    there.slack.troubles.plan("chat.postMessage", Trouble(Way.BODY, 429, body=HTML))
    with pytest.raises(TryLater) as later:
        await there.platform.post(there.target, saying("a"), KEY)
    assert later.value.everywhere
    assert later.value.seconds == 30


@pytest.mark.parametrize(("status", "kind", "body"), BODIES)
async def test_other_answers_are_tried_later(
    there: There, status: int, kind: str, body: bytes
) -> None:
    reference = await there.platform.post(there.target, saying("a"), KEY)
    trouble = Trouble(Way.BODY, status, body=body, kind=kind)
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "chat.postMessage": lambda: there.platform.post(there.target, saying("b"), KEY),
        "chat.update": lambda: there.platform.edit(reference, saying("b")),
        "conversations.history": lambda: there.platform.find(there.target, KEY, utc_now()),
        "conversations.info": lambda: there.again().can_post(there.target),
        "auth.test": lambda: there.again().can_post(there.target),
    }
    for method, ask in asked.items():
        there.slack.troubles.plan(method, trouble)
        with pytest.raises(TryLater) as later:
            await ask()
        # It is not said that nothing was done.
        assert later.value.seconds is None


@pytest.mark.parametrize("way", [Way.RESET, Way.STATUS, Way.LOST])
async def test_a_request_is_made_once(there: There, way: Way) -> None:
    await there.platform.can_post(there.target)
    there.slack.troubles.plan("chat.postMessage", Trouble(way), 3)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            await there.platform.post(there.target, saying("a"), KEY)
        assert later.value.seconds is None
    assert time.monotonic() - began < 2
    assert there.asked("chat.postMessage") == 3


@pytest.mark.parametrize(
    "name", ["", "x", "T1", "T1/C1/2", "T1/C1/1.1/2.2/3.3", "t1/c1", "T1/C1\n"]
)
async def test_what_is_no_name_is_gone(there: There, name: str) -> None:
    for request in (
        there.platform.post(name, saying("a"), KEY),
        there.platform.find(name, KEY, utc_now()),
        there.platform.can_post(name),
        there.platform.open_dm(name),
        there.platform.edit(name, saying("a")),
    ):
        with pytest.raises(DeliveryError):
            await request
    assert there.asked("chat.postMessage") == 0
