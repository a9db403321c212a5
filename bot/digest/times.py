"""Times of the day and weekdays as people write them, in Japanese and English."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from itertools import groupby
from types import MappingProxyType

from bot.digest.offer import MAX_TYPED, MOST_OFFERS, Offer, shown
from bot.errors import UserError
from bot.locales import LANGUAGES, Texts
from bot.search.text import normalise
from bot.subscription import EVERY_DAY

WORKDAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})

# Times that stand by themselves.
_NAMED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"正午": (12, 0), "noon": (12, 0), "midnight": (0, 0), "真夜中": (0, 0)}
)
# The hours that can be said of a part of the day on a clock of twelve hours, and what that adds.
_PARTS: Mapping[str, tuple[frozenset[int], int]] = MappingProxyType(
    {
        "午前": (frozenset(range(12)), 0),
        "午後": (frozenset(range(12)), 12),
        "早朝": (frozenset(range(3, 8)), 0),
        "朝": (frozenset(range(4, 12)), 0),
        "昼": (frozenset({0, 1, 2, 3}), 12),
        "夕方": (frozenset(range(3, 8)), 12),
        "夜": (frozenset(range(5, 12)), 12),
        "深夜": (frozenset(range(5)), 0),
        "am": (frozenset(range(12)), 0),
        "pm": (frozenset(range(12)), 12),
    }
)
# Of these the hour 12 means noon and midnight to different people.
_UNSURE_AT_TWELVE = ("午前", "午後", "朝", "夕方", "夜")
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(\d{1,2})(?:時|h|o'clock)?",
        r"(\d{1,2})[:.h時](\d\d)分?(?::00)?",
        r"(\d{1,2})時(\d)分",
        r"(\d{1,2})時(半)",
        r"(\d{1,2})(\d\d)",
    )
)
_BEFORE = re.compile(f"({'|'.join(_PARTS)})の?(.*)")
_AFTER = re.compile("(.*?)(am|pm)")
_DOTTED = re.compile(r"([ap])\.m\.?")
_KANJI_NUMBER = re.compile("[〇零一二三四五六七八九十]+")
_KANJI_DIGITS = {char: str(number) for number, char in enumerate("〇一二三四五六七八九")}
_KANJI_DIGITS["零"] = "0"

# Offered while nothing is typed: when people look at the news.
_USUAL = (7, 8, 9, 12, 18, 19, 20, 21, 22, 6, 10, 17)

_DAYS = "月火水木金土日"
_ENGLISH_DAYS = (
    "mon(?:days?)?", "tue(?:s(?:days?)?)?", "wed(?:nesdays?)?", "thu(?:r(?:s(?:days?)?)?)?",
    "fri(?:days?)?", "sat(?:urdays?)?", "sun(?:days?)?",
)  # fmt: skip
_SETS = (
    ("毎日|全部|every ?day|daily|all(?: days)?", EVERY_DAY),
    ("平日|(?:every )?(?:week|work)days?", WORKDAYS),
    ("週末|(?:every )?weekends?", WEEKEND),
)
_DAY = re.compile(
    "|".join(
        f"(?P<d{number}>{char}(?:曜日?)?|(?:every )?{english}(?![a-z]))"
        for number, (char, english) in enumerate(zip(_DAYS, _ENGLISH_DAYS, strict=True))
    )
)
_SET = re.compile("|".join(f"(?P<s{number}>{form})" for number, (form, _) in enumerate(_SETS)))
_RANGE = re.compile(" *(?:[-~〜–—]|から|to|through) *")
_BETWEEN = re.compile(r"(?:[\s、,・/&+と]|and(?![a-z])|まで|及び)*")
_EXCEPT = re.compile("(.+?)(?:以外|を除く)|(?:every day )?except (.+)")


def time_of(typed: str) -> time:
    """The time that somebody typed, such as 9:30, 9時半, 午後3時, 0930 or 9am.

    Raises UserError with a right one.
    """
    text = _plain(typed).replace(" ", "")
    if text in _NAMED:
        return time(*_NAMED[text])
    part, rest = _part(_DOTTED.sub(r"\1m", text))
    read = _read(rest)
    if read is None:
        raise UserError("digest.bad_time", value=shown(typed))
    hour, minute = read
    if part is not None:
        hour = _on_a_day(hour, part, typed)
    if minute < 60 and 24 <= hour < 30:
        right = f"{hour - 24}:{minute:02}"
        raise UserError("digest.late_time", value=shown(typed), right=right)
    if hour > 23 or minute > 59:
        raise UserError("digest.bad_time", value=shown(typed))
    return time(hour, minute)


def time_text(at: time) -> str:
    """A time as it is shown in both languages, such as 9:30."""
    return f"{at.hour}:{at.minute:02}"


def complete_time(typed: str) -> Sequence[Offer]:
    """Times that what is being typed may become, the likeliest first."""
    text = _plain(typed).replace(" ", "")
    found = [time(hour) for hour in _USUAL] if not text else list(_completed(text))
    names = dict.fromkeys(time_text(at) for at in found)
    return [Offer(name, name) for name in names][:MOST_OFFERS]


def weekdays_of(typed: str) -> frozenset[int]:
    """The weekdays that somebody typed, 0 is Monday: 毎日, 平日, 月水金, mon-fri, weekends.

    Raises UserError with a right form.
    """
    text = " ".join(_plain(typed).split()).rstrip(". ")
    without = _EXCEPT.fullmatch(text)
    found = _weekdays(without[1] or without[2] if without else text)
    if found is not None and without:
        found = EVERY_DAY - found
    if not found:
        raise UserError("digest.bad_weekdays", value=shown(typed))
    return found


def weekdays_text(weekdays: frozenset[int], texts: Texts) -> str:
    """Weekdays as they are shown; `weekdays_of` reads it."""
    for known, key in (
        (EVERY_DAY, "digest.every_day"),
        (WORKDAYS, "digest.workdays"),
        (WEEKEND, "digest.weekend"),
    ):
        if weekdays == known:
            return texts(key)
    names = texts("digest.days").split()
    if len(weekdays) == 1:
        return texts("digest.one_day", day=names[min(weekdays)])
    runs = (
        [day for _, day in run]
        for _, run in groupby(enumerate(sorted(weekdays)), key=lambda pair: pair[1] - pair[0])
    )
    parts: list[str] = []
    for run in runs:
        if len(run) > 2:
            parts.append(texts("digest.day_range", first=names[run[0]], last=names[run[-1]]))
        else:
            parts += [names[day] for day in run]
    return texts("digest.between_days").join(parts)


def complete_weekdays(typed: str, texts: Texts) -> Sequence[Offer]:
    """Weekdays that what is being typed may become, in the words of a language."""
    usual = [EVERY_DAY, WORKDAYS, WEEKEND, *(frozenset({day}) for day in sorted(EVERY_DAY))]
    text = _plain(typed).strip()
    try:
        begun = weekdays_of(typed)
        found = [begun, *(begun | {day} for day in sorted(EVERY_DAY - begun))]
    except UserError:
        words = [Texts(language) for language in LANGUAGES]
        found = [
            days
            for days in usual
            if any(_plain(weekdays_text(days, each)).startswith(text) for each in words)
        ]
    names = dict.fromkeys(weekdays_text(days, texts) for days in found)
    return [Offer(name, name) for name in names][:MOST_OFFERS]


def _plain(typed: str) -> str:
    """What is compared: nothing of a text that is too long to mean anything."""
    return normalise(typed).strip() if len(typed) <= MAX_TYPED else ""


def _part(text: str) -> tuple[str | None, str]:
    """The part of the day that is named, and the rest."""
    if before := _BEFORE.fullmatch(text):
        return before[1], before[2]
    if after := _AFTER.fullmatch(text):
        return after[2], after[1]
    return None, text


def _read(text: str) -> tuple[int, int] | None:
    """The two numbers of a time, whatever they are."""
    text = _KANJI_NUMBER.sub(lambda found: _digits(found[0]), text)
    for form in _FORMS:
        if found := form.fullmatch(text):
            minute = found[2] if form.groups > 1 else "0"
            return int(found[1]), 30 if minute == "半" else int(minute)
    return None


def _digits(kanji: str) -> str:
    """A number below 100 in digits: 二十一 is 21."""
    tens, ten, ones = kanji.partition("十")
    digits = "".join(_KANJI_DIGITS.get(char, char) for char in (tens or "1") + (ones or "0"))
    return digits if ten else "".join(_KANJI_DIGITS.get(char, char) for char in kanji)


def _on_a_day(hour: int, part: str, typed: str) -> int:
    """The hour of a part of the day; those of a clock of 24 hours may be said as well."""
    hours, added = _PARTS[part]
    if hour == 12 and part in _UNSURE_AT_TWELVE:
        raise UserError("digest.which_twelve", value=shown(typed))
    if hour > 23 or hour % 12 not in hours or (hour > 12 and not added):
        raise UserError("digest.bad_time", value=shown(typed))
    return hour % 12 + added


def _completed(text: str) -> Iterator[time]:
    part, _ = _part(_DOTTED.sub(r"\1m", text))
    try:
        first = time_of(text)
    except UserError:
        pass
    else:
        yield first
        hours = [first.hour]
        if part is None and 1 <= first.hour < 12 and ":" not in text and text[0] != "0":
            hours.append(first.hour + 12)
        for hour in hours:
            yield from (time(hour, minute) for minute in (0, 30, 15, 45))
    for minute in (0, 30, 15, 45):
        for hour in range(24):
            at = time(hour, minute)
            if any(name.startswith(text) for name in _names(at)):
                yield at


def _names(at: time) -> Iterator[str]:
    """How people begin to type a time."""
    yield from (time_text(at), f"{at.hour:02}:{at.minute:02}", f"{at.hour:02}{at.minute:02}")
    minutes = f"{at.minute}分" if at.minute else ""
    for minute in {minutes, "半" if at.minute == 30 else minutes}:
        yield f"{at.hour}時{minute}"
        yield f"{'午後' if at.hour > 11 else '午前'}{at.hour % 12}時{minute}"
    if at.hour == 12 and not at.minute:
        yield from ("正午", "noon")


def _weekdays(text: str) -> frozenset[int] | None:
    """Weekdays one after the other, with ranges; None where something else stands there."""
    found: set[int] = set()
    at = 0
    while at < len(text):
        if known := _SET.match(text, at):
            assert known.lastgroup is not None
            found |= _SETS[int(known.lastgroup[1:])][1]
        elif known := _DAY.match(text, at):
            first = last = _number(known)
            dash = _RANGE.match(text, known.end())
            if dash is not None and (until := _DAY.match(text, dash.end())):
                last, known = _number(until), until
            found |= {day % 7 for day in range(first, last + (7 if last < first else 0) + 1)}
        else:
            return None
        between = _BETWEEN.match(text, known.end())
        assert between is not None
        at = between.end()
    return frozenset(found)


def _number(day: re.Match[str]) -> int:
    assert day.lastgroup is not None
    return int(day.lastgroup[1:])
