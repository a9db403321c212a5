"""Time zones as people name them: by city or country, in Japanese and English, or by IANA name.

The zones offered are those of tzdata's zone.tab, one or more for each country; the names of cities
and countries are from Unicode's CLDR, through Babel. Both are read when they are first needed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from bot.digest.offer import MAX_TYPED, MOST_OFFERS, Offer, shown
from bot.digest.places import ALSO, COUNTRIES, FIRST
from bot.errors import UserError
from bot.locales import LANGUAGES
from bot.search.text import normalise

if TYPE_CHECKING:
    from babel import Locale

# Names of the system's own files, and one that no place has.
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_OLD = ("US/", "Canada/", "Brazil/", "Chile/", "Mexico/", "Etc/")

_JOINING = re.compile(r"[\s_\-‐–・.,'’/、。]+")
_SUFFIX = re.compile(r"(?<=.)(?:標準時|時間|timezone|time)$")
_OFFSET = re.compile(r"(?:utc|gmt)?([+\-−])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_IN_BRACKETS = re.compile(r"\( *([a-z_]+(?:/[a-z0-9_+-]+)*) *[,)]")
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class _Named:
    """How something is called, and the zones that may be meant."""

    name: str
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Book:
    """Zones with their cities, and all names by their plain form."""

    zones: tuple[str, ...]
    cities: Mapping[str, Mapping[str, str]]
    names: Mapping[str, _Named]
    by_lower: Mapping[str, str]
    plain: Mapping[str, tuple[str, ...]]


def zone_of(typed: str) -> str:
    """The IANA name of the zone that somebody named, such as Tokyo, 東京, Asia/Tokyo or UTC+9.

    Raises UserError where there is none (near ones are named) or more than one.
    """
    if len(typed) > MAX_TYPED:
        raise UserError("digest.unknown_zone", value=shown(typed))
    book = _book()
    text = normalise(typed).strip()
    inside = _IN_BRACKETS.search(text)
    for name in (text.replace(" ", "_"), inside[1] if inside else ""):
        if name in book.by_lower:
            return book.by_lower[name]
    if offset := _OFFSET.fullmatch(text.replace(" ", "")):
        return _fixed(offset, typed, book)
    named = _named(text, book)
    if named is None:
        raise _unknown(typed, text, book)
    if len(named.zones) > 1:
        language = "en" if text.isascii() else "ja"
        zones = ", ".join(book.cities[zone][language] for zone in named.zones[:MOST_NAMED])
        raise UserError("digest.many_zones", value=shown(typed), zones=zones)
    return named.zones[0]


def zone_text(zone: str, language: str, now: datetime) -> str:
    """A zone as it is shown: its city, name and offset now, such as 東京 (Asia/Tokyo, UTC+9)."""
    offset = _offset_text(zone, now)
    city = _book().cities.get(zone, {}).get(language)
    if city is not None:
        return f"{city} ({zone}, {offset})"
    # Etc/GMT-9 is nine hours before UTC by its name, and after it by the clock.
    return offset if zone.startswith("Etc/") or zone == offset else f"{zone} ({offset})"


def complete_zones(typed: str, language: str, now: datetime) -> Sequence[Offer]:
    """Zones that what is being typed may become, the likeliest first."""
    book = _book()
    text = _plain(typed) if len(typed) <= MAX_TYPED else ""
    first = {zone: rank for rank, zone in enumerate(FIRST)}

    def rank(zone: str) -> tuple[bool, int, str]:
        return (
            not any(name.startswith(text) for name in book.plain[zone]),
            first.get(zone, len(first)),
            zone,
        )

    found = list(FIRST)
    if text:
        # Two Latin letters stand somewhere in every other name.
        inside = len(text) > 2 or not text.isascii()
        fitting = [
            zone
            for zone in book.zones
            if any(name.startswith(text) or (inside and text in name) for name in book.plain[zone])
        ]
        found = list(dict.fromkeys([*_exact(typed), *sorted(fitting, key=rank)]))
    return [Offer(zone, zone_text(zone, language, now)) for zone in found[:MOST_OFFERS]]


def _exact(typed: str) -> Iterator[str]:
    try:
        yield zone_of(typed)
    except UserError:
        return


def _fixed(offset: re.Match[str], typed: str, book: _Book) -> str:
    """The zone that is always so far from UTC. For others than whole hours there is none."""
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    west = offset[1] != "+"
    if not hours and not minutes:
        return "UTC"
    name = f"Etc/GMT{'+' if west else '-'}{hours}"
    if not minutes and name.lower() in book.by_lower:
        return name
    raise UserError("digest.odd_offset", value=shown(typed))


def _named(text: str, book: _Book) -> _Named | None:
    """What a name stands for: as it is, without what may follow it, or before a comma."""
    whole = _plain(text)
    for plain in (
        whole,
        _SUFFIX.sub("", whole),
        whole.rstrip("市都府"),
        _plain(text.split(",")[0]),
    ):
        if found := book.names.get(plain):
            return found
    return None


def _unknown(typed: str, text: str, book: _Book) -> UserError:
    near = get_close_matches(_plain(text), book.names, n=8, cutoff=0.7)
    found: dict[str, str] = {}
    for plain in near:
        named = book.names[plain]
        if len(named.zones) == 1:
            found.setdefault(named.zones[0], named.name)
    if not found:
        return UserError("digest.unknown_zone", value=shown(typed))
    listed = ", ".join(
        name if name == zone else f"{name} ({zone})" for zone, name in list(found.items())[:3]
    )
    return UserError("digest.near_zone", value=shown(typed), near=listed)


def _offset_text(zone: str, now: datetime) -> str:
    offset = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _plain(text: str) -> str:
    """The form in which two ways to write a name are the same."""
    return _JOINING.sub("", normalise(text))


@cache
def _book() -> _Book:
    # Its data takes memory, and few ask.
    from babel import Locale

    locales = {language: Locale(language) for language in LANGUAGES}
    table = _table()
    canonical = _canonical(frozenset(table))
    cities = _cities(locales, table, canonical)
    by_lower = {name.lower(): canonical[name] for name in sorted(canonical)}
    rank = {zone: at for at, zone in enumerate(FIRST)}
    names: dict[str, _Named] = {}

    def call(name: str, *zones: str) -> None:
        names.setdefault(_plain(name), _Named(name.replace("_", " "), zones))

    for zones, called in ALSO:
        for name in called.split():
            call(name, *zones.split())
            # EST is a zone of its own without daylight saving, which hardly anybody means.
            by_lower.pop(name.lower(), None)
    for zone, of_zone in cities.items():
        call(zone, zone)
        for name in (*of_zone.values(), zone.split("/")[-1]):
            call(name, zone)
    for country, listed in _by_country(table).items():
        zones_there = sorted(listed, key=lambda zone: rank.get(zone, len(rank)))
        for locale in locales.values():
            if country in locale.territories:
                call(locale.territories[country], *zones_there)
        for name in COUNTRIES.get(country, "").split():
            call(name, *zones_there)
    for old, zone in canonical.items():
        if zone in cities and not old.startswith(_OLD):
            call(old.split("/")[-1], zone)
    called_so: dict[str, list[str]] = {zone: [] for zone in cities}
    for plain, named in names.items():
        for zone in named.zones:
            called_so[zone].append(plain)
    return _Book(
        zones=tuple(sorted(cities)),
        cities=cities,
        names=names,
        by_lower=by_lower,
        plain={zone: tuple(plain) for zone, plain in called_so.items()},
    )


def _table() -> Mapping[str, Sequence[str]]:
    """The zones that places have today with the codes of their countries, most people first."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    known = available_timezones()
    return {row[2]: row[0].split(",") for row in rows if row[2] in known}


