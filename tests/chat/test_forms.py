"""Forms: what they ask for, what becomes of what is filled in, and who may."""

from dataclasses import replace
from datetime import UTC, datetime, time
from random import Random
from typing import Any

import pytest

from bot.chat.codes import written
from bot.chat.failures import apology
from bot.chat.forms import Form, FormError
from bot.chat.lines import MAX_LENGTH
from bot.errors import UserError
from bot.intent import AddDigest, DigestSettings, EditDigest, ListDigests
from bot.intent import Search as Searching
from bot.locales import LANGUAGES, Texts
from bot.subscription import EVERY_DAY, QuietDay, Times, Wishes
from bot.view import Action, Effect
from tests.chat.conftest import Conversation, buttons_of, labels
from tests.chat.desk import Desk
from tests.chat.filling import FEW, SET_UP, edited, intent_of, names, refused, values
from tests.chat.test_answers import heading
from tests.chat.test_digests import text
from tests.codes import MemoryCodes
from tests.limits import ROOMY


async def test_a_form_shows_what_a_digest_is_set_to(forms: Desk) -> None:
    await forms.say(SET_UP)
    form = await forms.talk.form(EditDigest((await forms.only()).id))
    assert values(form) == {
        "time": "9:30",
        "tags": "GPU, 経済",
        "without": "",
        "posts": "3",
        "weekdays": "平日",
        "zone": "Asia/Tokyo",
        "quiet_day": "skip",
        "language": "ja",
        "role": "42",
        "publish": "no",
    }
    assert (form.title, form.submit) == ("配信の設定を変更", "変更する")
    assert form.fields[0].label == "時刻"
    assert "9:30" in form.fields[0].hint
    choices = {field.spec.name: dict(field.choices) for field in form.fields}
    assert choices["quiet_day"]["skip"] == "送らない"
    assert choices["publish"] == {"yes": "はい", "no": "いいえ"}
    assert list(choices["posts"]) == [str(number) for number in range(1, 11)]
    assert not choices["time"]


async def test_nobody_is_told_how_to_type_what_there_is_a_form_for(forms: Desk) -> None:
    await forms.say(SET_UP)
    kept = await forms.only()
    for intent in (ListDigests(), DigestSettings(kept.id)):
        assert "/digest" not in text(await forms.do(intent))
        forms.talk.framed(limits=ROOMY)
        assert "/digest" in text(await forms.do(intent))
        forms.talk.framed(limits=replace(ROOMY, form_fields=20))


async def test_a_new_digest_begins_with_what_is_usual(forms: Desk) -> None:
    form = await forms.talk.form(AddDigest())
    shown = values(form)
    assert (shown["time"], shown["weekdays"], shown["posts"]) == ("9:00", "毎日", "5")
    assert shown["tags"] == shown["role"] == shown["target"] == ""
    await forms.talk.submit(form)
    kept = await forms.only()
    assert kept.times == Times(time(9), EVERY_DAY, "Asia/Tokyo")
    assert kept.wishes == Wishes()


async def test_a_form_has_the_first_options_for_which_it_has_room(forms: Desk) -> None:
    forms.talk.framed(limits=FEW)
    form = await forms.talk.form(AddDigest())
    assert names(form) == ["time", "tags", "without", "posts", "weekdays"]
    await forms.say(SET_UP)
    await edited(forms, posts="7")
    # What it had no room for stays.
    kept = await forms.only()
    assert (kept.wishes.posts, kept.wishes.role) == (7, "42")
    assert kept.wishes.quiet_day is QuietDay.SKIP


async def test_a_second_form_has_the_options_for_which_the_first_had_no_room(
    forms: Desk,
) -> None:
    forms.talk.framed(limits=FEW)
    await forms.say(SET_UP)
    kept = await forms.only()
    assert labels(await forms.do(DigestSettings(kept.id)))[:3] == [
        "変更",
        "ほかの設定",
        "プレビュー",
    ]
    form = await forms.talk.form(EditDigest(kept.id, part=1))
    assert names(form) == ["zone", "quiet_day", "language", "role", "publish"]
    error = await refused(forms, form, zone="アトランティス", language="en")
    again = await forms.talk.form(intent_of(error.again))
    assert names(again) == names(form)
    await forms.talk.submit(again, zone="ロンドン")
    after = await forms.only()
    assert (after.times.zone, after.wishes.language) == ("Europe/London", "en")
    assert after.wishes.wanted == kept.wishes.wanted
    with pytest.raises(UserError, match=r"code\.damaged"):
        await forms.talk.form(EditDigest(kept.id, part=2))


