"""What a dialog is made of, and what is read out of one that was filled in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.discord.dialog_limits import dialog_findings
from adapters.discord.dialogs import dialog, values_of
from adapters.discord.guard import discord_guard
from adapters.discord.limits import LIMITS
from bot.chat.context import Frame
from bot.chat.forms import form_of, typed_in
from bot.chat.guard import BrokenLimitError
from bot.intent import AddDigest, EditDigest, FormIntent, Search
from bot.locales import LANGUAGES, Texts
from bot.view import Action, Effect
from tests.discord.asking import fields
from tests.discord.server import Seen
from tests.guarded import BrokenLimits, broken_by

FRAME = Frame(Texts("ja"), replace(LIMITS, form_fields=20))
EVERYTHING = {
    "time": "9:00",
    "tags": "GPU, AI",
    "without": "",
    "posts": "5",
    "weekdays": "毎日",
    "zone": "Asia/Tokyo",
    "quiet_day": "say",
    "language": "ja",
    "role": "42",
    "publish": "no",
    "target": "",
}


async def made(intent: FormIntent, names: tuple[str, ...]) -> dict[str, Any]:
    """The dialog of some fields."""
    form = form_of(intent, "1fda~AAAAAA", {name: EVERYTHING[name] for name in names}, FRAME)
    return dict(dialog(form).to_dict())


async def test_every_kind_of_option_has_its_field() -> None:
    found = await made(AddDigest(), ("role", "target", "quiet_day", "publish", "posts"))
    assert dialog_findings(found) == []
    kinds = {each["label"]: each["component"]["type"] for each in found["components"]}
    assert kinds == {"件数": 3, "新着なし": 3, "ロール": 6, "公開": 3, "チャンネル": 8}
    assert fields(Seen(modal=found))["ロール"] == "42"
    required = {each["label"] for each in found["components"] if each["component"]["required"]}
    assert required == {"件数", "新着なし", "公開"}
    # A role that was typed by its name cannot be shown as chosen.
    found = await made(AddDigest(role="@staff"), ("role",))
    assert fields(Seen(modal=found))["ロール"] == ""


async def test_what_was_chosen_becomes_what_is_wished() -> None:
    intent = EditDigest("k3v9x2ab")
    found = await made(intent, ("role", "quiet_day", "publish"))
    keys = {name.partition(":")[0]: name for name in values_of(_submitted(found), 1)}

    def typed(**values: list[str]) -> FormIntent:
        chosen = {keys[name]: value for name, value in values.items()}
        return typed_in(intent, values_of(_submitted(found, chosen), 7))

    assert typed(role=["42"], quiet_day=["say"], publish=["no"]) == intent
    assert typed(role=["43"], quiet_day=["skip"], publish=["yes"]) == replace(
        intent, role="43", quiet_day="skip", publish="yes"
    )
    assert typed(role=[], quiet_day=["say"], publish=["no"]) == replace(intent, role="-")
    # Everybody is nobody to be called: the role that is named like the server.
    assert typed(role=["7"], quiet_day=["say"], publish=["no"]) == replace(intent, role="-")


@pytest.mark.parametrize(
    ("components", "values"),
    [
        (None, {}),
        ([{"type": 10}, {"type": 18}, {"type": 18, "component": None}], {}),
        ([{"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "x"}]}], {"a": "x"}),
        ([{"type": 18, "component": {"type": 3, "custom_id": "a", "values": None}}], {"a": ""}),
        ([{"type": 18, "component": {"type": 4, "custom_id": "a", "value": None}}], {"a": ""}),
    ],
)
def test_what_is_missing_in_a_dialog_is_empty(components: Any, values: dict[str, str]) -> None:
    assert values_of({"components": components}, 1) == values


def _submitted(
    modal: Mapping[str, Any], chosen: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    fields = [label["component"] for label in modal["components"]]
    return {
        "components": [
            {
                "type": 18,
                "component": {
                    "type": field["type"],
                    "custom_id": field["custom_id"],
                    "values": (chosen or {}).get(field["custom_id"], []),
                },
            }
            for field in fields
        ]
    }


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_fields_keep_the_limits_in_both_languages(language: str) -> None:
    frame = Frame(Texts(language), replace(LIMITS, form_fields=1))
    for name, value in EVERYTHING.items():
        intent = replace(AddDigest(), **dict[str, Any]({name: "𠮷" * 3000}))
        form = form_of(intent, "1fda~AAAAAA", {name: value}, frame)
        assert dialog_findings(dialog(form).to_dict()) == []
    form = form_of(Search("あ" * 3000), "1fq~AAAAAA", {"query": ""}, frame)
    assert dialog_findings(dialog(form).to_dict()) == []


async def test_a_dialog_that_discord_would_refuse_is_not_sent() -> None:
    form = form_of(AddDigest(), "x" * 101, EVERYTHING, replace(FRAME, limits=LIMITS))
    guard = discord_guard(meter=BrokenLimits())
    with pytest.raises(BrokenLimitError):
        guard.check(dialog(form).to_dict(), dialog_findings)
    assert broken_by(guard) == {"custom_id": 1}
    assert Action(AddDigest(), Effect.FORM) == form.action
