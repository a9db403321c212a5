"""Times and weekdays as people type them."""

from datetime import time
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.digest.offer import MOST_OFFERS
from bot.digest.times import (
    complete_time,
    complete_weekdays,
    time_of,
    time_text,
    weekdays_of,
    weekdays_text,
)
from bot.errors import UserError
from bot.locales import LANGUAGES, Texts
from bot.subscription import EVERY_DAY

TEXTS = [Texts(language) for language in LANGUAGES]
# What fuzzing is to be near to: the characters that times, weekdays and zones are written with.
NEARLY = st.text(
    "0123456789:時分半午前後朝夜正apm.〜-月火水曜日毎平 ,、一二十零と以外tuewdfri+/_()", max_size=12
)
TYPED = st.one_of(NEARLY, st.text(max_size=30), st.text("時9", min_size=90, max_size=120))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9:30", time(9, 30)),
        ("９：３０", time(9, 30)),
        ("9時半", time(9, 30)),
        ("09時30分", time(9, 30)),
        ("九時半", time(9, 30)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("9.30", time(9, 30)),
        ("9:30:00", time(9, 30)),
        ("9時5分", time(9, 5)),
        ("9", time(9)),
        ("9am", time(9)),
        ("朝9時", time(9)),
        ("朝の9時", time(9)),
        ("午後3時", time(15)),
        ("午後 三時", time(15)),
        ("3 p.m.", time(15)),
        ("3:15pm", time(15, 15)),
        ("午後15時", time(15)),
        ("夕方6時半", time(18, 30)),
        ("21時05分", time(21, 5)),
        ("二十一時五分", time(21, 5)),
        ("夜9時", time(21)),
        ("21h05", time(21, 5)),
        ("正午", time(12)),
        ("昼12時", time(12)),
        ("12pm", time(12)),
        ("12am", time(0)),
        ("午前0時", time(0)),
        ("深夜1時", time(1)),
        ("midnight", time(0)),
        ("23:59", time(23, 59)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, expected: time) -> None:
    assert time_of(typed) == expected
    assert time_of(f"  {typed} ") == expected


@pytest.mark.parametrize(
    ("typed", "key", "right"),
    [
        ("25:00", "digest.late_time", "1:00"),
        ("24時", "digest.late_time", "0:00"),
        ("26時半", "digest.late_time", "2:30"),
        ("午後12時", "digest.which_twelve", "12:00"),
        ("9:60", "digest.bad_time", "9:30"),
        ("99", "digest.bad_time", "9:30"),
        ("夜1時", "digest.bad_time", "9:30"),
        ("午前15時", "digest.bad_time", "9:30"),
        ("午後25時", "digest.bad_time", "9:30"),
        ("", "digest.bad_time", "9:30"),
        ("soon", "digest.bad_time", "9:30"),
        ("-1:00", "digest.bad_time", "9:30"),
        ("٩:٣٠", "digest.bad_time", "9:30"),
        ("9:30" + " " * 100 + "x", "digest.bad_time", "9:30"),
    ],
)
def test_what_is_no_time_is_refused_with_a_right_one(typed: str, key: str, right: str) -> None:
    with pytest.raises(UserError) as raised:
        time_of(typed)
    assert raised.value.key == key
    assert all(right in texts.of(raised.value) for texts in TEXTS)


@given(st.times())
def test_a_time_that_is_shown_can_be_typed(at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    assert time_of(time_text(at)) == at


@pytest.mark.parametrize(
    ("typed", "first"),
    [("", "7:00"), ("9", "9:00"), ("21", "21:00"), ("午後", "12:00"), ("正", "12:00")]
    + [("9時", "9:00"), ("18:4", "18:45"), ("9:05", "9:05")],
)
def test_times_are_completed_while_they_are_typed(typed: str, first: str) -> None:
    assert complete_time(typed)[0].value == first


def test_an_hour_of_the_morning_may_be_one_of_the_evening() -> None:
    assert {"9:00", "21:00"} <= {offer.value for offer in complete_time("9")}
    assert {"21:00"} & {offer.value for offer in complete_time("午前9")} == set()


def test_nothing_is_offered_for_what_cannot_become_a_time() -> None:
    assert complete_time("soon") == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("毎日", {0, 1, 2, 3, 4, 5, 6}),
        ("every day", {0, 1, 2, 3, 4, 5, 6}),
        ("daily", {0, 1, 2, 3, 4, 5, 6}),
        ("平日", {0, 1, 2, 3, 4}),
        ("weekdays", {0, 1, 2, 3, 4}),
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("月〜金", {0, 1, 2, 3, 4}),
        ("月曜から金曜まで", {0, 1, 2, 3, 4}),
        ("週末", {5, 6}),
        ("土日", {5, 6}),
        ("Sat & Sun", {5, 6}),
        ("月水金", {0, 2, 4}),
        ("月・水・金", {0, 2, 4}),
        ("月曜日、水曜日と金曜日", {0, 2, 4}),
        ("mon,wed", {0, 2}),
        ("Mondays and Thursday", {0, 3}),
        ("fri-mon", {4, 5, 6, 0}),
        ("平日と土曜", {0, 1, 2, 3, 4, 5}),
        ("日曜以外", {0, 1, 2, 3, 4, 5}),
        ("except Sunday", {0, 1, 2, 3, 4, 5}),
        ("日", {6}),
    ],
)
def test_weekdays_are_read_as_people_write_them(typed: str, expected: set[int]) -> None:
    assert weekdays_of(typed) == expected


