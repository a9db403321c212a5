"""Cutting texts where it hurts least: between paragraphs, lines, sentences, words, graphemes."""

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.content.graphemes import boundary_before
from bot.view import Moment, Run, Text

Measure = Callable[[Run | Moment], int]

ELLIPSIS = "…"

_CLOSING = "」』）〉》】］\\])”’\"'"
_ASCII_GOES_ON = "0-9A-Za-z=/&%_.．-"
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(
    rf"(?:[。！？｡]|[.．!?](?![{_ASCII_GOES_ON}]))[{_CLOSING}]*[ \u3000]*"
    rf"(?![。！？｡.．!?{_CLOSING} \u3000])"
)
_SENTENCE_OR_LINE = re.compile(rf"{_SENTENCE.pattern}|\n")
_WORD = re.compile(r"[ \u3000、，]+|,(?!\d)")
_BREAKS = (_BLANK, _LINE, _SENTENCE, _WORD)
_SHORT_BREAKS = (_SENTENCE_OR_LINE, _WORD)
# How far patterns look behind the place where a text has to end at the latest.
_AHEAD = 8
# What a moment stands for in the string that breaks are looked for in.
_OBJECT = "\ufffc"


def cut(text: Text, room: int, measure: Measure, page: int | None = None) -> tuple[Text, Text]:
    """The part of a text that fits into `room`, and the rest; one after the other they are it.

    `measure` gives what a run takes, at least 1 for each character; runs add up. The first part
    ends at the last of the best places in the second half of what fits: behind an empty line, else
    a line, a sentence, a word, a grapheme. A link, code, a moment or an atomic run is cut only if
    it would not fit into `page` (what an empty page holds; `room` by default) either: a link is
    one no more then, an atomic run divides its span as well as it can. A grapheme is cut only if
    it does not fit into a page. The first part is () where nothing fits.
    """
    return _cut(text, room, measure, room if page is None else max(room, page), _BREAKS)


def shortened(text: Text, length: int, measure: Measure | None = None) -> Text:
    """A text of at most `length`, in characters or as `measure` has it, the ellipsis included.

    Ends with a sentence or a line where one ends in the second half, and never with white space;
    within a link or code only if nothing else stands before. The ellipsis is a run without a
    source.
    """
    measure = characters if measure is None else measure
    if sum(map(measure, text)) <= length:
        return text
    ellipsis = Run(ELLIPSIS)
    room = length - measure(ellipsis)
    head = _stripped(_cut(text, room, measure, sys.maxsize, _SHORT_BREAKS)[0])
    if not head:
        head = _stripped(_cut(text, room, measure, room, _SHORT_BREAKS)[0])
    return (*head, ellipsis)


def between(text: Text, start: int, end: int) -> Text:
    """What of a text shows the part of a body from `start` to `end` (in characters).

    Parts that follow each other are the text, as those of `cut` are: what they cut is cut alike.
    """
    return tuple(
        part
        for run in text
        if isinstance(run, Run) and run.source is not None
        if (part := _between(run, *run.source, start, end)) is not None
    )


def _between(run: Run, first: int, last: int, start: int, end: int) -> Run | None:
    if first >= end or (last <= start and first < start):
        return None
    if start <= first and last <= end:
        return run
    # An atomic run divides its span only as well as it can: its last part has all that is left.
    text = run.text[max(0, start - first) : None if last <= end else end - first]
    return replace(run, text=text, source=(max(first, start), min(last, end)), link=None)


def characters(run: Run | Moment) -> int:
    """The length of a run; a moment's is that of "2025-06-01 12:00"."""
    return len(run.text) if isinstance(run, Run) else 16


def _cut(
    text: Text, room: int, measure: Measure, page: int, breaks: Sequence[re.Pattern[str]]
) -> tuple[Text, Text]:
    left = room
    for number, run in enumerate(text):
        # What has more characters than a page needs no measuring.
        size = measure(run) if len(_string(run)) <= page else page + 1
        if size <= left:
            left -= size
            continue
        loose = _loose(run, size > page)
        fitting = 0 if loose is None else _fitting(loose, left, measure)
        if loose is not None:
            text = (*text[:number], loose, *text[number + 1 :])
        at = _place(_Cuttable.of(text[:number], loose, fitting), breaks, by_force=room >= page)
        return _split(text, at)
    return text, ()


