"""A term of a query: which tokens lead to it, and where it stands in a normalised text.

A term matches as a substring in Japanese and as whole words elsewhere. A final long-vowel mark of
a katakana word (サーバ = サーバー) and what joins the parts of a word (Wi-Fi = Wi Fi = WiFi) do not
count.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import add

from bot.search.tokens import (
    JAPANESE,
    JOINER,
    WORD,
    WORD_ENDING,
    chain_words,
    is_kanji,
    is_word_character,
)

_PIECE = re.compile(rf"(?P<run>[{JAPANESE}]+)|(?P<chain>{WORD}(?:{JOINER}{WORD})*)")
_WORD_ENDING = re.compile(WORD_ENDING)
_FINAL_MARK = re.compile("[\u30a1-\u30fa][\u30a1-\u30fa\u30fc]+[\u30a1-\u30fa]\u30fc$")
_LONG_KATAKANA = re.compile(
    "([\u30a1-\u30fa][\u30a1-\u30fa\u30fc]+[\u30a1-\u30fa])\u30fc?(?![\u30a1-\u30fa\u30fc])"
)

Span = tuple[int, int]

# A longer term is found as it was typed alone: a pattern takes its time for each character.
MAX_LOOSE = 200


@dataclass(frozen=True, slots=True)
class Term:
    """A term; `text` is normalised, `tokens` must all be in a document that holds it.

    `literal` is what usually stands in the text, `loose` the pattern of all its other spellings. A
    `phrase` was put in quotation marks: it is meant as it stands.
    """

    text: str
    tokens: tuple[str, ...]
    literal: str
    loose: str | None
    phrase: bool = False

    def spans(self, text: str) -> list[Span]:
        """Where the term stands in a normalised text, in order."""
        at = text.find(self.literal)
        found = _literal_spans(self.literal, text, at) if at >= 0 else []
        if not found and self.loose is not None:
            found = [match.span() for match in _compiled(self.loose).finditer(text)]
        return found


def make_term(normalised: str) -> Term | None:
    """The term of a normalised text; None where it has nothing that can be searched for."""
    pieces = list(_PIECE.finditer(normalised))
    if not pieces:
        return None
    tokens: list[str] = []
    patterns: list[str] = []
    behind = pieces[0].start()
    for piece in pieces:
        if patterns:
            patterns.append(r"\W{0,3}" if piece.start() > behind else r"\s?")
        run = piece["run"]
        if run is not None:
            tokens += _run_tokens(run)
            patterns.append(_run_pattern(run))
        else:
            words = chain_words(piece["chain"])
            tokens += words if len(words) == 1 else map(add, words, words[1:])
            patterns.append(_chain_pattern(words))
        behind = piece.end()
    text = normalised[pieces[0].start() : behind]
    long_mark = _FINAL_MARK.search(text)
    literal = text[:-1] if long_mark is not None else text
    loose = "".join(patterns) if len(literal) <= MAX_LOOSE else literal
    return Term(text, tuple(dict.fromkeys(tokens)), literal, loose if loose != literal else None)


def one_edit_apart(first: str, second: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes them equal."""
    shorter, longer = (first, second) if len(first) <= len(second) else (second, first)
    difference = len(longer) - len(shorter)
    if difference > 1 or first == second:
        return False
    at = 0
    for one, other in zip(shorter, longer, strict=False):
        if one != other:
            break
        at += 1
    if difference:
        return shorter[at:] == longer[at + 1 :]
    return shorter[at + 1 :] == longer[at + 1 :] or (
        shorter[at + 2 :] == longer[at + 2 :] and shorter[at : at + 2] == longer[at : at + 2][::-1]
    )


def _run_tokens(run: str) -> list[str]:
    """The pairs of a run of Japanese, but those that an optional long-vowel mark could part."""
    tokens: list[str] = []
    for part in _LONG_KATAKANA.sub("\\1\n", run).split("\n"):
        tokens += map(add, part, part[1:])
        if len(part) == 1 and is_kanji(part):
            tokens.append(part)
    return tokens


def _run_pattern(run: str) -> str:
    # Nothing but Japanese is in here, so there is nothing to escape; a mark at the very end is
    # simply not asked for.
    return _LONG_KATAKANA.sub("\\1\u30fc?", run).removesuffix("\u30fc?")


def _chain_pattern(words: list[str]) -> str:
    """Whole words with or without something that joins them, between any two characters."""
    joined = f"{JOINER}?".join(re.escape(char) for char in "".join(words))
    return rf"(?<![^\W_{JAPANESE}]){joined}(?![^\W_{JAPANESE}]|{WORD_ENDING})"


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _literal_spans(literal: str, text: str, start: int) -> list[Span]:
    """Where a text has the literal, the first time at `start`; whole words, but for Japanese."""
    spans = []
    whole = is_word_character(literal[0]) or is_word_character(literal[-1])
    while start >= 0:
        end = start + len(literal)
        if not whole or _is_whole(text, start, end):
            spans.append((start, end))
        start = text.find(literal, end)
    return spans


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on across either end; the index has no c+ of c++, nor of c+0."""
    goes_on = end < len(text) and (text[end] in "+#" or is_word_character(text[end]))
    if goes_on and text[end - 1] in "+#":
        return False
    return not (_within_word(text, start) or _within_word(text, end))


def _within_word(text: str, at: int) -> bool:
    """Whether a word of another script than Japanese goes on across a position, as c in c++."""
    if not 0 < at < len(text) or not is_word_character(text[at - 1]):
        return False
    return is_word_character(text[at]) or _WORD_ENDING.match(text, at) is not None
