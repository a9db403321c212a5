"""What a dialog is made of, and what is read out of one that was filled in."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.carried import Carried, carried_by
from adapters.slack.dialogs import dialog, errors_of, field_of, malformed, values_of
from adapters.slack.guard import slack_guard
from adapters.slack.limits import LIMITS
from adapters.slack.offering import options_for
from adapters.slack.validate import option_findings, view_findings
from bot.chat.context import Frame
from bot.chat.forms import Fault, FormError, form_of, typed_in
from bot.chat.guard import BrokenLimitError
from bot.errors import UserError
from bot.intent import AddDigest, EditDigest, FormIntent, Search
from bot.locales import LANGUAGES, Texts
from bot.view import Action, Effect
from tests.slack.server.checking import Check
from tests.slack.server.filling import Value, held
from tests.slack.server.objects import SUGGESTED
from tests.slack.server.surfaces import check_view
from tests.slack.server.views import initial_state

JA = Texts("ja")
FRAME = Frame(JA, LIMITS)
CODE = "1fda~AAAAAA"
NOW = {
    "time": "9:00",
    "tags": "GPU, R&D <x>",
    "without": "",
    "posts": "5",
    "weekdays": "毎日",
    "zone": "Asia/Tokyo",
    "quiet_day": "say",
    "language": "ja",
    "role": "S0123ABC",
    "publish": "no",
    "target": "",
}
Json = dict[str, Any]


def made(intent: FormIntent, now: dict[str, str] = NOW, texts: Texts = JA) -> Json:
    """The dialog for an intent, as Slack takes it."""
    form = form_of(intent, CODE, now, replace(FRAME, texts=texts))
    view = dialog(form, "T1/C1/1.2", texts)
    assert view_findings(view) == []
    check_view(view, ("modal",))
    return view


def by_name(view: Json) -> dict[str, Json]:
    return {block["block_id"].partition(":")[0]: block for block in view["blocks"]}


def submitted(view: Json, **filled: tuple[Value, list[Json]]) -> dict[str, str]:
    """What is read from a dialog in which somebody put values, each with what was on offer."""
    state = initial_state(view["blocks"])
    for name, (value, options) in filled.items():
        block = by_name(view)[name]
        element = block["element"]
        taken = held(element, value, options or element.get("options", []))
        state[block["block_id"]][element["action_id"]] = taken
    return values_of({"state": {"values": state}}, "T1")


def test_every_option_has_the_field_that_suits_it() -> None:
    view = made(AddDigest())
    kinds = {name: block["element"]["type"] for name, block in by_name(view).items()}
    assert kinds == {
        "time": "external_select",
        "tags": "multi_external_select",
        "without": "multi_external_select",
        "posts": "static_select",
        "weekdays": "external_select",
        "zone": "external_select",
        "quiet_day": "static_select",
        "language": "static_select",
        "role": "plain_text_input",
        "target": "conversations_select",
    }
    optional = [name for name, block in by_name(view).items() if block["optional"]]
    assert optional == ["tags", "without", "role", "target"]
    search = made(Search("gpu"), {"query": ""})
    (block,) = search["blocks"]
    assert (block["element"]["type"], block["element"]["initial_value"]) == (
        "plain_text_input",
        "gpu",
    )
    assert block["element"]["focus_on_load"] and not block.get("optional")


def test_what_nobody_touches_stays_as_it_is() -> None:
    for intent in (AddDigest(), EditDigest("k3v9x2ab")):
        assert typed_in(intent, submitted(made(intent))) == intent


def test_what_was_chosen_becomes_what_is_wished() -> None:
    intent = EditDigest("k3v9x2ab")
    view = made(intent)
    tags = options_for([("R&D <x>", "R&D <x>"), ("AI 100%", "AI 100%")], "")
    # Slack may escape what it gives back.
    for each in tags:
        assert not set("&<>") & set(each["value"])
    values = submitted(
        view,
        time=("9時半", options_for([], "9時半")),
        tags=(["R&D <x>", "AI 100%"], tags),
        quiet_day=("送らない", []),
        posts=("3", []),
        role=("<!subteam^S77|@gpu>", []),
        zone=(None, []),
    )
    assert malformed(values) == {}
    assert typed_in(intent, values) == replace(
        intent,
        time="9時半",
        tags="R&D <x>, AI 100%",
        quiet_day="skip",
        posts="3",
        role="S77",
        zone="-",
    )
    channel = submitted(made(AddDigest()), target=("C7", []))
    assert typed_in(AddDigest(), channel) == AddDigest(target="T1/C7")


def test_a_group_that_is_none_is_told_beside_its_field() -> None:
    values = submitted(made(AddDigest()), role=("@here", []))
    ((key, error),) = malformed(values).items()
    assert (key.partition(":")[0], error.key) == ("role", "slack.bad_group")
    assert malformed(submitted(made(AddDigest()), role=(None, []))) == {}


def test_faults_stand_beside_their_fields() -> None:
    again = Action(AddDigest(), Effect.FORM)
    faults = [
        Fault("time:x", "時刻", UserError("digest.bad_time", value="へ" * 900)),
        Fault("publish", "公開", UserError("digest.no_tags")),
    ]
    error = FormError(again, UserError("form.faults"), faults)
    # A field that is not there can have nothing beside it.
    ((key, said),) = errors_of(error, ["time:x", "zone:x"], JA).items()
    assert (key, len(said)) == ("time:x", 300)
    whole = FormError(again, UserError("digest.not_manager"))
    assert errors_of(whole, ["time:x", "zone:x"], JA) == {}
    assert errors_of(whole, ["query:x"], JA) == {"query:x": JA("digest.not_manager")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "value", ["𠮷" * 3000, "<!channel>", "a,b、&amp;", "\u202e:smile:", ",, ,"]
)
def test_all_fields_keep_the_limits_whatever_was_typed(language: str, value: str) -> None:
    texts = Texts(language)
    intent = replace(AddDigest(), **dict[str, Any](dict.fromkeys(NOW, value)))
    made(intent, texts=texts)
    made(Search(value), {"query": ""}, texts)
    for name in NOW.keys() - {"publish"}:
        made(AddDigest(), {name: value[:2000]}, texts)


def test_a_dialog_that_slack_would_refuse_is_not_sent() -> None:
    view = made(AddDigest())
    view["callback_id"] = "x" * 256
    guard = slack_guard()
    with pytest.raises(BrokenLimitError):
        guard.check(view, view_findings)


def test_it_carries_what_answers_it_after_a_restart() -> None:
    view = made(AddDigest())
    assert carried_by(view) == Carried("T1/C1/1.2", CODE)
    odd = Carried("T1/C1", '1fq:<a&b>"~AAAAAA')
    assert not set("&<>") & set(odd.written())
    assert carried_by({"private_metadata": odd.written()}) == odd
    for other in (
        {},
        {"private_metadata": ""},
        {"private_metadata": "{"},
        {"private_metadata": "[]"},
    ):
        assert carried_by(other) == Carried("")
    action_id = by_name(view)["zone"]["element"]["action_id"]
    assert field_of(action_id) == (("digest", "add"), "zone")
    assert field_of("press:1") is None


def test_what_is_typed_can_always_be_chosen() -> None:
    def labels(offers: list[tuple[str, str]], typed: str) -> list[str]:
        options = options_for(offers, typed)
        assert option_findings(options) == []
        found = Check()
        SUGGESTED(found, "/", {"options": options})
        assert not found.faults
        return [each["text"]["text"] for each in options]

    tokyo = ("Asia/Tokyo", "Asia/Tokyo（東京）")
    assert labels([tokyo], "tok") == ["Asia/Tokyo（東京）", "tok"]
    assert labels([tokyo], "asia/tokyo") == ["Asia/Tokyo（東京）"]
    assert labels([], "nowhere") == ["nowhere"]
    assert labels([], " \u202e") == []
    many = [(f"{number} {'%' * 60}", "長い" * 60) for number in range(200)]
    assert labels(many, "x") == ["x"]
    many = [(f"value {number}", f"𠮷{number}" * 60) for number in range(200)]
    assert len(labels(many, "x" * 500)) == 100
