"""Words for queries, drawn from comments with a segmenter that search does not use."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import fugashi

CONTENT = ("名詞", "動詞", "形容詞")
MIN_LENGTH = 2

_SPACE = re.compile(r"[\s\u0000]")
_LATIN = re.compile(r"[A-Za-z0-9\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in a text; for verbs also how they are inflected.

    `base` is the dictionary form as it would be written here, `conjugation` the name of its class.
    """

    surface: str
    part_of_speech: str
    auxiliary: bool
    base: str | None
    conjugation: str | None
    start: int


@lru_cache(maxsize=1)
def _tagger() -> Any:
    return fugashi.Tagger()


@lru_cache(maxsize=20_000)
def content_words(text: str) -> tuple[Word, ...]:
    """The nouns, verbs and adjectives of at least two characters, in order, repetitions included.

    A word of Latin script that the segmenter cut out of a longer one is left out: nobody could
    find it, since such words are matched as a whole.
    """
    found: list[Word] = []
    at = 0
    # The segmenter ends at a NUL, and tells nothing about where a word stands.
    for node in _tagger()(text.replace("\0", " ")):
        surface: str = node.surface
        start = text.find(surface, at)
        if start < 0:
            continue
        at = start + len(surface)
        feature = node.feature
        if (
            feature.pos1 in CONTENT
            and len(surface) >= MIN_LENGTH
            and not _SPACE.search(surface)
            and stands_alone(text, start, at)
        ):
            found.append(
                Word(
                    surface,
                    feature.pos1,
                    feature.pos2 == "非自立可能",
                    feature.orthBase,
                    feature.cType,
                    start,
                )
            )
    return tuple(found)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word of Latin script goes on across either end of a place in a text."""
    return not (
        (start > 0 and _latin(text[start - 1]) and _latin(text[start]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def is_latin(word: str) -> bool:
    """Whether a word is of Latin letters only."""
    return word.isascii() and word.isalpha()


def is_katakana(word: str) -> bool:
    """Whether a word is of katakana only."""
    return re.fullmatch("[ァ-ヺー]+", word) is not None


def _latin(char: str) -> bool:
    return _LATIN.match(char) is not None