def _loose(run: Run | Moment, too_long: bool) -> Run | None:
    """The run as it may be cut, if it may be cut."""
    if isinstance(run, Moment) or not (too_long or not _is_whole(run)):
        return None
    return run if run.link is None else replace(run, link=None)


def _is_whole(run: Run) -> bool:
    if run.code or run.link is not None:
        return True
    return run.source is not None and run.source[1] - run.source[0] != len(run.text)


def _fitting(run: Run, room: int, measure: Measure) -> int:
    """How many of a run's characters fit."""
    low, high = 0, max(0, min(len(run.text), room))
    while low < high:
        middle = (low + high + 1) // 2
        if measure(replace(run, text=run.text[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class _Cuttable:
    """What fits as a string (and a little more), how much of it, and where it must not be cut.

    The forbidden stretches are open intervals in order.
    """

    string: str
    latest: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @staticmethod
    def of(runs: Text, loose: Run | None, fitting: int) -> "_Cuttable":
        strings: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for run in runs:
            string = _string(run)
            if isinstance(run, Run) and _is_whole(run) and string:
                starts.append(at)
                ends.append(at + len(string))
            strings.append(string)
            at += len(string)
        if loose is not None:
            strings.append(loose.text[: fitting + _AHEAD])
        return _Cuttable("".join(strings), at + fitting, tuple(starts), tuple(ends))

    def allowed(self, at: int) -> int:
        """The last place up to `at` that is not forbidden."""
        number = bisect_left(self.starts, at) - 1
        return self.starts[number] if number >= 0 and at < self.ends[number] else at


def _place(cuttable: _Cuttable, breaks: Sequence[re.Pattern[str]], by_force: bool) -> int:
    """Where to cut; 0 only if nothing can stand before it."""
    latest = cuttable.latest
    earliest = (latest + 1) // 2
    for pattern in breaks:
        for at in reversed(list(_ends(pattern, cuttable.string, earliest, latest))):
            if cuttable.allowed(at) == at:
                return at
    at = cuttable.allowed(boundary_before(cuttable.string, latest))
    return latest if at == 0 and by_force else at


def _ends(pattern: re.Pattern[str], string: str, earliest: int, latest: int) -> Iterator[int]:
    for found in pattern.finditer(string, max(0, earliest - 1), latest + _AHEAD):
        if max(1, earliest) <= found.end() <= latest:
            yield found.end()
        elif pattern is _BLANK and found.start() + 2 <= latest < found.end():
            yield latest


def _split(text: Text, at: int) -> tuple[Text, Text]:
    """Both sides of a place in the text's string."""
    for number, run in enumerate(text):
        if at == 0:
            return text[:number], text[number:]
        length = len(_string(run))
        if at < length:
            assert isinstance(run, Run)
            head, tail = _halves(run, at)
            return (*text[:number], head), (tail, *text[number + 1 :])
        at -= length
    return text, ()


def _halves(run: Run, at: int) -> tuple[Run, Run]:
    if run.source is None:
        return replace(run, text=run.text[:at]), replace(run, text=run.text[at:])
    start, end = run.source
    middle = min(start + at, max(start, end - 1))
    return (
        replace(run, text=run.text[:at], source=(start, middle)),
        replace(run, text=run.text[at:], source=(middle, end)),
    )


def _string(run: Run | Moment) -> str:
    return run.text if isinstance(run, Run) else _OBJECT


def _stripped(text: Text) -> Text:
    """Without white space at the end."""
    while text and isinstance(text[-1], Run):
        last = text[-1]
        kept = len(last.text.rstrip())
        if kept == len(last.text) and kept > 0:
            break
        text = text[:-1] if kept == 0 else (*text[:-1], _halves(last, kept)[0])
    return text
