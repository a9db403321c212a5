"""Answers that are slow, late, wrong or pressed by whoever may not; and what is only data."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest

from adapters.discord.commands import are_same, called, registered
from adapters.discord.grants import Grant, GrantKind, granted, grants_of
from adapters.discord.keys import carried, carries, ids_of, with_ids
from adapters.discord.validate import message_findings
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.chat.views.delivered import note
from bot.errors import UserError
from bot.intent import Help, Intent
from bot.outbox import delivery_key
from bot.view import Action, Button, Effect
from tests.discord.scene import Scene
from tests.discord.server import Trouble, Way
from tests.discord.server.interactions import DEFER, DEFER_UPDATE
from tests.discord.stage import read

HELP = Action(Help())


class SlowChat(Chat):
    """Says the same to everything, once it may."""

    def __init__(self, scene: Chat) -> None:
        self._inner = scene
        self.may = asyncio.Event()
        self.failing: Exception | None = None

    async def _said(self, effect: Effect) -> Reply:
        await self.may.wait()
        if self.failing is not None:
            raise self.failing
        return Reply(note("十分に考えました。", Button("もう一度", HELP)), effect)

    async def asked(self, intent: Intent | None, context: Context) -> Reply:
        return await self._said(Effect.OPEN)

    async def typed(self, text: str, context: Context) -> Reply:
        return await self._said(Effect.OPEN)

    async def pressed(self, code: str, context: Context) -> Reply:
        return await self._said(Effect.REPLACE if context.may_replace else Effect.OPEN)

    async def codes_of(self, actions: Iterable[Action]) -> Mapping[Action, str]:
        return await self._inner.codes_of(actions)


@pytest.fixture
async def slow(scene: Scene) -> SlowChat:
    """The scene's bot, which thinks for longer than people wait."""
    chat = SlowChat(scene.bot.chat)
    events = scene.connected.client._events
    assert events is not None
    object.__setattr__(events.answering, "chat", chat)
    object.__setattr__(events.answering, "patience", 0.01)
    return chat


async def promised(scene: Scene) -> None:
    """Wait until an answer has been promised, and has not come."""
    made = scene.discord.interactions

    def is_promised() -> bool:
        return any(
            each.answer in (DEFER, DEFER_UPDATE) and not each.edits for each in made.values()
        )

    assert await scene.discord.changes.until(is_promised, 10)


async def test_a_slow_answer_is_promised_first(scene: Scene, slow: SlowChat) -> None:
    ann = scene.play(scene.ann)
    asking = asyncio.create_task(ann.types("/matome", query="gpu"))
    await promised(scene)
    slow.may.set()
    seen = await asking
    assert seen.private
    assert "十分に考えました" in seen.text
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度"))
    await promised(scene)
    slow.may.set()
    again = await pressing
    assert again.edited


async def test_an_error_never_takes_the_place_of_what_was_pressed(
    scene: Scene, slow: SlowChat
) -> None:
    ann = scene.play(scene.ann)
    slow.may.set()
    seen = await ann.types("/matome", query="gpu")
    slow.failing = UserError("chat.no_more")
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度"))
    await promised(scene)
    slow.may.set()
    told = await pressing
    assert told.shown is not seen.shown
    assert told.private
    assert "十分に考えました" in seen.text


async def test_where_what_was_pressed_is_deleted_the_answer_comes_beside_it(
    scene: Scene, slow: SlowChat
) -> None:
    ann = scene.direct(scene.ann)
    slow.may.set()
    seen = await ann.says("gpu")
    slow.may.clear()
    pressing = asyncio.create_task(ann.clicks(seen, "もう一度"))
    await promised(scene)
    scene.discord.remove(seen.shown)
    await pressing
    slow.may.set()
    made = scene.discord.interactions
    assert await scene.discord.changes.until(
        lambda: any(each.follow_ups for each in made.values()), 10
    )


async def test_an_answer_after_the_token_is_over_harms_nothing(
    scene: Scene, slow: SlowChat
) -> None:
    ann = scene.play(scene.ann)
    asking = asyncio.create_task(ann.types("/matome", query="gpu"))
    await promised(scene)
    scene.discord.clock.advance(timedelta(minutes=16))
    refused = len(scene.discord.refusals)
    slow.may.set()
    assert await scene.discord.changes.until(lambda: len(scene.discord.refusals) > refused, 10)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    seen = await ann.types("/matome", query="gpu")
    assert "十分に考えました" in seen.text


async def test_a_failure_nobody_thought_of_is_told_with_its_number(
    scene: Scene, slow: SlowChat
) -> None:
    slow.failing = RuntimeError("odd")
    slow.may.set()
    seen = await scene.play(scene.ann).types("/matome", query="gpu")
    assert seen.private
    assert "odd" not in read(seen.text)


async def test_a_message_is_answered_once_although_discord_stumbles(scene: Scene) -> None:
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    ann = scene.direct(scene.ann)
    object.__setattr__(scene.connected.client._events, "sleep", sleep)
    for way in (Way.STATUS, Way.LOST):
        scene.discord.troubles.plan("POST", ".*/messages", Trouble(way))
    seen = await ann.says("gpu")
    assert "GPU" in read(seen.text)
    entries = scene.discord.journal.entries
    assert await scene.discord.changes.until(lambda: any(one.repeated for one in entries), 10)
    assert len([each for each in ann.place.messages.values() if each.author.bot]) == 1
    assert waited == [0.5, 2.0]


