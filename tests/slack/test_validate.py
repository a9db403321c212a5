"""One request for every limit: kept it is taken, broken it is found."""

from typing import Any

import pytest

from adapters.slack.guard import slack_guard
from adapters.slack.validate import message_findings, option_findings, view_findings
from bot.chat.finding import Finding
from bot.chat.guard import BrokenLimitError
from tests.guarded import BrokenLimits, broken_by
from tests.logged import events

Json = dict[str, Any]


def plain(text: str = "あ", **others: object) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False, **others}


def marked(text: str = "あ", **others: object) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True, **others}


def section(text: Json | None = None, **others: object) -> Json:
    return {"type": "section", "text": text or marked(), **others}


def button(number: int = 0, label: str = "開く", **others: object) -> Json:
    return {"type": "button", "text": plain(label), "action_id": f"b{number}", **others}


def actions(*elements: Json, **others: object) -> Json:
    return {"type": "actions", "elements": [*elements], **others}


def option(label: str = "x", value: str = "v", **others: object) -> Json:
    return {"text": plain(label), "value": value, **others}


def select(*options: Json, **others: object) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [*options], **others}


def overflow(*options: Json) -> Json:
    return {"type": "overflow", "action_id": "o", "options": [*options]}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": [*elements]}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text)}


def words(text: str = "あ") -> Json:
    return {"type": "text", "text": text}


def rich(*parts: Json, kind: str = "section") -> Json:
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": [*parts]}]}


def link(url: str) -> Json:
    return {"type": "link", "url": url, "text": "x"}


def image(**others: object) -> Json:
    return {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "x", **others}


def message(*blocks: Json, **others: object) -> Json:
    return {"text": "概要", "blocks": [*blocks], **others}


GROUP: Json = {"type": "usergroup", "usergroup_id": "S1"}
GOOD = [
    {"text": "あ"},
    message(*[section()] * 50),
    message(section(marked("x" * 3000)), section(fields=[marked("x" * 2000)] * 3)),
    message(*[section(marked("x" * 3000))] * 3, header("x" * 150), section(marked("x" * 350))),
    message(context(*[plain()] * 10), actions(*(button(n) for n in range(25)))),
    message(actions(button(label="x" * 75, value="x" * 2000, action_id="x" * 255))),
    message(actions(button(), block_id="1"), actions(button(), block_id="x" * 255)),
    message(section(accessory=button(url="https://a.example/" + "x" * 2982))),
    message(actions(select(*[option("x" * 75, "v" * 150)] * 100, placeholder=plain("x" * 150)))),
    message(actions(select(option(description=plain("x" * 75))), overflow(*[option()] * 5))),
    message(rich(words("*x* <!channel> :smile: \n"), link("https://a.example"))),
    message(rich({"type": "date", "timestamp": 0, "format": "{time}"}), {"type": "divider"}),
    message(rich(GROUP), text="<!subteam^S1> 概要"),
    message(section(marked("<https://a.example?a&amp;b|題|名> &lt; <!date^1^{time}|x>"))),
    message(section(accessory=image()), image(title=plain("x" * 2000))),
    message({"type": "markdown", "text": "x" * 9000}, metadata={"event_payload": "x" * 15_000}),
]

