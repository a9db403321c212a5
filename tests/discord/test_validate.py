"""One request for every limit: kept it is taken, broken it is found."""

from typing import Any

import pytest

from adapters.discord.validate import choice_findings, message_findings, thread_findings
from bot.chat.finding import Finding

Json = dict[str, Any]
NOBODY: Json = {"parse": []}
TEXT: Json = {"type": 10, "content": "あ"}


def message(*components: Json, **others: object) -> Json:
    return {"flags": 1 << 15, "components": [*components], "allowed_mentions": NOBODY, **others}


def classic(**others: object) -> Json:
    return {"content": "あ", "allowed_mentions": NOBODY, **others}


def button(number: int = 0, **others: object) -> Json:
    return {"type": 2, "style": 2, "label": "開く", "custom_id": f"b{number}", **others}


def link(url: str = "https://a.example", **others: object) -> Json:
    return {"type": 2, "style": 5, "label": "原文", "url": url, **others}


def row(*inner: Json) -> Json:
    return {"type": 1, "components": [*inner]}


def option(number: int = 0, **others: object) -> Json:
    return {"label": "選択肢", "value": f"v{number}", **others}


def select(*options: Json, **others: object) -> Json:
    return {"type": 3, "custom_id": "s", "options": [*options], **others}


def section(*texts: Json, accessory: Json | None = None) -> Json:
    beside = button() if accessory is None else accessory
    return {"type": 9, "components": [*texts], "accessory": beside}


def container(*inner: Json, **others: object) -> Json:
    return {"type": 17, "components": [*inner], "accent_color": 1, **others}


def picture(**others: object) -> Json:
    return {"media": {"url": "https://a.example/a.png"}, **others}


def rows(count: int) -> list[Json]:
    return [row(*(button(5 * at + n) for n in range(5))) for at in range(count)]


FILE: Json = {"type": 11, "media": {"url": "attachment://a.png"}}

GOOD = [
    message(TEXT),
    message({"type": 10, "content": "x" * 4000}),
    message({"type": 10, "content": "あ" * 3386}),
    message(*[TEXT] * 40),
    message(*rows(6), *[TEXT] * 4),
    message(row(button(label="x" * 80, custom_id="x" * 100), link("https://" + "x" * 504))),
    message(row(select(*(option(n) for n in range(25)), placeholder="x" * 150))),
    message(row(select(option(label="x" * 100, value="x" * 100, description="x" * 100)))),
    message(section(TEXT, TEXT, TEXT), container(section(TEXT, accessory=link()))),
    message({"type": 12, "items": [picture(description="x" * 1024)] * 10}, {"type": 14}),
    message(section(TEXT, accessory=FILE), attachments=[{"id": 0, "filename": "a.png"}]),
    message(TEXT, nonce="x" * 25, allowed_mentions={"parse": [], "roles": [1]}),
    message(TEXT | {"id": 2**31 - 1}, TEXT | {"id": 1}, TEXT | {"id": 0}, TEXT | {"id": 0}),
    classic(content="x" * 2000, embeds=[{"description": "x" * 4096, "fields": []}]),
]