def _by_country(table: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    countries: dict[str, list[str]] = {}
    for zone, codes in table.items():
        for code in codes:
            countries.setdefault(code, []).append(zone)
    return countries


def _canonical(served: frozenset[str]) -> Mapping[str, str]:
    """Of every name of a zone the one that is offered, itself where there is no other."""
    from babel.core import get_global

    aliases = get_global("zone_aliases")
    text = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8")
    links = {
        parts[2]: parts[1]
        for line in text.splitlines()
        if line.startswith("L ") and len(parts := line.split()) == 3
    }
    found: dict[str, str] = {}
    for name in available_timezones() - _NO_ZONES:
        ways = (name, aliases.get(name), links.get(name))
        found[name] = next((way for way in ways if way in served), name)
    for name in ("Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal", "Zulu", "UCT", "Universal"):
        found[name] = "UTC"
    return found


def _cities(
    locales: Mapping[str, "Locale"],
    table: Mapping[str, Sequence[str]],
    canonical: Mapping[str, str],
) -> Mapping[str, Mapping[str, str]]:
    """What each zone's city is called in each language. CLDR has some under older names."""
    found: dict[str, dict[str, str]] = {
        zone: dict.fromkeys(locales, zone.split("/")[-1].replace("_", " ")) for zone in table
    }
    for language, locale in locales.items():
        for name, texts in locale.time_zones.items():
            zone = canonical.get(name, name)
            if zone in found and (city := texts.get("city")):
                found[zone][language] = city
    found["UTC"] = {}
    return found
