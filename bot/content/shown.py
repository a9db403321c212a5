"""What a body looks like when it is shown: the one place that says what its signs mean."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from bot.content.addresses import address, restored
from bot.content.code import CodeSpan, code_spans
from bot.content.patterns import ADDRESS, BROKEN_BREAK, FLAG, LOST_NEWLINE, QUOTE_MARK, UNSEEN
from bot.view import Run, Text

# What says that a token of a kind may occur. Looking for all kinds in every body would take four
# times as long: most have none, and the others mostly quotes alone.
_MAY_QUOTE = re.compile("[＞>›]")
_MAY_LINK = re.compile("[:：]")
_MAY_BREAK = re.compile(r"[\\＼]|[bB][rR] ?[/／]? ?[>›＞〉》]")
_MAY_HIDE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_SPECIAL = re.compile(
    f"[`＞>›〉》\\\\＼:：\u2028\u2029{_MAY_HIDE.pattern.removeprefix('[').removesuffix(']')}]"
)


@cache
def _tokens(quotes: bool, links: bool, breaks: bool, hidden: bool) -> re.Pattern[str]:
    """What means something in a body, as far as it may occur there."""
    kinds = [
        (quotes, rf"(?P<mark>^{QUOTE_MARK.pattern})"),
        (links, rf"(?P<address>{ADDRESS.pattern})"),
        (
            breaks,
            rf"(?P<newline>{BROKEN_BREAK.pattern}|{LOST_NEWLINE.pattern})"
            rf"(?P<newline_mark>{QUOTE_MARK.pattern})?",
        ),
        (hidden, rf"(?P<flag>{FLAG.pattern})"),
        (hidden, rf"(?P<unseen>{UNSEEN.pattern})"),
    ]
    return re.compile("|".join(kind for occurs, kind in kinds if occurs), re.MULTILINE)


def _tokens_of(body: str) -> re.Pattern[str] | None:
    """What to look for in a body, None where there is nothing."""
    wanted = (
        _MAY_QUOTE.search(body) is not None,
        _MAY_LINK.search(body) is not None,
        _MAY_BREAK.search(body) is not None,
        _MAY_HIDE.search(body) is not None,
    )
    return _tokens(*wanted) if any(wanted) else None


# Whoever turns the pages of a fold sees the same bodies again with each of them.
@lru_cache(maxsize=1024)
def shown(body: str) -> Text:
    """The runs that show a body; their spans follow each other from its start to its end.

    A run's text is as long as its span, character for character, or the run is atomic: "" for what
    is not seen, a newline for a lost one. Never raises, and takes time in proportion to the length.

    - **Code** is what stands between backticks, which are not seen (bot/content/code.py says how
      they pair). Of a fence the language's name is not seen either, and its lines stand by
      themselves. Within code nothing else is interpreted, but for unseen characters.
    - **Quotes**: signs like 「＞」 at the start of a line, also several, are not seen; the rest of
      the line is quoted. The newline between two quoted lines is quoted as well. Elsewhere the
      sign stays what it is (「A＞B」).
    - **Addresses** of http and https are shown, and linked to, as they were before translating:
      ASCII for full-width signs, no characters without a width. Punctuation behind an address is
      no part of it, nor are brackets that it does not open itself. One that was cut ("...", "…")
      and one without a public name (localhost) are not linked.
    - **Newlines**: `<br>` with changed brackets (「‹br＞」), U+2028 and U+2029, and a written "\\n"
      where one was lost, become newlines and start a line. A "\\n" that is meant stays: within
      quotation marks, in patterns and paths.
    - **Unseen characters** are left out: controls but for newline and tab, direction marks,
      characters without a width (joiners within emoji stay), variation selectors but the first,
      tags that make no flag, lone surrogates.
    - All else stays as it stands: `<word>`, `<k, v>`, `**bold**`, `[text](address)`, `&gt;`.
    """
    if not body:
        return ()
    if _SPECIAL.search(body) is None:
        return (Run(body, (0, len(body))),)
    return _mended(body)


def _mended(body: str) -> Text:
    # One character for one, so that the places stay right.
    body = body.replace("\u2028", "\n").replace("\u2029", "\n")
    runs = _Runs(body)
    at = 0
    for span in code_spans(body) if "`" in body else ():
        _prose(runs, at, span.start)
        _code(runs, span)
        at = span.end
    _prose(runs, at, len(body))
    return runs.text()


class _Runs:
    """The runs so far; those from `self._start` on, which look alike, are not joined yet.

    What is added follows what was added before. `quoted` is set while within a quoted line.
    """

    def __init__(self, body: str) -> None:
        self.body = body
        self.tokens = _tokens_of(body)
        self.quoted = False
        self._done: list[Run] = []
        self._texts: list[str] = []
        self._start = self._end = 0
        self._look = (False, False, False)

    @property
    def end(self) -> int:
        """How far into the body the runs go."""
        return self._end

    def show(self, end: int, text: str | None = None, code: bool = False) -> None:
        """Show the characters up to `end` one for one: as they stand, or as `text`."""
        self._add(end, self.body[self._end : end] if text is None else text, (False, code))

    def drop(self, end: int) -> None:
        """Show nothing of the characters up to `end`."""
        self._add(end, "", (True, False))

    def whole(self, end: int, text: str, link: str | None = None) -> None:
        """Show the characters up to `end` as `text`, in a run of its own."""
        self._close()
        self._done.append(Run(text, (self._end, end), quoted=self.quoted, link=link))
        self._start = self._end = end

    def text(self) -> Text:
        """All runs."""
        self._close()
        return tuple(self._done)

    def _add(self, end: int, text: str, look: tuple[bool, bool]) -> None:
        if end == self._end:
            return
        if (*look, self.quoted) != self._look:
            self._close()
            self._look = (*look, self.quoted)
        self._texts.append(text)
        self._end = end

    def _close(self) -> None:
        if self._start < self._end:
            _, code, quoted = self._look
            text = "".join(self._texts)
            self._done.append(Run(text, (self._start, self._end), code=code, quoted=quoted))
            self._texts.clear()
            self._start = self._end


def _prose(runs: _Runs, start: int, end: int) -> None:
    """Add body[start:end], which has no code."""
    for token in () if runs.tokens is None else runs.tokens.finditer(runs.body, start, end):
        kind = token.lastgroup
        first, last = token.span()
        _plain(runs, first, before_mark=kind == "mark")
        if kind == "address":
            _address(runs, first, last)
        elif kind == "flag":
            runs.show(last)
        elif kind == "unseen":
            runs.drop(last)
        else:
            if kind != "mark":
                _line_break(runs, token["newline"], token.end("newline"), kind == "newline_mark")
            if kind != "newline":
                runs.quoted = True
                runs.drop(last)
    _plain(runs, end, before_mark=False)


def _plain(runs: _Runs, end: int, before_mark: bool) -> None:
    """Add characters that mean themselves; a quoted line among them ends with its newline."""
    if runs.quoted:
        newline = runs.body.find("\n", runs.end, end)
        if newline >= 0:
            between_marks = before_mark and newline + 1 == end
            runs.show(end if between_marks else newline)
            runs.quoted = between_marks
    runs.show(end)


def _line_break(runs: _Runs, written: str, end: int, before_mark: bool) -> None:
    runs.quoted = runs.quoted and before_mark
    runs.whole(end, "\n" * (max(1, written.count("n"))))


def _address(runs: _Runs, start: int, end: int) -> None:
    found = address(runs.body, start, end)
    if found.link is None:
        # Text like any other, which can be cut anywhere.
        _seen(runs, found.end, restored)
    else:
        runs.whole(found.end, found.text, found.link)
    _seen(runs, end)


def _seen(runs: _Runs, end: int, change: Callable[[str], str] = str, code: bool = False) -> None:
    """Add characters as they stand, or as they are changed one for one, but for unseen ones."""
    for unseen in UNSEEN.finditer(runs.body, runs.end, end):
        runs.show(unseen.start(), change(runs.body[runs.end : unseen.start()]), code)
        runs.drop(unseen.end())
    runs.show(end, change(runs.body[runs.end : end]), code)


def _code(runs: _Runs, span: CodeSpan) -> None:
    if span.break_before or "\n" in runs.body[span.inner : span.inner_end]:
        runs.quoted = False
    _marks(runs, span.inner, span.break_before)
    _seen(runs, span.inner_end, code=True)
    _marks(runs, span.end, span.break_after)


def _marks(runs: _Runs, end: int, breaks: bool) -> None:
    if breaks:
        runs.whole(end, "\n")
    else:
        runs.drop(end)
