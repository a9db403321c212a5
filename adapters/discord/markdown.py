"""Rich text as Discord's markdown, in which what others wrote shows exactly as they wrote it.

Discord takes a backslash before any sign for that sign itself. Every sign that may begin something
is escaped wherever it stands, so nothing depends on what comes before or behind it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType

from bot.chat.visible import is_blank, visible
from bot.view import Moment, Run, Text

# Looks, links, mentions, times, emoji, headings, quotes.
_SIGNS = "\\*_~`|[]<>@#:"
# What begins an entry of a list, or small print, where a line begins.
_LINE_SIGNS = "-+."
# What a character takes once it is escaped.
ESCAPED: Mapping[str, int] = MappingProxyType(dict.fromkeys(_SIGNS + _LINE_SIGNS, 2))

_SIGN = re.compile(f"[{re.escape(_SIGNS)}]")
_LINE_START = re.compile(r"^(\s*\d*)(?:(?<!\d)(?=[-+])|(?<=\d)(?=\.))")

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_TARGET = re.compile(r"https?://[^\s<>\"\\`]+", re.IGNORECASE)
# How Discord looks for the words of a link: it does not know there that brackets may be escaped.
_LINK_WORDS = re.compile(r"(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*")
# Round brackets of an address that may be written as %XX; `LIMITS` has room for so many.
_MOST_BRACKETS = 2
_BRACKETS = str.maketrans({"(": "%28", ")": "%29"})
_BOLD = "**"
_FENCE = "```"


def escaped(text: str) -> str:
    """A text as it is written to be shown as it is, but for the beginnings of its lines."""
    return _escaped(visible(text))


def _escaped(shown: str) -> str:
    return _SIGN.sub(_backslashed, shown)


def _backslashed(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def timestamp(moment: Moment) -> str:
    """A point in time, which Discord shows in the reader's zone and language."""
    return f"<t:{int(moment.at.timestamp())}:{'f' if moment.clock else 'd'}>"


def bold(written: str) -> str:
    """A line of markdown in bold, if there is anything to see; one with bold parts stays."""
    return written if not written.strip() or _BOLD in written else f"{_BOLD}{written}{_BOLD}"


def markdown(text: Text) -> str:
    """The markdown of a text.

    A link keeps its words where these are ours, and shows where it leads where they look like an
    address: nobody can hide another one behind it. Code is kept, unless its backticks forbid it;
    lines of which something is quoted are quotes.
    """
    lines = _Lines()
    for link, runs in groupby(_joined(text), _link_of):
        together = tuple(run for run in runs if isinstance(run, Run)) if link is not None else ()
        if link is not None and (written := _link(together, link)) is not None:
            lines.add(written, any(run.quoted for run in together))
        else:
            for run in together or runs:
                _add(lines, run)
    return lines.written()


def _add(lines: "_Lines", run: Run | Moment) -> None:
    """Add what is no link."""
    if isinstance(run, Moment):
        lines.add(timestamp(run))
    elif _is_block(run):
        lines.add_block(f"{_FENCE}\n{run.text}\n{_FENCE}")
    else:
        _add_text(lines, run)


def _link_of(run: Run | Moment) -> str | None:
    """Where a run leads; those beside each other that lead to one place are one link."""
    return run.link if isinstance(run, Run) else None


def _joined(text: Text) -> Iterator[Run | Moment]:
    """The runs as far as they are seen; code beside code is one, which else would end neither."""
    before: Run | None = None
    for run in text:
        if isinstance(run, Run):
            seen = visible(run.text)
            if not seen:
                continue
            if seen is not run.text:
                run = replace(run, text=seen)
            if run.code and run.link is None:
                joined = "" if before is None else before.text
                quoted = run.quoted or (before is not None and before.quoted)
                before = replace(run, text=joined + run.text, quoted=quoted)
                continue
        if before is not None:
            yield before
            before = None
        yield run
    if before is not None:
        yield before


def _is_block(run: Run) -> bool:
    """Whether it is code that stands on lines of its own."""
    if not run.code or run.link is not None or run.quoted:
        return False
    return "\n" in run.text and bool(run.text.strip()) and "``" not in run.text


def _add_text(lines: "_Lines", run: Run) -> None:
    for number, piece in enumerate(run.text.split("\n")):
        if number:
            lines.turn()
        code = _inline_code(piece) if run.code and run.link is None else None
        if code is not None:
            lines.add(code, run.quoted)
        else:
            lines.add_words(piece, run.bold, run.quoted)


def _inline_code(text: str) -> str | None:
    """A line of code, None where it cannot be written as that."""
    if not text.strip():
        return None
    if "`" not in text:
        return f"`{text}`"
    if "``" in text or text[0] == "`" or text[-1] == "`":
        return None
    return f"``{text}``"


def _link(runs: Sequence[Run], link: str) -> str | None:
    """Runs that lead to one place, None where they cannot be a link."""
    if _TARGET.fullmatch(link) is None or visible(link) != link or _BOLD in link:
        return None
    text = "".join(run.text for run in runs)
    if text.casefold() == link.casefold():
        return f"<{text}>"
    if _ADDRESS.search(text) is not None or is_blank(text) or "\n" in text:
        return None
    inner = _Lines()
    for run in runs:
        inner.add_words(run.text, run.bold, quoted=False)
    words = inner.written()
    brackets = link.count("(") + link.count(")")
    if brackets > _MOST_BRACKETS or _LINK_WORDS.fullmatch(words) is None:
        return None
    return f"[{words}]({link.translate(_BRACKETS)})"


class _Lines:
    """The lines so far, and the pieces of the last one."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._quoted = self._bold = self._has_block = False

    def add(self, piece: str, quoted: bool = False) -> None:
        """Add markdown that stands by itself."""
        self._set_bold(False)
        self._quote(quoted)
        self._line.append(piece)

    def add_words(self, words: str, is_bold: bool, quoted: bool) -> None:
        """Add words of a line; bold ones join those before."""
        # A line break alone does not say whose line it begins.
        self._quote(quoted and bool(words))
        if words.strip():
            self._set_bold(is_bold)
        self._line.append(_escaped(words))

    def add_block(self, block: str) -> None:
        """Add what has lines of its own, which are no part of a quote."""
        if self._quoted:
            self.turn()
        self.add(block)
        self._has_block = True

    def turn(self) -> None:
        """Begin a new line."""
        self._set_bold(False)
        line = "".join(self._line)
        if (start := _LINE_START.match(line)) is not None:
            line = f"{line[: start.end()]}\\{line[start.end() :]}"
        self._done.append(f"> {line}" if self._quoted else line)
        self._line.clear()
        self._quoted = self._has_block = False

    def written(self) -> str:
        """All lines."""
        self.turn()
        return "\n".join(self._done)

    def _quote(self, quoted: bool) -> None:
        if quoted and self._has_block:
            self.turn()
        self._quoted = self._quoted or quoted

    def _set_bold(self, is_bold: bool) -> None:
        if is_bold is not self._bold:
            self._line.append(_BOLD)
            self._bold = is_bold