@pytest.mark.parametrize(
    "typed", ["", "祝日", "m", "mond", "月x", "x月", "毎日以外", "mon-", "月" * 999]
)
def test_what_names_no_weekdays_is_refused_with_some_that_do(typed: str) -> None:
    with pytest.raises(UserError) as raised:
        weekdays_of(typed)
    assert "月水金" in TEXTS[0].of(raised.value)
    assert "Mon, Wed, Fri" in TEXTS[1].of(raised.value)


@pytest.mark.parametrize("texts", TEXTS, ids=LANGUAGES)
def test_all_weekdays_that_are_shown_can_be_typed(texts: Texts) -> None:
    for count in range(1, 8):
        for days in combinations(range(7), count):
            assert weekdays_of(weekdays_text(frozenset(days), texts)) == set(days)


@pytest.mark.parametrize(
    ("days", "ja", "en"),
    [
        ({0, 1, 2, 3, 4, 5, 6}, "毎日", "every day"),
        ({0, 1, 2, 3, 4}, "平日", "weekdays"),
        ({5, 6}, "土日", "weekends"),
        ({0}, "月曜日", "Mon"),
        ({0, 2, 4}, "月・水・金", "Mon, Wed, Fri"),
        ({0, 1, 2, 5}, "月〜水・土", "Mon–Wed, Sat"),
    ],
)
def test_weekdays_are_shown_in_the_words_of_a_language(days: set[int], ja: str, en: str) -> None:
    assert [weekdays_text(frozenset(days), texts) for texts in TEXTS] == [ja, en]


def test_weekdays_are_completed_while_they_are_typed() -> None:
    ja, en = TEXTS
    assert [offer.value for offer in complete_weekdays("", ja)][:3] == ["毎日", "平日", "土日"]
    assert "月・水・金" in [offer.value for offer in complete_weekdays("月水", ja)]
    # Begun in the other language.
    assert [offer.value for offer in complete_weekdays("we", ja)] == ["平日", "土日", "水曜日"]
    assert complete_weekdays("祝", en) == []


@given(TYPED)
@example("9" * 5000)
@example("二十十十時")
@example("\ud800時")
def test_whatever_is_typed_is_a_time_and_weekdays_or_the_persons_mistake(typed: str) -> None:
    for read in (time_of, weekdays_of):
        try:
            read(typed)
        except UserError as error:
            assert all(len(texts.of(error)) < 300 for texts in TEXTS)
    for offers in (complete_time(typed), *(complete_weekdays(typed, texts) for texts in TEXTS)):
        assert len(offers) <= MOST_OFFERS
    for offer in complete_time(typed):
        time_of(offer.value)
    for offer in complete_weekdays(typed, TEXTS[1]):
        assert weekdays_of(offer.value) <= EVERY_DAY
