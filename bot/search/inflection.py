"""What a Japanese word looks like in its other inflections, as far as its first kana tell.

A verb or adjective is written as kanji with kana behind them (okurigana): the kanji stay, the first
kana changes within its row (書く, 書いた, 書けば) or gives way to an ending (見る, 見た). That is
enough to find the other forms of a word, without a dictionary, and with few false ones.
"""

import re
from dataclasses import dataclass

# The kana that may follow the kanji of a verb, for each row of conjugation: its five steps and what
# they become before た and て.
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
# Behind 見, 出, 来: verbs that have no kana between the kanji and their endings.
_BARE = "るたてなまれらよさずちんい"
# Behind a noun that becomes a verb (勉強する).
_SURU = "すしさせで"

_OKURIGANA = re.compile("[\u3041-\u3096]{1,6}$")
MIN_KANA_STEM = 2


@dataclass(frozen=True, slots=True)
class Stem:
    """What all forms of a word begin with, and the characters that may come next ("" = any)."""

    text: str
    following: str = ""


def stems(word: str) -> list[Stem]:
    """The stems of a normalised word, the likeliest first; none where it does not inflect."""
    okurigana = _OKURIGANA.search(word)
    if okurigana is None:
        return []
    head, kana = word[: okurigana.start()], okurigana[0]
    if not head:
        return [Stem(word[:end]) for end in range(len(word) - 1, MIN_KANA_STEM - 1, -1)]
    following = "".join(row for row in _ROWS if kana[0] in row)
    if kana[0] in _BARE:
        following += _BARE
    found = [Stem(head, "".join(dict.fromkeys(following)) or kana[0])]
    if len(head) > 1 and kana[0] in _SURU:
        found.append(Stem(head))
    return found
