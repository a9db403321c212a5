"""How people write a word otherwise than it stands in the text: one function for each way.

Each takes a random source and the word, and gives the other writing, or None where there is none.
"""

import re
import unicodedata
from random import Random

from benchmarks.words import Word, is_katakana, is_latin

MIN_PREFIX = 4
PREFIX_SHARE = 0.6
MIN_TYPO = 5
# Shorter ones (コピー) are other words without their mark.
MIN_WITHOUT_MARK = 3

_LONG = "ー"
_TYPO = re.compile("[ァ-ヺー]+|[ァ-ヺー一-鿿]+")
_LATIN_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KATAKANA = [chr(code) for code in range(ord("ア"), ord("ン") + 1)]
_KANJI = list("日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地")

# The last sound of a verb's dictionary form to those before た, て and ない.
_GODAN = {
    "う": ("った", "って", "わない"),
    "つ": ("った", "って", "たない"),
    "る": ("った", "って", "らない"),
    "む": ("んだ", "んで", "まない"),
    "ぶ": ("んだ", "んで", "ばない"),
    "ぬ": ("んだ", "んで", "なない"),
    "く": ("いた", "いて", "かない"),
    "ぐ": ("いだ", "いで", "がない"),
    "す": ("した", "して", "さない"),
}
_ICHIDAN = ("た", "て", "ない")


def _half_width() -> dict[str, str]:
    table: dict[str, str] = {}
    for code in range(0xFF66, 0xFF9E):
        half = chr(code)
        table[unicodedata.normalize("NFKC", half)] = half
        for mark in "ﾞﾟ":
            full = unicodedata.normalize("NFKC", half + mark)
            if len(full) == 1:
                table[full] = half + mark
    return table


_HALF_WIDTH = _half_width()


def case(random: Random, word: str) -> str | None:
    """A Latin word in capitals, in small letters, or with a capital first."""
    if not is_latin(word):
        return None
    others = {word.upper(), word.lower(), word.capitalize(), word.swapcase()} - {word}
    return random.choice(sorted(others))


def width(random: Random, word: str) -> str | None:
    """A Latin word in full-width letters."""
    return "".join(chr(ord(c) + 0xFEE0) for c in word) if is_latin(word) else None


def kana_width(random: Random, word: str) -> str | None:
    """A katakana word in half-width characters."""
    if not is_katakana(word) or any(char not in _HALF_WIDTH for char in word):
        return None
    return "".join(_HALF_WIDTH[char] for char in word)


def long_vowel(random: Random, word: str) -> str | None:
    """A katakana word without its final long-vowel mark, or with one that it does not have."""
    if not is_katakana(word):
        return None
    bare = word.removesuffix(_LONG)
    if len(bare) < MIN_WITHOUT_MARK or bare.endswith(_LONG):
        return None
    return bare if bare != word else word + _LONG


def prefix(random: Random, word: str) -> str | None:
    """The beginning of a Latin word: four letters and three fifths of it, or more."""
    shortest = max(MIN_PREFIX, -int(-PREFIX_SHARE * len(word) // 1))
    if not is_latin(word) or len(word) <= shortest:
        return None
    return word[: random.randrange(shortest, len(word))]


def typo(random: Random, word: str) -> str | None:
    """A word with one character more, less, another one, or two that are swapped."""
    if len(word) < MIN_TYPO:
        return None
    if is_latin(word):
        letters = list(_LATIN_LETTERS)
    elif is_katakana(word):
        letters = _KATAKANA
    elif _TYPO.fullmatch(word):
        letters = _KANJI
    else:
        return None
    at = random.randrange(len(word))
    kind = random.choice(("insert", "delete", "replace", "swap"))
    if kind == "insert":
        edited = word[:at] + random.choice(letters) + word[at:]
    elif kind == "delete":
        edited = word[:at] + word[at + 1 :]
    elif kind == "replace":
        edited = word[:at] + random.choice(letters) + word[at + 1 :]
    else:
        at = min(at, len(word) - 2)
        edited = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return edited if edited.casefold() != word.casefold() else None


def dictionary_form(random: Random, word: Word) -> str | None:
    """The dictionary form of a verb that stands inflected: 避け → 避ける."""
    if not _is_verb(word) or word.base == word.surface:
        return None
    return word.base


def inflected(random: Random, word: Word) -> str | None:
    """An inflected form of a verb that stands in its dictionary form: 避ける → 避けた."""
    if not _is_verb(word) or word.base != word.surface:
        return None
    conjugation = word.conjugation or ""
    stem, last = word.surface[:-1], word.surface[-1]
    if conjugation.startswith("五段") and last in _GODAN and not stem.endswith(("行", "い")):
        return stem + random.choice(_GODAN[last])
    if conjugation.startswith(("上一段", "下一段")) and last == "る":
        return stem + random.choice(_ICHIDAN)
    return None


def _is_verb(word: Word) -> bool:
    return (
        word.part_of_speech == "動詞"
        and not word.auxiliary
        and word.base is not None
        and len(word.base) > 1
        and (word.conjugation or "").startswith(("五段", "上一段", "下一段"))
    )
