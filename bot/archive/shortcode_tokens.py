"""Hugo's shortcodes as tokens: a lexer that takes and refuses what Hugo 0.168 does.

The rules are those of Hugo's `parser/pageparser`; where they look odd (a backslash before a
backquote is an error, every backslash of a value goes once one of its quotes is escaped), Hugo does
the same, and a test holds both against each other. Positions are offsets into the text, in
characters.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

_OPENING = re.compile(r"\{\{[<%]")
# Spaces are those of ASCII; a full-width one is a character like any other.
_SPACES = re.compile(r"[ \t\r\n\v\f]*")
_TO_SPACE = re.compile(r"[^ \t\r\n\v\f]*")
_NAME = re.compile(r"[\w\-/]*")
_PARAM = re.compile(r"[\w\-.]*")
_PLAIN_QUOTED = re.compile(r'"([^"\\\n]*)"')
# `name="value"` without a backslash: all but a few hundred arguments of a real archive.
_PLAIN_ARGUMENT = re.compile(r'[ \t\r\n\v\f]*([A-Za-z_][A-Za-z0-9_-]*)="([^"\\\n]*)"')
# A shortcode of plain arguments only: nearly all of a real archive, and many times as fast.
_WHOLE = re.compile(
    r"\{\{<[ \t]*+([A-Za-z_][A-Za-z0-9_]*+)"
    r'((?:[ \t]++[A-Za-z_][A-Za-z0-9_-]*+="[^"\\\n]*+")++)[ \t]*+>\}\}'
)
_ARGUMENTS = re.compile(r'([A-Za-z_][A-Za-z0-9_-]*+)="([^"\\\n]*+)"')
_INLINE = "inline "


class ShortcodeError(Exception):
    """The text is not what Hugo takes; `key` names the reason, `position` is where."""

    def __init__(self, key: str, position: int, name: str = "") -> None:
        super().__init__(key, position, name)
        self.key = key
        self.position = position
        self.name = name


class Kind(Enum):
    """The kinds of tokens."""

    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    CLOSE = auto()
    NAME = auto()
    ARGUMENT = auto()
    WHOLE = auto()
    PARAM = auto()
    VALUE = auto()
    END = auto()


class Token(NamedTuple):
    """One token; `quoted` marks values that stay text even where they look like a number.

    An ARGUMENT is a name (`text`) with its quoted `value`: what a PARAM and a VALUE say in two. A
    WHOLE is all from LEFT to RIGHT of a shortcode in plain form, with its `arguments`.
    """

    kind: Kind
    position: int
    text: str = ""
    quoted: bool = False
    value: str = ""
    arguments: Sequence[tuple[str, str]] = ()


def tokens_of(text: str) -> list[Token]:
    """The tokens of a page's text, END the last. Raises ShortcodeError."""
    return _Lexer(text).tokens()


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a run that starts at `at` ends; the pattern matches nothing, too."""
    found = pattern.match(text, at)
    assert found is not None
    return found.end()


def _is_alphanumeric(char: str) -> bool:
    """Go's `_`, letter or digit: Python's \\w takes other numbers (², Ⅳ) as well."""
    return char == "_" or char.isalpha() or char.isdecimal()


class _Lexer:
    """Rob Pike's state machine as Hugo has it: text outside, elements inside a shortcode."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[Token] = []
        self._ever_opened: set[str] = set()
        self._any_name = False

    def tokens(self) -> list[Token]:
        text = self._text
        at = 0
        while (opening := _OPENING.search(text, at)) is not None:
            start = opening.start()
            if start > at:
                self._tokens.append(Token(Kind.TEXT, at, text[at:start]))
            if (whole := _WHOLE.match(text, start)) is not None:
                name = whole[1]
                arguments = _ARGUMENTS.findall(whole[2])
                self._tokens.append(Token(Kind.WHOLE, start, name, True, "", arguments))
                self._ever_opened.add(name)
                self._any_name = True
                at = whole.end()
                continue
            right = ">}}" if text[start + 2] == "<" else "%}}"
            if text.startswith("/*", start + 3):
                at = self._comment(start, right)
            else:
                self._emit(Kind.LEFT, start)
                at = self._inside(start + 3, right)
        if at < len(text):
            self._emit(Kind.TEXT, at, text[at:])
        self._emit(Kind.END, len(text))
        return self._tokens

    def _emit(self, kind: Kind, position: int, text: str = "", quoted: bool = False) -> None:
        self._tokens.append(Token(kind, position, text, quoted))

    def _comment(self, start: int, right: str) -> int:
        """`{{</* x */>}}` stands for the text `{{< x >}}`."""
        inner = start + 5
        end = self._text.find("*/" + right, start + 3)
        if end <= start + 4:
            raise ShortcodeError("comment_not_closed", start)
        self._emit(Kind.TEXT, start, self._text[start : start + 3])
        self._emit(Kind.TEXT, inner, self._text[inner:end])
        self._emit(Kind.TEXT, end, right)
        return end + 2 + len(right)

    def _inside(self, at: int, right: str) -> int:
        """The elements up to and with the right delimiter; the position behind it."""
        text = self._text
        named = False
        elements = 0
        in_name_position = True
        closing = False
        while True:
            if (
                not in_name_position
                and (named or not elements)
                and (argument := _PLAIN_ARGUMENT.match(text, at))
            ):
                name, value = argument.groups()
                self._tokens.append(Token(Kind.ARGUMENT, at, name, True, value))
                at, named, elements = argument.end(), True, elements + 1
                continue
            at = _end_of(_SPACES, text, at)
            if text.startswith(right, at):
                self._emit(Kind.RIGHT, at)
                return at + len(right)
            if at >= len(text):
                raise ShortcodeError("cut_off", at)
            char = text[at]
            if char == "=":
                at = self._value(at + 1)
            elif char == "/":
                if not self._any_name:
                    raise ShortcodeError("none_open", at)
                closing = in_name_position = True
                self._emit(Kind.CLOSE, at)
                at += 1
            elif char == "\\":
                at += 1
                if text.startswith(('"', "`"), at):
                    at, named, elements = self._param(at, named, elements, escaped=True)
            elif not in_name_position and (char in '"`-' or _is_alphanumeric(char)):
                at, named, elements = self._param(at, named, elements, escaped=False)
            elif _is_alphanumeric(char):
                at = self._name(at, closing)
                in_name_position = False
                if closing:
                    at = self._end(at, right)
                    self._emit(Kind.RIGHT, at)
                    return at + len(right)
            else:
                raise ShortcodeError("bad_character", at, char)

    def _run(self, pattern: re.Pattern[str], at: int, extra: str) -> int:
        """Where the run of Go's letters and digits (and `extra`) that starts at `at` ends."""
        end = _end_of(pattern, self._text, at)
        run = self._text[at:end]
        if not run.isascii():
            for offset, char in enumerate(run):
                if not (_is_alphanumeric(char) or char in extra):
                    return at + offset
        return end

    def _name(self, at: int, closing: bool) -> int:
        end = self._run(_NAME, at, "-/")
        if self._text.startswith(".", end):
            # Inline shortcodes are templates in the text; Hugo has them off unless configured.
            key = "inline" if self._text.startswith(_INLINE, end + 1) else "bad_name"
            raise ShortcodeError(key, at, self._text[at:end])
        name = self._text[at:end]
        if closing and name not in self._ever_opened:
            raise ShortcodeError("no_start", at, name)
        self._ever_opened.add(name)
        self._any_name = True
        self._emit(Kind.NAME, at, name)
        return end

    def _end(self, at: int, right: str) -> int:
        """Behind a closing tag's name only spaces may stand."""
        at = _end_of(_SPACES, self._text, at)
        if not self._text.startswith(right, at):
            raise ShortcodeError("cut_off", at)
        return at

    def _param(
        self, at: int, named: bool, elements: int, *, escaped: bool
    ) -> tuple[int, bool, int]:
        """A positional argument or the name of a named one; the two cannot be mixed."""
        char = self._text[at]
        if char == "`" and escaped:
            raise ShortcodeError("bad_escape", at)
        if char in '"`':
            if elements and named:
                raise ShortcodeError("mixed", at)
            end = (
                self._raw(at, Kind.PARAM)
                if char == "`"
                else self._quoted(at, Kind.PARAM, not escaped)
            )
            return end, False, 1
        end = self._run(_PARAM, at, "-.")
        is_named = self._text.startswith("=", end) and end > at
        if elements and is_named != named:
            raise ShortcodeError("mixed", at, self._text[at:end])
        self._emit(Kind.PARAM, at, self._text[at:end])
        return end, is_named if not elements else named, elements + 1

    def _value(self, at: int) -> int:
        at = _end_of(_SPACES, self._text, at)
        char = self._text[at : at + 1]
        if char in ('"', "\\"):
            return self._quoted(at, Kind.VALUE, escapes=char == '"')
        if char == "`":
            return self._raw(at, Kind.VALUE)
        end = _end_of(_TO_SPACE, self._text, at)
        self._emit(Kind.VALUE, at, self._text[at:end])
        return end

    def _raw(self, at: int, kind: Kind) -> int:
        end = self._text.find("`", at + 1)
        if end < 0:
            raise ShortcodeError("not_terminated", at)
        self._emit(kind, at, self._text[at + 1 : end], quoted=True)
        return end + 1

    def _quoted(self, at: int, kind: Kind, escapes: bool) -> int:
        if escapes and (plain := _PLAIN_QUOTED.match(self._text, at)):
            self._emit(kind, at, plain[1], quoted=True)
            return plain.end()
        return self._quoted_with_backslashes(at, kind, escapes)

    def _quoted_with_backslashes(self, at: int, kind: Kind, escapes: bool) -> int:
        """The rare value that holds a backslash, or whose quotes themselves are escaped."""
        text = self._text
        start: int | None = None
        has_escaped_quote = False
        position = at
        while True:
            char = text[position : position + 1]
            following = text[position + 1 : position + 2]
            if char in ("", "\n"):
                raise ShortcodeError("not_terminated", at)
            if char == "\\" and following == "`":
                raise ShortcodeError("bad_escape", position)
            if char == "\\" and following == '"' and start is not None:
                if not escapes:
                    break
                has_escaped_quote = True
                position += 1
            elif char == '"':
                if start is not None:
                    break
                start = position + 1
            position += 1
        value = text[start:position]
        self._emit(kind, at, value.replace("\\", "") if has_escaped_quote else value, quoted=True)
        return position + (2 if text[position] == "\\" else 1)
