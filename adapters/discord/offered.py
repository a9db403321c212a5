"""What an option may become, as Discord offers it while somebody types."""

from collections.abc import Iterable
from typing import Any

from bot.chat.finding import length

# What one choice may be called, and be, in characters, of which signs beyond U+FFFF take two.
_LONGEST = 100
_MOST = 25


def choices_of(offers: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The first 25 labels and values that fit, with labels cut; a value is never cut."""
    fitting = [(label, value) for label, value in offers if 0 < length(value) <= _LONGEST]
    return [{"name": _cut(label) or value, "value": value} for label, value in fitting[:_MOST]]


def _cut(label: str) -> str:
    shown = " ".join(label.split())
    if length(shown) <= _LONGEST:
        return shown
    while length(shown) > _LONGEST - 1:
        shown = shown[:-1]
    return f"{shown}…"
