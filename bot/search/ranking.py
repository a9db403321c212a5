"""Which of the found comes first.

The score is the likelihood that somebody who has this text in mind asks with these words: for each
term the logarithm of its share of the text, so that a short text that is about the words comes
before a long one that mentions them. What was matched only by a relaxed form, or only in the title
of the post, counts less; a highlight and a newer day decide between equals.
"""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

from bot.search.term import Span

# Lengths are in characters; the constant keeps one-line answers from beating everything.
SMOOTHING = 30
TITLE_LENGTH = 12
HIGHLIGHT = 0.08
# A day is worth so little that ten years weigh less than a highlight.
DAY = 2e-5
BOUNDARY = 0.25


class Match(NamedTuple):
    """How one term was found in a text; `quality` is 1 for the term itself, less when relaxed."""

    spans: Sequence[Span]
    quality: float = 1.0


def score(
    text: str, matches: Sequence[Match], *, highlighted: bool, day: int, is_post: bool
) -> float:
    """The score of a normalised text; higher is better, and only comparisons mean something.

    `day` counts days (date.toordinal).
    """
    length = (TITLE_LENGTH if is_post else SMOOTHING) + len(text)
    total = DAY * day + (HIGHLIGHT if highlighted else 0.0)
    for spans, quality in matches:
        total += log(max(1, len(spans)) ** 0.5 * quality / length)
        if spans and _stands_alone(text, spans[0]):
            total += BOUNDARY
    return total


def _stands_alone(text: str, span: Span) -> bool:
    """Whether a match is no part of a longer run of the same script: 力 in 力, not in 努力."""
    start, end = span
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return _script(before) != _script(text[start]) and _script(after) != _script(text[end - 1])


def _script(char: str) -> str:
    if "\u3041" <= char <= "\u309f":
        return "hiragana"
    if "\u30a1" <= char <= "\u30ff":
        return "katakana"
    if "\u3400" <= char <= "\u9fff" or char == "々":
        return "kanji"
    return "other" if not char.isalnum() else "word"
