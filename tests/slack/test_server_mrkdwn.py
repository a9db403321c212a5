"""Whom a message calls, what is not escaped in it, and what it looks like."""

from typing import Any

import pytest

from tests.slack.bodies import actions, button, context, fields, header, markdown, rich, section
from tests.slack.conftest import Town
from tests.slack.server.mrkdwn import Mentions, shown, unescaped


def mentions(**said: set[str]) -> Mentions:
    return Mentions(**{name: frozenset(ids) for name, ids in said.items()})


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ({"text": "<!channel>"}, mentions(broadcasts={"channel"})),
        ({"text": "<!here|here> <!everyone>"}, mentions(broadcasts={"here", "everyone"})),
        ({"text": "<@U1> <@U2|two>"}, mentions(users={"U1", "U2"})),
        ({"text": "<#C1|general>"}, mentions(channels={"C1"})),
        ({"text": "<!subteam^S1|@team>"}, mentions(groups={"S1"})),
        ({"text": "&lt;!channel&gt; @channel <!date^1^{date}|then>"}, mentions()),
        ({"text": "@channel", "link_names": True}, mentions(broadcasts={"channel"})),
        ({"text": "@here", "parse": "full"}, mentions(broadcasts={"here"})),
        ({"text": "x", "blocks": [section("<@U1>")]}, mentions(users={"U1"})),
        ({"text": "x", "blocks": [fields("a", "<@U1>")]}, mentions(users={"U1"})),
        ({"text": "x", "blocks": [markdown("<@U1>")]}, mentions(users={"U1"})),
        ({"text": "x", "blocks": [header("<@U1>")]}, mentions()),
        (
            {"text": "x", "blocks": [context({"type": "mrkdwn", "text": "<!here>"})]},
            mentions(broadcasts={"here"}),
        ),
        ({"text": "x", "blocks": [rich({"type": "text", "text": "<@U1>"})]}, mentions()),
        (
            {"text": "x", "blocks": [rich({"type": "user", "user_id": "U1"})]},
            mentions(users={"U1"}),
        ),
        (
            {"text": "x", "blocks": [rich({"type": "broadcast", "range": "channel"})]},
            mentions(broadcasts={"channel"}),
        ),
        ({"text": "x", "attachments": [{"text": "<@U1>"}]}, mentions(users={"U1"})),
    ],
)
async def test_a_message_knows_whom_it_calls(town: Town, body: Any, called: Mentions) -> None:
    said = await town.client.chat_postMessage(channel=town.general.id, **body)
    message = town.general.messages[said["ts"]]
    assert message.mentions == called
    assert bool(message.mentions) == (called != Mentions())


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a &amp; b &lt;c&gt; <https://example.com|a> <@U1>", 0),
        ("> quoted\n>>> more", 0),
        ("<!date^1^{date}|then> <!subteam^S1>", 0),
        ("a & b", 1),
        ("a < b > c", 2),
        ("<script>", 2),
        ("&copy;", 1),
        ("<!date^1^{date_short} {time}^https://example.com|then>", 0),
        ("<!date^1^{date}>", 2),
        ("<!date^soon^{date}|then>", 2),
        ("<!unknown>", 2),
    ],
)
def test_what_is_not_escaped(text: str, places: int) -> None:
    assert len(unescaped(text)) == places


async def test_what_is_not_escaped_is_noted(town: Town) -> None:
    blocks = [section("a < b"), header("a < b"), markdown("a < b > c & d")]
    await town.client.chat_postMessage(channel=town.general.id, text="a & b", blocks=blocks)
    assert town.slack.findings == ["post: not escaped: 'a & b'", "post: not escaped: 'a < b'"]


def test_what_mrkdwn_looks_like() -> None:
    text = "<https://example.com|A &amp; B> <https://example.com> <@U1> &lt;x&gt; <!here>"
    assert shown(text) == "A & B https://example.com @U1 <x> @here"


async def test_what_a_message_looks_like(town: Town) -> None:
    blocks = [
        header("*Title*"),
        {"type": "divider"},
        section("<https://example.com|Link> &amp; more", accessory=button("Open")),
        rich({"type": "text", "text": "<b>"}, {"type": "emoji", "name": "tada"}),
        actions(button("More", "more")),
    ]
    await town.client.chat_postMessage(channel=town.general.id, text="x", blocks=blocks)
    seen = await town.slack.player(town.ann, town.general).sees("*Title*")
    assert seen.text == "*Title*\n---\nLink & more\nOpen\n<b>:tada:\nMore"
    assert seen.labels == ["Open", "More"]
