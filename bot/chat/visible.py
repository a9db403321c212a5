"""What others wrote, without what is not seen, for platforms that show text by themselves."""

import re

# Signs that stand above, below or across the one before them. More of them than any language needs
# run into the lines around.
_UPON = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u06d6-\u06ed\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u302a-\u302d"
    "\u3099\u309a\ufe20-\ufe2f"
)
_MOST_UPON = 8
# Controls, direction marks, signs without a width (but for the joiners of emoji) or a shape, tags
# that make no flag, lone halves of surrogate pairs.
_UNSEEN_SIGNS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
)
_TAGS = "\U000e0000-\U000e007f"
_UNSEEN = re.compile(f"[{_UNSEEN_SIGNS}]|(?<![\U0001f3f4\U000e0020-\U000e007e])[{_TAGS}]+")
_FLOOD = re.compile(f"([{_UPON}]{{{_MOST_UPON}}})[{_UPON}]+")
# What may be any of that; most texts have nothing of it.
_ODD = re.compile(f"[{_UNSEEN_SIGNS}{_TAGS}{_UPON}]")
_SEEN = re.compile("[^\\s\u2800\u200d\ufe00-\ufe0f]")


def visible(text: str) -> str:
    """A text without characters that are not seen, turn the direction of writing, or are heaped."""
    return text if _ODD.search(text) is None else _calm(_UNSEEN.sub("", text))


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in a visible text."""
    return _SEEN.search(text) is None


def _calm(text: str) -> str:
    return _FLOOD.sub(r"\1", text)


def one_line(text: str) -> str:
    """A visible text as one line, for where there is room for one only."""
    return " ".join(visible(text).replace("\t", " ").split("\n")).strip()
