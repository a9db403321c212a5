"""Every way out is looked at before Discord is asked, and whatever is found is counted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord
import pytest

from adapters.discord.commands import registered
from adapters.discord.guard import discord_guard
from adapters.discord.offered import choices_of
from adapters.discord.validate import choice_findings, message_findings
from adapters.discord.validate_commands import command_findings
from bot.app import opened_bot
from bot.chat.chat import Chat, Reply
from bot.chat.context import Context
from bot.chat.guard import BrokenLimitError, FindingsOf, Guard
from bot.digest.offer import Offer
from bot.intent import Intent
from bot.outbox import delivery_key
from bot.settings import Settings
from bot.view import Action, Effect, Heading, Posting, Run, View
from storage.index.reader import IndexReader
from tests.discord.running import logged_in
from tests.discord.server import Discord, Kind, Player, opened_discord
from tests.discord.server.world import Channel
from tests.discord.test_server_commands import REFUSED
from tests.guarded import BrokenLimits, broken_by

TOO_LONG = View("x", (Heading((Run("x" * 5000),)),))


class Recording(Guard):
    """Counts by what it was asked to look."""

    def __init__(self) -> None:
        super().__init__("Discord", message_findings, strict=True, meter=BrokenLimits())
        self.looked: Counter[str] = Counter()

    def check(self, body: Any, findings: FindingsOf | None = None) -> None:
        self.looked[(findings or message_findings).__name__] += 1
        super().check(body, findings)


class OddChat(Chat):
    """Says more than a message holds, and offers more than a choice does."""

    def __init__(self, inner: Chat) -> None:
        self._inner = inner

    async def asked(self, intent: Intent | None, context: Context) -> Reply:
        return Reply(TOO_LONG, Effect.OPEN)

    async def typed(self, text: str, context: Context) -> Reply:
        return Reply(TOO_LONG, Effect.OPEN)

    async def complete_option(
        self, path: Sequence[str], option: str, typed: str, context: Context
    ) -> Sequence[Offer]:
        return OFFERS

    async def codes_of(self, actions: Iterable[Action]) -> Mapping[Action, str]:
        return await self._inner.codes_of(actions)


OFFERS = [
    Offer("one", "\N{GRINNING FACE}" * 80),
    Offer("two", " \n"),
    Offer("x" * 101, "too long"),
    Offer("", "nothing"),
    *(Offer(f"value {number}", f"a\nname {number}") for number in range(30)),
]


def people(server: Discord) -> tuple[Channel, Channel, Player]:
    guild = server.add_guild("readers")
    channel = server.add_channel(guild, "general")
    forum = server.add_channel(guild, "news", Kind.FORUM)
    ann = server.add_user("ann")
    server.join(guild, ann)
    return channel, forum, server.player(ann, channel)


async def test_every_way_out_is_looked_at(index: IndexReader, settings: Settings) -> None:
    guard = Recording()
    async with opened_discord() as server:
        channel, forum, ann = people(server)
        async with (
            logged_in(server, guard=guard) as connected,
            opened_bot(settings, index, [connected.platform]) as bot,
        ):
            await connected.listens(bot.chat)
            assert guard.looked == {"command_findings": 1}
            platform = connected.platform
            posting = Posting(View("a", (Heading((Run("a"),)),)), "ja", {})
            posted = await platform.post(str(channel.id), posting, delivery_key("a"))
            await platform.edit(posted, posting)
            assert guard.looked["message_findings"] == 2
            await platform.thread(posted, "a")
            await platform.post(str(forum.id), posting, delivery_key("b"))
            assert guard.looked["thread_findings"] == 2
            await ann.completes("/matome", "query", "gp")
            assert guard.looked["choice_findings"] == 1
            seen = await ann.types("/matome", query="gpu")
            await ann.clicks(seen, next(label for label in seen.labels if label))
            assert guard.looked["message_findings"] == 4
            # An answer to a message is looked at as it is drawn, and with its nonce.
            await ann.says("gpu", to_bot=True)
            await ann.dm.says("gpu")
            assert guard.looked["message_findings"] == 8
        writes = [route for _, route in server.requests if re.match("POST|PATCH|PUT", route)]
        assert sum(guard.looked.values()) >= len(writes)
        assert not broken_by(guard)


async def test_what_breaks_a_limit_is_counted_and_answered_all_the_same(
    index: IndexReader, settings: Settings
) -> None:
    guard = discord_guard(meter=BrokenLimits())
    async with opened_discord() as server:
        channel, _, ann = people(server)
        async with (
            logged_in(server, guard=guard) as connected,
            opened_bot(settings, index, [connected.platform]) as bot,
        ):
            await connected.listens(OddChat(bot.chat))
            seen = await ann.types("/matome", query="gpu")
            assert seen.private
            assert "x" * 100 not in seen.text
            assert broken_by(guard)["characters of a text"] == 1
            assert (await ann.dm.says("gpu")).text
            assert broken_by(guard)["characters of a text"] == 2
            with pytest.raises(discord.HTTPException, match="4000"):
                await connected.platform.post(
                    str(channel.id), Posting(TOO_LONG, "ja", {}), delivery_key("long")
                )
            assert broken_by(guard)["characters of a text"] == 3
            offered = await ann.completes("/matome", "query", "gp")
            assert offered[:3] == ["one", "two", "value 0"]
            assert len(offered) == 25
    with pytest.raises(BrokenLimitError):
        discord_guard(strict=True).note({"content": "x" * 2001, "allowed_mentions": {"parse": []}})


def test_offers_are_made_to_fit() -> None:
    choices = choices_of((offer.label, offer.value) for offer in OFFERS)
    assert choice_findings(choices) == []
    assert choices[0]["name"] == "\N{GRINNING FACE}" * 49 + "…"
    assert choices[1] == {"name": "two", "value": "two"}
    assert choices[2] == {"name": "a name 0", "value": "value 0"}


@pytest.mark.parametrize("name", REFUSED)
def test_commands_that_discord_refuses_are_found(name: str) -> None:
    commands, _, _ = REFUSED[name]
    assert command_findings(commands)


def test_our_commands_break_no_limit() -> None:
    assert command_findings(registered()) == []
    twice = {"name": "a", "description": "a", "type": 3}
    nested: dict[str, Any] = {"name": "d", "description": "d", "type": 1}
    for name in "cba":
        nested = {"name": name, "description": name, "type": 2, "options": [nested]}
    found = command_findings(
        [{"name": "top", "description": "top", "options": [twice, twice, nested]}]
    )
    assert [each.limit for each in found] == ["an option twice", *["depth of a command"] * 2]
