"""A limit of a platform that is broken, and how lengths and numbers are held against limits."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A limit that is broken: where in the request, which, and by what value."""

    where: str
    limit: str
    value: object


Findings = Iterator[Finding]


def twice(where: str, values: Sequence[object]) -> Findings:
    """Find values that are there more than once."""
    for value, times in Counter(value for value in values if value is not None).items():
        if times > 1:
            yield Finding(where, "the same twice", value)


def more(where: str, limit: str, value: int, most: int) -> Findings:
    """Find a number that is too high."""
    if value > most:
        yield Finding(where, limit, value)


def between(where: str, limit: str, text: object, least: int, most: int) -> Findings:
    """Find a text that is too short or too long; what is no text has no characters."""
    count = length(text) if isinstance(text, str) else 0
    if not least <= count <= most:
        yield Finding(where, limit, count)


def length(text: str) -> int:
    """The length as the strictest count has it: signs beyond U+FFFF twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
