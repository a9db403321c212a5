"""Time zones as people name them."""

import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given

from bot.digest.offer import MOST_OFFERS
from bot.digest.places import ALSO, FIRST
from bot.digest.zones import complete_zones, zone_of, zone_text
from bot.errors import UserError
from bot.locales import LANGUAGES, Texts
from tests.digest.test_times import TYPED

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TEXTS = [Texts(language) for language in LANGUAGES]


def refused(typed: str) -> UserError:
    with pytest.raises(UserError) as raised:
        zone_of(typed)
    return raised.value


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("東京", "Asia/Tokyo"),
        ("東京都", "Asia/Tokyo"),
        ("大阪", "Asia/Tokyo"),
        ("日本時間", "Asia/Tokyo"),
        ("Japan", "Asia/Tokyo"),
        ("Tokyo, Japan", "Asia/Tokyo"),
        ("JST", "Asia/Tokyo"),
        ("東京 (Asia/Tokyo, UTC+9)", "Asia/Tokyo"),
        ("ニューヨーク", "America/New_York"),
        ("New York", "America/New_York"),
        ("ｎｅｗ　ｙｏｒｋ", "America/New_York"),
        # By IANA's own rules EST is the time of Panama.
        ("EST", "America/New_York"),
        ("Lord Howe", "Australia/Lord_Howe"),
        ("ロードハウ", "Australia/Lord_Howe"),
        ("サンフランシスコ", "America/Los_Angeles"),
        ("St. John's", "America/St_Johns"),
        ("Kathmandu", "Asia/Kathmandu"),
        ("カトマンズ", "Asia/Kathmandu"),
        # Old names of zones, and of cities.
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Saigon", "Asia/Ho_Chi_Minh"),
        ("US/Pacific", "America/Los_Angeles"),
        ("キーウ", "Europe/Kyiv"),
        ("UK", "Europe/London"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        # An offset is one for ever; the signs of these names are the other way round.
        ("UTC+9", "Etc/GMT-9"),
        ("-05:00", "Etc/GMT+5"),
        ("UTC+0", "UTC"),
    ],
)
def test_a_zone_is_found_by_whatever_it_is_called(typed: str, zone: str) -> None:
    assert zone_of(typed) == zone


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("ニューヨク", "ニューヨーク (America/New_York)"),
        ("Londn", "London (Europe/London)"),
        ("Tokio", "Tokyo (Asia/Tokyo)"),
        ("America/New_Yrok", "America/New York (America/New_York)"),
    ],
)
def test_near_ones_are_named_where_there_is_none(typed: str, near: str) -> None:
    error = refused(typed)
    assert error.key == "digest.near_zone"
    assert all(near in texts.of(error) for texts in TEXTS)


@pytest.mark.parametrize(
    "typed",
    ["", "\x00", "xyzzy", "../../etc/passwd", "/etc/localtime", "localtime", "Factory"]
    + ["x" * 10_000, "~", "%s", "{0}"],
)
def test_what_is_no_zone_is_refused_with_a_right_one(typed: str) -> None:
    error = refused(typed)
    assert error.key == "digest.unknown_zone"
    assert all("Asia/Tokyo" in texts.of(error) for texts in TEXTS)


def test_a_path_is_never_opened() -> None:
    # Nothing but the names of zones counts, however they are dressed.
    assert zone_of("../../Asia/Tokyo") == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("typed", "cities"),
    [
        ("アメリカ", "ロサンゼルス, ニューヨーク"),
        ("CST", "Chicago, Shanghai"),
        ("Brazil", "Sao Paulo"),
    ],
)
def test_where_several_may_be_meant_cities_are_named(typed: str, cities: str) -> None:
    error = refused(typed)
    assert error.key == "digest.many_zones"
    assert cities in TEXTS[0].of(error)


@pytest.mark.parametrize("typed", ["UTC+5:30", "+0930", "UTC+15", "GMT-13"])
def test_an_offset_that_no_zone_keeps_for_ever_is_refused(typed: str) -> None:
    assert refused(typed).key == "digest.odd_offset"


def test_a_zone_is_shown_with_its_city_and_its_offset_now() -> None:
    assert zone_text("Asia/Tokyo", "ja", NOW) == "東京 (Asia/Tokyo, UTC+9)"
    assert zone_text("Asia/Kathmandu", "en", NOW) == "Kathmandu (Asia/Kathmandu, UTC+5:45)"
    assert zone_text("America/St_Johns", "en", NOW) == "St. John’s (America/St_Johns, UTC-3:30)"
    assert zone_text("Etc/GMT-9", "ja", NOW) == "UTC+9"
    assert zone_text("UTC", "en", NOW) == "UTC"
    # A zone that was set when the system knew others.
    assert zone_text("CET", "en", NOW) == "CET (UTC+1)"


def test_zones_are_completed_while_they_are_typed() -> None:
    usual = complete_zones("", "ja", NOW)
    assert usual[0].label == "東京 (Asia/Tokyo, UTC+9)"
    assert [offer.value for offer in usual] == list(FIRST)
    assert len(usual) == MOST_OFFERS
    assert complete_zones("ニュー", "ja", NOW)[0].value == "America/New_York"
    assert complete_zones("lon", "ja", NOW)[0].value == "Europe/London"
    assert complete_zones("UTC+9", "ja", NOW)[0].label == "UTC+9"
    assert complete_zones("xyzzy", "ja", NOW) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_that_is_offered_can_be_typed_as_it_is_shown(language: str) -> None:
    offered = {
        offer.value: offer.label
        for region in ("africa/", "america/", "antarctica/", "asia/", "australia/", "europe/")
        for letter in "abcdefghijklmnopqrstuvwxyz"
        for offer in complete_zones(f"{region}{letter}", language, NOW)
    }
    assert len(offered) > 300
    for zone, label in offered.items():
        assert zone_of(zone) == zone
        assert zone_of(label) == zone
        assert zone_of(label.split(" (")[0]) == zone


def test_every_place_of_ours_has_a_zone_and_one_name() -> None:
    for zones, names in ALSO:
        for zone in zones.split():
            ZoneInfo(zone)
        if " " not in zones:
            assert {zone_of(name.replace("_", " ")) for name in names.split()} == {zones}


@given(TYPED)
@example("あ" * 100)
@example("\ud800")
@example("(" * 100)
def test_whatever_is_typed_is_a_zone_or_the_persons_mistake(typed: str) -> None:
    try:
        ZoneInfo(zone_of(typed))
    except UserError as error:
        assert all(len(texts.of(error)) < 500 for texts in TEXTS)
    for offer in complete_zones(typed, "ja", NOW):
        ZoneInfo(offer.value)


def test_the_names_are_read_only_when_they_are_needed() -> None:
    program = "import sys, bot.digest.zones; assert 'babel' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
