"""The piece of a text that shows why it was found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.graphemes import boundary_after, boundary_before
from bot.search.term import Span

WIDTH = 120
ELLIPSIS = "…"

_SPACE = re.compile(r"\s")
_SENTENCE_ENDS = "。．.！？!?\n"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text on one line, with the places in it (half open) that were asked for.

    `start` and `end` say which part of the source it is; where something is left out an ellipsis
    stands.
    """

    text: str
    matches: tuple[Span, ...]
    start: int
    end: int


def snippet(source: str, spans: Sequence[Span], width: int = WIDTH) -> Snippet:
    """Cut the piece of at most `width` characters (and two ellipses) that shows most matches.

    `spans` are places in `source`, half open. Cuts only between graphemes.
    """
    start, end = _window(source, sorted(spans), width)
    if (start, end) != (0, len(source)):
        start, end = _at_graphemes(source, start, end)
    before = ELLIPSIS if start > 0 else ""
    after = ELLIPSIS if end < len(source) else ""
    shift = len(before) - start
    matches = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in _merged(spans)
        if first < end and last > start
    )
    # One character for one, so that the places stay right.
    line = _SPACE.sub(" ", source[start:end])
    return Snippet(f"{before}{line}{after}", matches, start, end)


def _window(source: str, spans: Sequence[Span], width: int) -> Span:
    if len(source) <= width:
        return 0, len(source)
    if not spans:
        return 0, width
    best = max(
        range(len(spans)),
        key=lambda i: (sum(last <= spans[i][0] + width for _, last in spans[i:]), -i),
    )
    first = spans[best][0]
    held = [last for _, last in spans[best:] if last <= first + width] or [first + width]
    room = width - (held[-1] - first)
    start = _sentence_start(source, max(0, first - room), first, max(0, first - room // 3))
    return start, min(len(source), start + width)


def _sentence_start(source: str, earliest: int, latest: int, otherwise: int) -> int:
    """The start of the sentence that holds the match, where it is near enough."""
    for at in range(latest, earliest, -1):
        if source[at - 1] in _SENTENCE_ENDS:
            return at
    return 0 if earliest == 0 else otherwise


def _at_graphemes(source: str, start: int, end: int) -> Span:
    """Move both ends inward to the nearest grapheme boundaries."""
    first = boundary_after(source, start)
    return first, max(first, boundary_before(source, end))


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