BAD: list[tuple[str, Json]] = [
    ("text of a message", {"blocks": [section()]}),
    ("text of a message", message(section(), text="")),
    ("text of a message", message(section(), text="x" * 4001)),
    ("a command in a text", message(section(), text="<!channel>")),
    ("signs that are not escaped", message(section(), text="a & b")),
    ("signs that are not escaped", message(section(), text="&lt;!here>")),
    ("mentions by their text", message(section(), link_names=True)),
    ("mentions by their text", message(section(), parse="full")),
    ("mentions by their text", message(section(), attachments=[{}])),
    ("blocks", message()),
    ("blocks", message(*[section()] * 51)),
    ("characters of all blocks", message(*[section(marked("x" * 3000))] * 3, header("x" * 150),
                                         section(marked("x" * 351)))),
    ("characters of all blocks", message(rich(words("&" * 1901)))),
    ("characters of all blocks", message(rich(link("https://" + "x" * 2900)),
                                         *[section(marked("x" * 3000))] * 2, header("x" * 150),
                                         section(marked("x" * 450)))),
    ("kind of a block", message({"type": "call"})),
    ("block_id", message(section(block_id="x" * 256))),
    ("the same twice", message(section(block_id="a"), section(block_id="a"))),
    ("the same twice", message(actions(button(1), button(1)))),
    ("characters of a text", message(section(marked("x" * 3001)))),
    ("characters of a text", message(section(marked(" ")))),
    ("characters of a text", message(section(marked("𠮷" * 1501)))),
    ("plain text", message({"type": "section"})),
    ("fields", message(section(fields=[marked()] * 11))),
    ("characters of a text", message(section(fields=[marked("x" * 2001)]))),
    ("what may stand here", message(section(accessory=words()))),
    ("characters of a text", message(header("x" * 151))),
    ("characters of a text", message(header(""))),
    ("plain text", message({"type": "header", "text": marked()})),
    ("elements of a context", message(context())),
    ("elements of a context", message(context(*[plain()] * 11))),
    ("elements of a row", message(actions())),
    ("elements of a row", message(actions(*(button(n) for n in range(26))))),
    ("characters of a text", message(actions(button(label="x" * 76)))),
    ("value of a button", message(actions(button(value="x" * 2001)))),
    ("address of a button", message(actions(button(url="https://" + "x" * 2993)))),
    ("address of a button", message(actions(button(url="javascript:alert(1)")))),
    ("style of a button", message(actions(button(style="green")))),
    ("action_id", message(actions(button(action_id="x" * 256)))),
    ("options", message(actions(select()))),
    ("options", message(actions(select(*[option()] * 101)))),
    ("options", message(actions(overflow(*[option()] * 6)))),
    ("options", message(actions({"type": "checkboxes", "options": [option()] * 11}))),
    ("options or groups of them", message(actions(select(option(), option_groups=[])))),
    ("groups of options", message(actions({"type": "static_select", "option_groups": []}))),
    ("characters of a text", message(actions(select(option("x" * 76))))),
    ("value of an option", message(actions(select(option(value="x" * 151))))),
    ("value of an option", message(actions(select(option(value=""))))),
    ("characters of a text", message(actions(select(option(description=plain("x" * 76)))))),
    ("characters of a text", message(actions(select(option(), placeholder=plain("x" * 151))))),
    ("emoji made of words", message(header(":smile:") | {"text": plain(":smile:", emoji=True)})),
    ("links and mentions made of words", message(section(marked(verbatim=False)))),
    ("a command in a text", message(section(marked("<@U1>")))),
    ("a command in a text", message(section(marked("<#C1|x>")))),
    ("a command in a text", message(section(marked("<javascript:alert(1)|x>")))),
    ("signs that are not escaped", message(section(marked("a < b")))),
    ("half of a surrogate pair", message(section(marked("\ud800")))),
    ("half of a surrogate pair", message(rich(words("\ud800")))),
    ("elements of a rich text", message({"type": "rich_text", "elements": []})),
    ("what may stand here", message(rich(words(), kind="table"))),
    ("what may stand here", message(rich({"type": "table"}))),
    ("characters of a text", message(rich(words("")))),
    ("a mention", message(rich({"type": "broadcast", "range": "channel"}))),
    ("a mention", message(rich({"type": "user", "user_id": "U1"}))),
    ("address of a link", message(rich(link("https://" + "x" * 2993)))),
    ("address of a link", message(rich(link("javascript:alert(1)")))),
    ("a point in time", message(rich({"type": "date", "timestamp": "1", "format": "{time}"}))),
    ("groups", message(rich(GROUP), rich(GROUP | {"usergroup_id": "S2"}))),
    ("groups", message(rich(GROUP), text="<!subteam^S2>")),
    ("words for a picture", message(image(alt_text=""))),
    ("words for a picture", message(image(alt_text="x" * 2001))),
    ("address of a picture", message(image(image_url="https://" + "x" * 2993))),
    ("characters of markdown", message({"type": "markdown", "text": "x" * 12_001})),
    ("bytes of metadata", message(section(), metadata={"event_payload": "x" * 16_000})),
]  # fmt: skip


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_a_request_within_the_limits_has_nothing_wrong(request_: Json) -> None:
    assert message_findings(request_) == []