BAD: list[tuple[str, Json]] = [
    ("components", message()),
    ("components", message(*[TEXT] * 41)),
    ("components", message(*rows(6), *[TEXT] * 5)),
    ("characters", message({"type": 10, "content": "x" * 3999}, {"type": 10, "content": "𠮷"})),
    ("bytes of all texts", message({"type": 10, "content": "あ" * 3387})),
    ("characters of a text", message({"type": 10, "content": " \n"})),
    ("half of a surrogate pair", message({"type": 10, "content": "\ud800"})),
    ("kind at the top", message(button())),
    ("kind of a component", message(TEXT, {"type": 99})),
    ("what a row holds", message(row())),
    ("what a row holds", message(row(select(option()), button()))),
    ("buttons of a row", message(row(*(button(n) for n in range(6))))),
    ("label of a button", message(row(button(label="x" * 81)))),
    ("label of a button", message(row(button(label="")))),
    ("style of a button", message(row(button(style=9)))),
    ("custom_id", message(row(button(custom_id="x" * 101)))),
    ("custom_id", message(row({"type": 2, "style": 1, "label": "x"}))),
    ("the same twice", message(row(button(1), button(1)))),
    ("the same twice", message(TEXT | {"id": 5}, TEXT | {"id": 5})),
    ("the same twice", message(row(select(option(1), option(1))))),
    ("id of a component", message(TEXT | {"id": 2**31})),
    ("address of a button", message(row(link("https://" + "x" * 505)))),
    ("address of a button", message(row(link("javascript:alert(1)")))),
    ("a code or an address", message(row(link(custom_id="x")))),
    ("a code or an address", message(row(button(url="https://a.example")))),
    ("options of a select", message(row(select()))),
    ("options of a select", message(row(select(*(option(n) for n in range(26)))))),
    ("placeholder", message(row(select(option(), placeholder="x" * 151)))),
    ("label of an option", message(row(select(option(label="x" * 101))))),
    ("label of an option", message(row(select(option(label=""))))),
    ("value of an option", message(row(select(option(value="x" * 101))))),
    ("description of an option", message(row(select(option(description="x" * 101))))),
    ("how many are chosen", message(row(select(option(), max_values=2)))),
    ("texts of a section", message(section())),
    ("texts of a section", message(section(*[TEXT] * 4))),
    ("what stands beside a section", message(section(TEXT, accessory=TEXT))),
    ("picture", message(section(TEXT, accessory={"type": 11, "media": {}}))),
    ("picture that is not attached", message(section(TEXT, accessory=FILE))),
    (
        "picture that is not attached",
        message({"type": 12, "items": [FILE]}, attachments=[{"id": 0, "filename": "b.png"}]),
    ),
    ("pictures", message({"type": 12, "items": []})),
    ("pictures", message({"type": 12, "items": [picture()] * 11})),
    ("description of a picture", message({"type": 12, "items": [picture(description="x" * 1025)]})),
    ("spacing", message({"type": 14, "spacing": 3})),
    ("what a container holds", message(container())),
    ("what a container holds", message(container(container(TEXT)))),
    ("colour", message(container(TEXT, accent_color=0x1000000))),
    ("nonce", message(TEXT, nonce="x" * 26)),
    ("not beside components", message(TEXT, content="あ")),
    ("not beside components", message(TEXT, embeds=[{}])),
    ("mentions by their text", message(TEXT, allowed_mentions={"parse": ["everyone"]})),
    ("mentions by their text", {"flags": 1 << 15, "components": [TEXT]}),
    ("mentions of persons", message(TEXT, allowed_mentions={"parse": [], "users": [1]})),
    ("roles", message(TEXT, allowed_mentions={"parse": [], "roles": [1, 2]})),
    ("characters of a message", classic(content="x" * 2001)),
    ("embeds", classic(embeds=[{}] * 11)),
    ("description of an embed", classic(embeds=[{"description": "x" * 4097}])),
    ("fields of an embed", classic(embeds=[{"fields": [{"name": "a", "value": "b"}] * 26}])),
    ("characters of all embeds", classic(embeds=[{"description": "x" * 3001}] * 2)),
    ("components without their flag", classic(components=[TEXT])),
]


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_a_request_within_the_limits_has_nothing_wrong(request_: Json) -> None:
    assert message_findings(request_) == []


@pytest.mark.parametrize(("limit", "request_"), BAD, ids=[limit for limit, _ in BAD])
def test_a_broken_limit_is_found(limit: str, request_: Json) -> None:
    assert limit in [finding.limit for finding in message_findings(request_)]


def test_a_finding_says_where_it_is() -> None:
    inside = message(TEXT, container(row(button(label="x" * 81))))
    assert message_findings(inside) == [
        Finding("components[1].components[0].components[0]", "label of a button", 81)
    ]
    beside = message(section(TEXT, accessory=button(label="x" * 81)))
    assert [finding.where for finding in message_findings(beside)] == ["components[0].accessory"]


@pytest.mark.parametrize(
    ("thread", "limits"),
    [
        ({"name": "x" * 100, "auto_archive_duration": 1440}, []),
        ({"name": "x" * 101}, ["name of a thread"]),
        ({"name": ""}, ["name of a thread"]),
        ({"name": "x", "auto_archive_duration": 61}, ["archived after"]),
        ({"name": "x", "message": message(TEXT)}, []),
        ({"name": "x", "message": message()}, ["components"]),
    ],
)
def test_what_opens_a_thread(thread: Json, limits: list[str]) -> None:
    assert [finding.limit for finding in thread_findings(thread)] == limits


@pytest.mark.parametrize(
    ("choices", "limits"),
    [
        ([{"name": "x" * 100, "value": "x" * 100}] * 25, []),
        ([{"name": "x", "value": 1}], []),
        ([{"name": "x", "value": "x"}] * 26, ["choices"]),
        ([{"name": "", "value": "x"}], ["name of a choice"]),
        ([{"name": "x" * 101, "value": "x"}], ["name of a choice"]),
        ([{"name": "x", "value": "x" * 101}], ["value of a choice"]),
    ],
)
def test_what_completes_an_option(choices: list[Json], limits: list[str]) -> None:
    assert [finding.limit for finding in choice_findings(choices)] == limits
