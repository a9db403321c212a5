"""What a Japanese word looks like in its other inflections, as far as its last kana tell.

An ending (た, て, ない, ます …) is taken off. What is left of an unchanging verb (避け, 起き) is in
every form of it. Of another one all but the last kana is, and that one changes within its row of
conjugation (書く, 書いた, 書けば). A verb of which only kanji are left (見た) has its endings right
behind them. That finds the other forms of a word without a dictionary, and few that are not its
own.
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
# What may follow the kanji of a verb that does not change: 見る, 見た, 得る.
_UNCHANGING = "るたてなまれらよさずちんい"
# The last kana that an unchanging verb has before its endings: 避け, 起き.
_UNCHANGING_ENDS = "いきぎじちにびみりえけげせぜてでねべめれ"
_ADJECTIVE = "いくかけさ"

_ADJECTIVE_ENDING = re.compile("(?<=.)(?:(?<!な)(?:かった|くて|ければ)|くない)$")
# Before ない stands か, before た い, before ます き where a verb changes its last kana.
_BEFORE_NEGATIVE = re.compile("(?<=.)(?:なかった|なくて|なければ|ない|(?<=[ぁ-ゖ])られ[たる])$")
_BEFORE_PAST = re.compile("(?<=.)(?:たら|たり|て|た|(?<=[いん])(?:だら|だり|で|だ))$")
_BEFORE_POLITE = re.compile("(?<=.)(?:ました|ません|まして|ます|たい)$")
# The kana that an unchanging verb has there and a changing one does not.
_ENDINGS = (
    (_BEFORE_NEGATIVE, _UNCHANGING_ENDS),
    (_BEFORE_POLITE, "えけげせぜてでねべめれ"),
    (_BEFORE_PAST, "きぎじちにびみりえけげせぜてでねべめれ"),
)
# 勉強する is a noun with a verb behind it, whose own row is さ.
_SURU = re.compile("(?<=[^ぁ-ゖ]す)る$")
_KANA = re.compile("[ぁ-ゖ]")
# とる, いう, ついた; する is everywhere, and です, だった, そう, こと are no verbs.
_SHORT_VERB = re.compile(
    "(?!する|です|ます|だ)[ぁ-ゖ](?:[くぐすつぬぶむる]|(?<![こそとどもよ])う|[ぁ-ゖ]{2,})"
)
# A shorter stem without kanji is part of too much.
MIN_KANA_STEM = 2


@dataclass(frozen=True, slots=True)
class Stem:
    """What all forms of a word begin with, and the characters of which one comes next.

    Anything may come next where there are none.
    """

    text: str
    following: str = ""


def stem(word: str) -> Stem | None:
    """The stem of a normalised word; None where it does not inflect."""
    if _KANA.match(word[-1:]) is None:
        return None
    adjective = _ADJECTIVE_ENDING.search(word)
    if adjective is not None and _tells_enough(base := word[: adjective.start()]):
        return Stem(base, _ADJECTIVE)
    found = _verb_stem(word)
    return found if found is not None and _tells_enough(found.text) else None


def short_stem(word: str) -> Stem | None:
    """The one kana that stays of a short verb (とる, ついた), which is part of many other words."""
    found = _verb_stem(word) if _SHORT_VERB.fullmatch(word) else None
    if found is None or len(found.text) > 1:
        return None
    return Stem(found.text, found.following or _ROWS[-1] + _UNCHANGING)


def _tells_enough(text: str) -> bool:
    return len(text) >= MIN_KANA_STEM or any(is_kanji(char) for char in text)


def _verb_stem(word: str) -> Stem | None:
    for ending, only_unchanging in _ENDINGS:
        found = ending.search(word)
        if found is not None:
            base = word[: found.start()]
            if _KANA.match(base[-1]) is None:
                return Stem(base, _UNCHANGING)
            return Stem(base) if base[-1] in only_unchanging else _changing(base)
    base = word[:-1] if _SURU.search(word) else word.removesuffix("ば")
    if base[-1:] in ("る", "れ") and base[-2:-1] in tuple(_UNCHANGING_ENDS):
        return Stem(base[:-1])
    return _changing(base)


def _changing(base: str) -> Stem | None:
    """The stem where the last kana changes within its row, or within one of several."""
    text, last = base[:-1], base[-1:]
    following = "".join(row for row in _ROWS if last in row)
    if last == "い":
        following += _ADJECTIVE
    if last == "っ" and text.endswith("行"):
        following += _ROWS[1]
    if last in ("る", "れ", "ら") and text and _KANA.match(text[-1]) is None:
        following += _UNCHANGING
    return Stem(text, "".join(dict.fromkeys(following))) if text and following else None
