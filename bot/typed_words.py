"""What the person typed who is being answered, so that the log can leave it out."""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import fields

from bot.intent import Intent

# What stands where a person's words were.
MASK = "…"
# Shorter ones, in bytes of UTF-8, are parts of too much else, and tell nothing.
_SHORTEST = 3

_typed: ContextVar[tuple[str, ...]] = ContextVar("typed", default=())


def note_typed(*texts: str) -> None:
    """From now on this task answers somebody who typed these texts."""
    _typed.set(texts)


def texts_in(intent: Intent | None) -> Iterator[str]:
    """The texts of which an intent is made."""
    if intent is None:
        return
    for part in fields(intent):
        value = getattr(intent, part.name)
        if isinstance(value, str):
            yield value


def without_typed(text: str) -> str:
    """A text without what was typed, as a whole and word by word, in whatever case."""
    words = {word for typed in _typed.get() for word in (typed, *typed.split())}
    telling = [word for word in words if len(word.encode()) >= _SHORTEST]
    if not telling:
        return text
    either = "|".join(re.escape(word) for word in sorted(telling, key=len, reverse=True))
    # Only letters of Latin script are parts of words that can be told apart like this.
    alone = rf"(?<![a-z0-9_])(?:{either})(?![a-z0-9_])"
    return re.sub(alone, MASK, text, flags=re.IGNORECASE)