async def test_who_writes_sees_that_an_answer_is_being_written(
    scene: Scene, slow: SlowChat
) -> None:
    ann = scene.direct(scene.ann)
    saying = asyncio.create_task(ann.says("gpu"))

    def is_typing() -> bool:
        return any("typing" in route for _, route in scene.discord.requests)

    assert await scene.discord.changes.until(is_typing, 10)
    slow.may.set()
    assert "十分に考えました" in (await saying).text


async def test_a_digest_of_all_options_is_set_up(scene: Scene) -> None:
    there = scene.discord.add_channel(scene.guild, "there")
    seen = await scene.play(scene.boss).types(
        "/digest add",
        time="9時半",
        posts=3,
        weekdays="平日",
        zone="Asia/Tokyo",
        language="en",
        quiet="skip",
        channel=there,
    )
    assert "9:30" in read(seen.text) or "09:30" in read(seen.text)
    offered = await scene.play(scene.boss).at(there).completes("/digest status", "digest", "")
    assert len(offered) == 1
    listed = await scene.play(scene.boss).at(there).types("/digest list")
    assert "9:30" in read(listed.text)


def test_a_message_carries_its_key_however_few_components_it_has() -> None:
    key = delivery_key("a")
    text = {"type": 10, "content": "x"}
    button = {"type": 2, "custom_id": "c", "style": 1, "label": "x"}
    for components in (
        [text],
        [text, text],
        [{"type": 17, "components": [text, {"type": 1, "components": [button]}]}],
        [{"type": 9, "components": [text], "accessory": button}],
    ):
        sent = with_ids(components, ids_of(key))
        assert carries(sent, key)
        assert not carries(sent, delivery_key("b"))
        assert not carries(components, key)
        assert carried(with_ids(components, carried(sent))) == carried(sent)
        # 40 bits and more, so that no other message is taken for it.
        assert len(carried(sent)) >= 2
        message = {"flags": 1 << 15, "components": sent, "allowed_mentions": {"parse": []}}
        assert message_findings(message) == []
    assert not carries([{"type": 10, "id": 1}, {"type": 10, "id": 2}], key)
    # Half a key is none.
    assert not carries([{"type": 10, "id": ids_of(key)[0]}], key)
    assert len(set(ids_of(key))) == 4
    assert all(2**30 <= each < 2**31 for each in ids_of(key))


def test_commands_are_compared_by_what_matters() -> None:
    ours = registered()
    theirs = [
        {**each, "id": "1", "version": "2", "nsfw": False, "dm_permission": None}
        for each in reversed(ours)
    ]
    assert are_same(ours, theirs)
    theirs[0]["description"] = "another"
    assert not are_same(ours, theirs)
    assert not are_same(ours, theirs[1:])


def test_what_was_called_has_our_own_names() -> None:
    add = {
        "name": "digest",
        "options": [
            {
                "name": "add",
                "type": 1,
                "options": [
                    {"name": "quiet", "type": 3, "value": "skip"},
                    {"name": "posts", "type": 4, "value": 3},
                    {"name": "role", "type": 8, "value": "7"},
                    {"name": "tags", "type": 3, "value": "gp", "focused": True},
                ],
            }
        ],
    }
    found = called(add, 1)
    assert found.path == ("digest", "add")
    assert dict(found.values) == {"quiet_day": "skip", "posts": "3", "role": "7", "tags": "gp"}
    assert found.focused == ("tags", "gp")
    # The role of all is named like the server, and stands for none.
    assert called(add, 7).values["role"] == "-"
    assert called({"name": "gone"}, 1).command is None


GUILD, CHANNEL, ANN, STAFF, FANS = 100, 200, 300, 400, 500


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([], None),
        ([(GUILD, GrantKind.ROLE, True)], True),
        ([(GUILD, GrantKind.ROLE, False)], False),
        ([(GUILD, GrantKind.ROLE, False), (STAFF, GrantKind.ROLE, True)], True),
        ([(STAFF, GrantKind.ROLE, False)], False),
        ([(STAFF, GrantKind.ROLE, False), (FANS, GrantKind.ROLE, True)], True),
        ([(STAFF, GrantKind.ROLE, True), (ANN, GrantKind.USER, False)], False),
        ([(ANN, GrantKind.USER, True), (CHANNEL, GrantKind.CHANNEL, False)], False),
        ([(GUILD - 1, GrantKind.CHANNEL, False)], False),
        ([(GUILD - 1, GrantKind.CHANNEL, False), (CHANNEL, GrantKind.CHANNEL, True)], None),
        ([(999, GrantKind.ROLE, True)], None),
    ],
)
def test_whom_the_owner_gave_a_command_may_use_it(
    grants: list[tuple[int, GrantKind, bool]], expected: bool | None
) -> None:
    made = [Grant(*each) for each in grants]
    assert granted(made, GUILD, CHANNEL, ANN, [GUILD, STAFF, FANS]) is expected


def test_a_commands_own_grants_stand_before_the_applications() -> None:
    own = {"id": "1", "permissions": [{"id": "5", "type": 1, "permission": True}]}
    whole = {"id": "9", "permissions": [{"id": "6", "type": 2, "permission": False}]}
    assert grants_of([own, whole], 1, 9) == [Grant(5, GrantKind.ROLE, True)]
    assert grants_of([whole], 1, 9) == [Grant(6, GrantKind.USER, False)]
    assert not grants_of([], 1, 9)