@pytest.mark.parametrize(("limit", "request_"), BAD, ids=[limit for limit, _ in BAD])
def test_a_broken_limit_is_found(limit: str, request_: Json) -> None:
    assert limit in [finding.limit for finding in message_findings(request_)]


def test_a_finding_says_where_it_is() -> None:
    within = message(section(), actions(button(), button(1, "x" * 76)))
    assert message_findings(within) == [
        Finding("blocks[1].elements[1]", "characters of a text", 76)
    ]
    beside = message(section(accessory=button(label="x" * 76)))
    assert [finding.where for finding in message_findings(beside)] == ["blocks[0].accessory"]


ASKED: Json = {"type": "plain_text_input", "action_id": "a"}


def asking(**others: object) -> Json:
    return {"type": "input", "label": plain(), "element": ASKED, **others}


def modal(*blocks: Json, **others: object) -> Json:
    return {"type": "modal", "title": plain(), "blocks": [*blocks], **others}


@pytest.mark.parametrize(
    ("view", "limits"),
    [
        (modal(*[section()] * 100, title=plain("x" * 24), close=plain("x" * 24)), []),
        (modal(asking(label=plain("x" * 2000)), submit=plain("x" * 24)), []),
        (modal(section(), private_metadata="x" * 3000, callback_id="x" * 255), []),
        ({"type": "home", "blocks": [section()] * 100}, []),
        ({"type": "page", "blocks": [section()]}, ["kind of a view"]),
        (modal(*[section()] * 101), ["blocks"]),
        ({"type": "home", "blocks": [section()] * 101}, ["blocks"]),
        (modal(section(), title=plain("x" * 25)), ["characters of a text"]),
        ({"type": "modal", "blocks": [section()]}, ["plain text"]),
        (modal(section(), submit=plain("x" * 25)), ["characters of a text"]),
        (modal(section(), close=plain("x" * 25)), ["characters of a text"]),
        (modal(asking()), ["something to submit by"]),
        (modal(asking(label=plain("x" * 2001)), submit=plain()), ["characters of a text"]),
        (modal(asking(hint=plain("x" * 2001)), submit=plain()), ["characters of a text"]),
        (modal(asking(element=button()), submit=plain()), ["what may stand here"]),
        (modal(section(), private_metadata="x" * 3001), ["private_metadata"]),
        (modal(section(), callback_id="x" * 256), ["id"]),
        (modal(section(), external_id="x" * 256), ["id"]),
        (modal(*[section(marked("あ" * 3000))] * 28), ["bytes of a view"]),
    ],
)
def test_views(view: Json, limits: list[str]) -> None:
    assert [finding.limit for finding in view_findings(view)] == limits


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ([option("x" * 75, "v" * 150)] * 100, []),
        ([option()] * 101, ["options"]),
        ([option("x" * 76)], ["characters of a text"]),
        ([option(value="v" * 151)], ["value of an option"]),
    ],
)
def test_what_completes_a_select(options: list[Json], limits: list[str]) -> None:
    assert [finding.limit for finding in option_findings(options)] == limits


def test_a_guard_counts_what_is_broken(caplog: pytest.LogCaptureFixture) -> None:
    guard, strict = slack_guard(meter=BrokenLimits()), slack_guard(strict=True)
    bad = message(header("x" * 151))
    guard.note(message(section()))
    assert not broken_by(guard)
    guard.note(bad)
    assert broken_by(guard) == {"characters of a text": 1}
    (event,) = events(caplog)
    assert event["event"] == "a message breaks limits"
    assert event["platform"] == "Slack"
    for refuse in (guard.check, strict.check, strict.note):
        with pytest.raises(BrokenLimitError, match="characters of a text"):
            refuse(bad)
