"""The normalised form of text, in which everything is compared, and the way back to the original.

Normalised text is NFKC and case-folded, so that ＧＰＵ is gpu and ｻｰﾊﾞ is サーバ; characters that
nobody sees (NUL, zero-width, direction marks) and private-use characters, which the index keeps for
itself, are dropped, and so are lone surrogates, which no file and no database can hold.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_DROPPED = re.compile(
    "[\x00\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\ue000-\uf8ff\ud800-\udfff\U000f0000-\U0010ffff]"
)
# Runs that normalising leaves as they are; what joins the character before it ends one early.
_STABLE = re.compile(
    "[\t\n -@\\[-~\u3001\u3002\u300c\u300d\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]+"
    "(?=[\t\n -~\u3001\u3002\u300c\u300d\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]|$)"
)
# Texts of these only: each character gives one.
_ONE_TO_ONE = re.compile(
    "[\t\n -~\u2010-\u2015\u2018-\u201f\u2190-\u2193\u3000-\u3029\u3041-\u3096\u30a1-\u30fe"
    "\u4e00-\u9fff\uff01-\uff5e]*"
)
# Half-width sound marks and Hangul vowels compose with what stands before them, though they are
# no combining characters.
_COMPOSING = re.compile("[\u1161-\u11ff\u3099\u309a\uff9e\uff9f]")


# For these half of all comments would need the slow way through NFKC. Done first, they make
# normalising five times as fast.
_FREQUENT = tuple((c, unicodedata.normalize("NFKC", c)) for c in "？！（）＞＜：／．，％～…　")


# The rest of the full-width forms of ASCII; one of them in a text costs less this way as well.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def normalise(text: str) -> str:
    """The normalised form of a text."""
    # Asking whether there is anything to do takes a fraction of doing it; nothing that is dropped
    # is printable.
    if not text.isprintable():
        text = _DROPPED.sub("", text)
    if not unicodedata.is_normalized("NFKC", text):
        for char, plain in _FREQUENT:
            if char in text:
                text = text.replace(char, plain)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text.translate(_FULL_WIDTH))
    return text.casefold()


@dataclass(frozen=True, slots=True)
class MappedText:
    """A normalised text with the way back: character i stems from source[starts[i]:ends[i]]."""

    source: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] lies in the source; for an empty span an empty one."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.source)
            return at, at
        return self.starts[start], self.ends[end - 1]


def normalise_mapped(text: str) -> MappedText:
    """Normalise a text and remember where each character came from.

    Works through the text one character with its combining marks at a time, which gives what
    `normalise` gives but for a few sequences of Indic vowel signs.
    """
    if _ONE_TO_ONE.fullmatch(text):
        return MappedText(text, normalise(text), range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        stable = _STABLE.match(text, at)
        if stable is not None:
            out.append(stable[0])
            starts.extend(range(at, stable.end()))
            ends.extend(range(at + 1, stable.end() + 1))
            at = stable.end()
            continue
        end = at + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        piece = normalise(text[at:end])
        out.append(piece)
        starts.extend([at] * len(piece))
        ends.extend([end] * len(piece))
        at = end
    return MappedText(text, "".join(out), starts, ends)


def _joins(char: str) -> bool:
    """Whether a character belongs to the one before it (dropped ones must not part a pair)."""
    return (
        unicodedata.combining(char) != 0
        or _COMPOSING.match(char) is not None
        or _DROPPED.match(char) is not None
    )