async def test_what_is_filled_in_is_what_a_digest_is_set_to(forms: Desk) -> None:
    view = await forms.talk.submit(
        await forms.talk.form(AddDigest()),
        time="7時半",
        tags="gpu、AI",
        without="#経済",
        posts="2",
        weekdays="月水金",
        zone="ニューヨーク",
        quiet_day="say",
        language="en",
        role="42",
        publish="yes",
    )
    kept = await forms.only()
    assert kept.times == Times(time(7, 30), frozenset({0, 2, 4}), "America/New_York")
    assert kept.wishes == Wishes(("GPU", "AI"), ("経済",), 2, "en", QuietDay.SAY, "42", True)
    assert view.summary == "配信を設定しました。"


async def test_what_nobody_touched_stays_even_if_others_have_changed_it(forms: Desk) -> None:
    await forms.say(SET_UP)
    form = await forms.talk.form(EditDigest((await forms.only()).id))
    await forms.say("/digest edit time:18:00 posts:8")
    await forms.talk.submit(form, tags="AI")
    kept = await forms.only()
    assert (kept.times.at, kept.wishes.posts) == (time(18), 8)
    assert kept.wishes.wanted == ("AI",)


async def test_a_form_that_nobody_touched_changes_nothing(forms: Desk) -> None:
    await forms.say(SET_UP)
    before = await forms.only()
    await edited(forms)
    assert forms.talk.view.summary == "変更はありませんでした。"
    assert await forms.only() == before


async def test_what_is_emptied_is_taken_away(forms: Desk) -> None:
    await forms.say(SET_UP)
    await edited(forms, tags=" ", weekdays="", quiet_day="", role="", posts="")
    kept = await forms.only()
    assert kept.times == Times(time(9, 30), EVERY_DAY, "Asia/Tokyo")
    assert kept.wishes == Wishes()


async def test_every_field_that_makes_no_sense_is_named_and_nothing_is_lost(forms: Desk) -> None:
    await forms.say(SET_UP)
    before = await forms.only()
    form = await forms.talk.form(EditDigest(before.id))
    error = await refused(forms, form, time="いつか", tags="GPV", posts="4", role="")
    assert [(fault.label, fault.error.key) for fault in error.faults] == [
        ("時刻", "digest.bad_time"),
        ("タグ", "digest.near_tag"),
    ]
    assert {fault.key for fault in error.faults} <= {field.key for field in form.fields}
    assert await forms.only() == before
    again = await forms.talk.form(intent_of(error.again))
    assert values(again) == {
        **values(form),
        "time": "いつか",
        "tags": "GPV",
        "posts": "4",
        "role": "",
    }
    # What had been right is still meant, although nobody touches it any more.
    await forms.talk.submit(again, time="10:00", tags="GPU")
    kept = await forms.only()
    assert (kept.times.at, kept.wishes.wanted) == (time(10), ("GPU",))
    assert (kept.wishes.posts, kept.wishes.role) == (4, None)


async def test_the_answer_to_a_wrong_form_leads_back_to_it(forms: Desk) -> None:
    error = await refused(forms, await forms.talk.form(AddDigest()), time="いつか", tags="無い")
    view = apology(error, Texts("ja"), "a test")
    shown = "\n".join(str(block) for block in view.blocks)
    assert "時刻：" in shown
    assert "タグ：" in shown
    again = next(each for each in buttons_of(view) if each.label == "入力しなおす")
    assert again.action == Action(AddDigest(time="いつか", tags="無い"), Effect.FORM)


async def test_what_is_wrong_with_a_form_as_a_whole_leads_back_to_it_too(forms: Desk) -> None:
    form = await forms.talk.form(AddDigest())
    error = await refused(forms, form, tags="GPU", without="gpu")
    assert (error.key, error.faults) == ("digest.tag_both", ())
    assert intent_of(error.again) == AddDigest(tags="GPU", without="gpu")
    forms.town.missing["C1"] = ["Send Messages"]
    assert (await refused(forms, form)).key == "digest.cannot_post"


async def test_what_is_too_long_is_said_of_its_field(forms: Desk) -> None:
    error = await refused(forms, await forms.talk.form(AddDigest()), tags="あ" * (MAX_LENGTH + 1))
    assert [fault.error.key for fault in error.faults] == ["form.too_long"]
    again = await forms.talk.form(intent_of(error.again))
    assert all(len(field.value) <= MAX_LENGTH for field in again.fields)


@pytest.mark.parametrize("typed", ["\ud800", "\x00", "'; --", "%s{0}", "𠮷" * 40, ":~:", "-"])
async def test_odd_texts_are_answered_and_come_back(forms: Desk, typed: str) -> None:
    form = await forms.talk.form(AddDigest())
    try:
        await forms.talk.submit(form, tags=typed)
    except FormError as error:
        again = await forms.talk.form(intent_of(error.again))
        assert values(again)["tags"] == typed.encode("utf-8", "ignore").decode().strip()


