"""One dialog for every limit: kept it is taken, broken it is found."""

from typing import Any

import pytest

from adapters.discord.dialog_limits import dialog_findings

Json = dict[str, Any]


def field(number: int = 0, **others: object) -> Json:
    return {"type": 4, "custom_id": f"f{number}", "style": 1, **others}


def menu(**others: object) -> Json:
    options = [{"label": "3件", "value": "3"}, {"label": "5件", "value": "5", "default": True}]
    return {"type": 3, "custom_id": "m", "options": options, **others}


def roles(*chosen: str, **others: object) -> Json:
    values = [{"id": each, "type": "role"} for each in chosen]
    return {"type": 6, "custom_id": "r", "default_values": values, **others}


def label(component: Json | None = None, **others: object) -> Json:
    return {"type": 18, "label": "時刻", "component": component or field(), **others}


def dialog(*labels: Json, **others: object) -> Json:
    return {"title": "配信", "custom_id": "1fda~AAAAAA", "components": [*labels], **others}


@pytest.mark.parametrize(
    "taken",
    [
        dialog(label()),
        dialog(label(), title="あ" * 45, custom_id="x" * 100),
        dialog(*(label(field(number)) for number in range(5))),
        dialog(label(label="あ" * 45, description="あ" * 100)),
        dialog(label(field(value="𠮷" * 2000, placeholder="あ" * 100, max_length=4000))),
        dialog(label(menu()), label(roles("1"))),
        dialog(label(menu(min_values=0, required=False))),
        dialog(label(menu(options=[{"label": "あ", "value": str(n)} for n in range(25)]))),
        dialog(label(roles(min_values=0, required=False))),
        dialog(label({"type": 8, "custom_id": "c"})),
    ],
)
def test_what_keeps_the_limits_is_taken(taken: Json) -> None:
    assert dialog_findings(taken) == []


@pytest.mark.parametrize(
    ("broken", "limit"),
    [
        (dialog(), "fields of a dialog"),
        (dialog(*(label(field(number)) for number in range(6))), "fields of a dialog"),
        (dialog(label(), title="あ" * 46), "title of a dialog"),
        (dialog(label(), title=""), "title of a dialog"),
        (dialog(label(), custom_id="x" * 101), "custom_id"),
        (dialog({"type": 1, "components": [field()]}), "kind in a dialog"),
        (dialog(label(), label()), "the same twice"),
        (dialog(label(label="あ" * 46)), "label of a field"),
        (dialog(label(label="")), "label of a field"),
        (dialog(label(description="あ" * 101)), "description of a field"),
        (dialog(label({"type": 2, "custom_id": "b"})), "kind of a field"),
        (dialog(label(field(custom_id="x" * 101))), "custom_id"),
        (dialog(label(field(style=3))), "style of a field"),
        (dialog(label(field(label="時刻"))), "label in a label"),
        (dialog(label(field(placeholder="x" * 101))), "placeholder of a field"),
        (dialog(label(field(max_length=4001))), "longest text of a field"),
        (dialog(label(field(min_length=9, max_length=8))), "shortest text of a field"),
        (dialog(label(field(value="𠮷" * 2001))), "text of a field"),
        (dialog(label(field(value="xx", max_length=1))), "text of a field"),
        (dialog(label(menu(options=[]))), "options of a select"),
        (dialog(label(menu(min_values=0))), "nothing chosen where something has to be"),
        (dialog(label(menu(disabled=True))), "a disabled menu in a dialog"),
        (dialog(label(roles("1", "2"))), "chosen at first"),
        (dialog(label(roles(custom_id=""))), "custom_id"),
    ],
)
def test_what_breaks_a_limit_is_found(broken: Json, limit: str) -> None:
    assert limit in [finding.limit for finding in dialog_findings(broken)]
