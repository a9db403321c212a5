"""What a Japanese word looks like in its other inflections, as far as one kana tells.

An ending (た, て, ない, ます …) is taken off. Of what is left all but the last kana stays in every
form of the word, and the last one changes within its row of conjugation (書く, 書いた, 書けば). A
verb of which only kanji are left (見た) has its endings right behind them. That finds the other
forms of a word without a dictionary, and few that are not its own.
"""

import re
from dataclasses import dataclass

from bot.search.tokens import is_kanji

# The kana that a verb may have there, for each row: its five steps, and what they become before た
# and て.
_ROWS = (
    "わいうえおっ",
    "かきくけこい",
    "がぎぐげごい",
    "さしすせそ",
    "たちつてとっ",
    "なにぬねのん",
    "ばびぶべぼん",
    "まみむめもん",
    "らりるれろっ",
)
# What may follow a verb that does not change: 見る, 見た, 避ける, 避けた.
_UNCHANGING = "るたてなまれらよさずちんい"
_ADJECTIVE = "いくかけ"

_ENDING = re.compile(
    "(?<=.)(?:ました|ません|まして|ます|なかった|なくて|なければ|ない|たい|たら|たり|られた|られる"
    "|て|た|で|だ|ば)$"
)
# 勉強する is a noun with a verb behind it, whose own row is さ.
_SURU = re.compile("(?<=[^\u3041-\u3096]す)る$")
_ADJECTIVE_ENDING = re.compile("(?<=.)(?:かった|くない|くて|ければ)$")
_KANA = re.compile("[\u3041-\u3096]")
# A shorter stem without kanji is part of too much.
MIN_KANA_STEM = 2


@dataclass(frozen=True, slots=True)
class Stem:
    """What all forms of a word begin with, and the characters of which one comes next."""

    text: str
    following: str


def stem(word: str) -> Stem | None:
    """The stem of a normalised word; None where it does not inflect."""
    if _KANA.match(word[-1:]) is None:
        return None
    adjective = _ADJECTIVE_ENDING.search(word)
    if adjective is not None:
        return _long_enough(Stem(word[: adjective.start()], _ADJECTIVE))
    ending = _SURU.search(word) or _ENDING.search(word)
    base = word[: ending.start()] if ending is not None else word
    last = base[-1]
    if _KANA.match(last) is None:
        return _long_enough(Stem(base, _UNCHANGING))
    text = base[:-1]
    following = "".join(row for row in _ROWS if last in row)
    if last == "る" or (last in _UNCHANGING and _KANA.match(text[-1:]) is None):
        following += _UNCHANGING
    return _long_enough(Stem(text, "".join(dict.fromkeys(following)))) if following else None


def _long_enough(found: Stem) -> Stem | None:
    has_kanji = any(is_kanji(char) for char in found.text)
    return found if has_kanji or len(found.text) >= MIN_KANA_STEM else None