async def test_the_ways_to_forms_are_there_where_there_are_forms(forms: Desk) -> None:
    await forms.say(SET_UP)
    settings = DigestSettings((await forms.only()).id)
    assert labels(await forms.do(settings))[0] == "変更"
    assert labels(await forms.do(ListDigests()))[-1] == "追加"
    forms.talk.framed(limits=ROOMY)
    assert "変更" not in labels(await forms.do(settings))
    assert labels(await forms.do(ListDigests()))[-1] == "毎日 9:00 に届ける"


async def test_who_does_not_say_what_to_change_is_asked(forms: Desk) -> None:
    await forms.say(SET_UP)
    chat, context = forms.talk.chat, forms.talk.context
    form = await chat.asked(EditDigest(""), context)
    assert isinstance(form, Form)
    assert form.action.intent == EditDigest((await forms.only()).id)
    assert not isinstance(await chat.asked(EditDigest("", posts="2"), context), Form)
    forms.talk.framed(limits=ROOMY)
    assert not isinstance(await chat.asked(EditDigest(""), forms.talk.context), Form)


async def test_where_there_are_no_forms_it_is_said_how_to_type_it(desk: Desk) -> None:
    await desk.say(SET_UP)
    kept = await desk.only()
    for intent, example in (
        (EditDigest(kept.id), f"/digest edit {kept.id} time:9:30"),
        (AddDigest(), "/digest add 9:30"),
        (Searching("gpu"), "/matome gpu"),
    ):
        with pytest.raises(UserError) as raised:
            await desk.do(intent, Effect.FORM)
        assert example in Texts("ja").of(raised.value)
        line = str(raised.value.details["example"])
        assert (await desk.say(line)).blocks


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whatever_is_filled_in_is_what_typing_it_leads_to(forms: Desk, language: str) -> None:
    forms.talk.framed(texts=Texts(language))
    await forms.say(SET_UP)
    chance = Random(20261121)
    pieces = ["9:30", "9時半", "gpu", "経済", "平日", "mon", "Tokyo", "-", ",", "25", "3", "\u3000"]
    for _ in range(150):
        before = await forms.only()
        form = await forms.talk.form(EditDigest(before.id))
        field = chance.choice(form.fields)
        offered = [value for value, _ in field.choices] or ["".join(chance.choices(pieces, k=2))]
        text = chance.choice([*offered, field.value, ""])
        typed = replace(EditDigest(before.id), **dict[str, Any]({field.spec.name: text or "-"}))
        try:
            await forms.talk.submit(form, **{field.spec.name: text})
        except FormError as error:
            with pytest.raises(UserError) as alone:
                await forms.do(typed)
            said = [fault.error.key for fault in error.faults] or [error.key]
            assert said == [alone.value.key]
            again = await forms.talk.form(intent_of(error.again))
            assert values(again) == {**values(form), field.spec.name: text.strip()}
            assert await forms.only() == before
        else:
            after = await forms.only()
            await forms.do(typed)
            assert (await forms.only()) == after
            # As it was, for the next.
            if after != before:
                await forms.stores.subscriptions.change(before, "mia", "edit", "", forms.clock.at)


async def test_a_search_can_be_asked_for(talk: Conversation) -> None:
    talk.framed(limits=FEW)
    form = await talk.form(Searching("gpu"))
    [field] = form.fields
    assert (field.value, field.required, field.spec.name) == ("gpu", True, "query")
    assert heading(await talk.submit(form, query="tag:経済"))
    with pytest.raises(FormError) as raised:
        await talk.submit(form, query="2025年13月")
    assert raised.value.again == Action(Searching("2025年13月"), Effect.FORM)


@pytest.mark.parametrize("is_private", [True, False])
async def test_the_answer_takes_the_place_of_what_was_pressed(
    forms: Desk, is_private: bool
) -> None:
    form = await forms.talk.form(AddDigest())
    talk = forms.talk
    pressed = replace(talk.context, message="C1/1", may_replace=is_private)
    talk = replace(talk, context=pressed)
    await talk.submit(form)
    assert talk.reply is not None
    assert talk.reply.effect is (Effect.REPLACE if is_private else Effect.OPEN)
    # Where nothing was pressed, nothing can be replaced.
    await forms.talk.submit(form)
    assert forms.talk.reply is not None
    assert forms.talk.reply.effect is Effect.OPEN


async def test_what_was_typed_is_kept_where_it_is_too_long_for_a_code() -> None:
    intent = AddDigest(tags="とても長いタグ" * 20, time="いつか")
    from bot.chat.codes import Codes

    codes, now = Codes(MemoryCodes()), datetime(2026, 1, 1, tzinfo=UTC)
    action = Action(intent, Effect.FORM)
    code = (await codes.encode([action], now))[action]
    assert len(code) <= 100
    assert await codes.decode(code, now) == action
    assert written(action).startswith("fda:")
