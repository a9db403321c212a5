"""Breaking lines at the edge of a terminal, as Japanese and English are broken."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes

from adapters.console.ink import CODE, Line, Look, Span

# Kinsoku: what must not begin a line, and what must not end one.
_NO_START = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー～〜）〕］｝〉》」』】｡､･ﾞﾟ｣ｰ,.:;?!)]}%％”’»›…‥℃"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶｧｨｩｪｫｯｬｭｮ"
)
_NO_END = frozenset("（〔［｛〈《「『【｢([{“‘«‹￥＄＃#@")
_SPACES = frozenset(" 　\t")
_TAB = "    "


class _Cell(NamedTuple):
    """What stands together always, its width in columns and its look."""

    text: str
    width: int
    look: Look

    @property
    def is_space(self) -> bool:
        return self.text in _SPACES

    @property
    def hangs(self) -> bool:
        """Whether it may vanish at the end of a line; in code spaces are meant."""
        return self.is_space and self.look.colour != CODE


def width_of(line: Line) -> int:
    """The columns that a line takes."""
    return sum(cell_len(span.text) for span in line)


def wrapped(line: Line, width: int | None) -> Iterator[Line]:
    """A line in pieces of at most `width` columns, at least two; None: in one piece.

    Breaks where words end and between Japanese characters; a word that is too long is folded. Only
    spaces at a break are lost, and of code not even those.
    """
    if width is None:
        yield line
        return
    line = tuple(Span(text.replace("\t", _TAB), look) for text, look in line)
    if width_of(line) <= width:
        yield line
        return
    cells = list(_cells(line))
    start = 0
    while start < len(cells):
        end = _end(cells, start, max(2, width))
        yield _joined(_without_hanging(cells[start:end]))
        start = end


def _cells(line: Line) -> Iterator[_Cell]:
    for text, look in line:
        spans, _ = split_graphemes(text)
        for start, end, width in spans:
            yield _Cell(text[start:end], width, look)


def _end(cells: Sequence[_Cell], start: int, width: int) -> int:
    """Where the piece ends that begins at `start`."""
    used, last_break = 0, None
    for at in range(start, len(cells)):
        cell = cells[at]
        if at > start and _may_break(cells[at - 1], cell):
            last_break = at
        if used + cell.width > width and at > start and not cell.hangs:
            return at if last_break is None else last_break
        used += cell.width
    return len(cells)


def _may_break(before: _Cell, behind: _Cell) -> bool:
    if behind.is_space:
        return False
    if before.is_space:
        return True
    if before.text in _NO_END or behind.text in _NO_START:
        return False
    return before.width == 2 or behind.width == 2


def _without_hanging(cells: list[_Cell]) -> list[_Cell]:
    while len(cells) > 1 and cells[-1].hangs:
        cells = cells[:-1]
    return cells


def _joined(cells: Sequence[_Cell]) -> Line:
    spans: list[Span] = []
    for cell in cells:
        if spans and spans[-1].look == cell.look:
            spans[-1] = Span(spans[-1].text + cell.text, cell.look)
        else:
            spans.append(Span(cell.text, cell.look))
    return tuple(spans)
