"""Where the code is in a body: between backticks, as in Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TICKS = re.compile("`+")
_TAG = re.compile(r"[\w+#.-]*\n", re.ASCII)
_FENCE = 3


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A piece of code: its marks begin at `start` and `inner_end`, the code at `inner`.

    The marks of a fence take the line breaks beside them along; `break_before` and `break_after`
    say where a line must end all the same.
    """

    start: int
    inner: int
    inner_end: int
    end: int
    break_before: bool = False
    break_after: bool = False


@dataclass(frozen=True, slots=True)
class _Ticks:
    start: int
    end: int
    line: int

    @property
    def length(self) -> int:
        return self.end - self.start


def code_spans(body: str) -> Iterator[CodeSpan]:
    """The pieces of code in order.

    Code ends at the next backticks that are as many. Three and more are a fence, which may hold
    anything, and at the start of a line needs no end but the body's. One or two end on their line;
    where that would leave one over in two lines, the code goes from one to the other, but not over
    an empty line. All else are just backticks.
    """
    ticks = list(_ticks(body))
    partners = _partners(ticks)
    alone = Counter(tick.line for tick in ticks if tick.length == 1)
    at = 0
    while at < len(ticks):
        opening, partner = ticks[at], partners[at]
        closing = None if partner is None else ticks[partner]
        at += 1
        if opening.length >= _FENCE:
            if closing is None and not _open_fence(body, opening):
                continue
            yield _fence(body, opening, closing)
        elif closing is not None and _pair(body, opening, closing, alone):
            yield CodeSpan(opening.start, opening.end, closing.start, closing.end)
        else:
            continue
        at = len(ticks) if partner is None else partner + 1


def _ticks(body: str) -> Iterator[_Ticks]:
    line = behind = 0
    for found in _TICKS.finditer(body):
        line += body.count("\n", behind, found.start())
        behind = found.end()
        yield _Ticks(found.start(), behind, line)


def _partners(ticks: Sequence[_Ticks]) -> list[int | None]:
    """For each the number of the next that are as many."""
    partners: list[int | None] = [None] * len(ticks)
    nearest: dict[int, int] = {}
    for at in range(len(ticks) - 1, -1, -1):
        partners[at] = nearest.get(ticks[at].length)
        nearest[ticks[at].length] = at
    return partners


def _pair(body: str, opening: _Ticks, closing: _Ticks, alone: Counter[int]) -> bool:
    if opening.line == closing.line:
        return True
    return (
        opening.length == 1
        and alone[closing.line] % 2 == 1
        and body.find("\n\n", opening.end, closing.start) < 0
    )


def _open_fence(body: str, opening: _Ticks) -> bool:
    return _starts_line(body, opening.start) and opening.end < len(body)


def _fence(body: str, opening: _Ticks, closing: _Ticks | None) -> CodeSpan:
    tag = _TAG.match(body, opening.end)
    inner = opening.end if tag is None else tag.end()
    break_before = tag is not None and not _starts_line(body, opening.start)
    if closing is None:
        return CodeSpan(opening.start, inner, len(body), len(body), break_before)
    inner_end = closing.start
    break_after = False
    if inner < inner_end and _starts_line(body, inner_end):
        inner_end -= 1
        break_after = closing.end < len(body) and body[closing.end] != "\n"
    return CodeSpan(
        opening.start, inner, max(inner, inner_end), closing.end, break_before, break_after
    )


def _starts_line(body: str, at: int) -> bool:
    return at == 0 or body[at - 1] == "\n"
