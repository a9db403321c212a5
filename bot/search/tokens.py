"""What the full-text index holds of a text: its tokens, in no order and with repetitions.

A run of Japanese gives each pair of neighbouring characters and each kanji by itself; other scripts
give whole words, and two words that only a hyphen, a dot or a space parts give their joined form as
well, so that Wi-Fi, Wi Fi and WiFi meet in `wifi`. What an operator asks for (user, tag, highlight)
is a token too, marked by a private-use character that no text can contain.
"""

import re
from collections.abc import Iterator
from operator import add

# Raised whenever the tokens of a text change, so that every index is built anew.
SEGMENTER_VERSION = 1

JAPANESE = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\u1100-\u11ff\uac00-\ud7af\U00020000-\U0003ffff"
)
WORD = rf"[^\W_{JAPANESE}]+(?:[+#]{{1,3}}(?![^\W_]))?"
JOINER = r"[-‐‑–._' ]"

_RUN = re.compile(f"[{JAPANESE}]+")
_CHAIN = re.compile(rf"{WORD}(?:{JOINER}{WORD})*")
_JOINER = re.compile(JOINER)
_KANJI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# A longer word is noise (a hash, a base64 blob); its beginning is enough to find it.
MAX_WORD = 40

TITLE = "\ue000"
TAG = "\ue001"
USER = "\ue002"
HIGHLIGHT = "\ue003"
POST = "\ue004"


def tokens(normalised: str) -> list[str]:
    """The tokens of a normalised text."""
    found = _KANJI.findall(normalised)
    for run in _RUN.findall(normalised):
        found += map(add, run, run[1:])
    for chain in _CHAIN.findall(normalised):
        if chain.isalnum():
            found.append(chain[:MAX_WORD])
        else:
            parts = chain_words(chain)
            found += parts
            found += map(add, parts, parts[1:])
    return found


def words(normalised: str) -> Iterator[str]:
    """The words of other scripts than Japanese in a normalised text, repetitions included."""
    for chain in _CHAIN.findall(normalised):
        yield from chain_words(chain)


def chain_words(chain: str) -> list[str]:
    """The words of a run like "state-of-the-art"."""
    return [word[:MAX_WORD] for word in _JOINER.split(chain) if word]


def key(name: str) -> str:
    """The form in which two spellings of a tag or a user are the same: no spaces, no hyphens."""
    return _JOINER.sub("", name)


def is_kanji(char: str) -> bool:
    """Whether a character has a token of its own."""
    return _KANJI.fullmatch(char) is not None
