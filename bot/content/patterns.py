"""How quotes, addresses and line breaks are written in bodies, with the damage by translating."""

import re

_UNSEEN_IN_WORDS = "\u200b-\u200d\u2060\ufeff"

# At the start of a line: somebody else's words follow. What stands before a number is one as well:
# of 211 such lines in the archive none compares.
QUOTE_MARK = re.compile(
    rf"[ \t\u3000{_UNSEEN_IN_WORDS}]*[＞>›]+(?:[ \t\u3000][＞>›]+)*[ \t\u3000]?"
)

# What an address may be made of, but for dots and brackets. Latin letters and dashes stand
# unescaped in those of Wikipedia; "＼" and "−" are damaged "/" and "-".
_SIGNS = (
    "!#-'*+,\\-/0-9:;=?@A-Z_a-z~"
    "＃-＇＊＋－／０-９：＝？＠Ａ-Ｚ＼＿ａ-ｚ～−–"
    f"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f{_UNSEEN_IN_WORDS}"
)
_DOT = r"\.(?!\.\.)|．(?!．．)"
_PIECE = rf"(?:[{_SIGNS}]++|{_DOT})"
_CUT = r"\.\.\.|…|．．．|‥"

# An address as it is written, up to a bracket that it does not open, or to the dots that say that
# it was cut. A bracket that the cut left open is part of it; how far is bounded, so that a text of
# brackets alone takes no time: Hacker News cuts after 60 characters.
ADDRESS = re.compile(
    r"[hHｈＨ][tTｔＴ]{2}[pPｐＰ][sSｓＳ]?"
    rf"[{_UNSEEN_IN_WORDS}]*[:：](?:[{_UNSEEN_IN_WORDS}]*[/／＼]){{2}}"
    rf"(?:{_PIECE}|\((?:{_PIECE}|\({_PIECE}*+\))*+\))*+"
    rf"(?:\((?:[{_SIGNS}()]|{_DOT}){{0,80}}+(?={_CUT}))?"
)

# Stands right behind an address that was cut, which leads nowhere any more.
CUT_MARK = re.compile(_CUT)

# A line break of HTML whose brackets were changed, so that no reader takes it for one.
BROKEN_BREAK = re.compile(r"[<‹＜〈《] ?[bB][rR] ?[/／]? ?[>›＞〉》]")

# A newline written as "\n". Behind the end of a sentence it always is one; else it is meant as it
# stands beside quotation marks and signs of patterns and paths, and where a word goes on. Its sign
# "＼" comes from translating, mostly of paths: that is a newline behind a sentence only.
_MEANT_BEFORE = r""""'“”‘’「『、,:/／＼\\(\[|"""
_MEANT_BEHIND = r""""'”’`/|*+?)\]}$"""
LOST_NEWLINE = re.compile(
    r"(?<=[。．！？」）])(?:\\n)++"
    rf"|(?<![{_MEANT_BEFORE}0-9A-Za-z])(?:\\n)++(?![{_MEANT_BEHIND}])"
    rf"|(?<=[0-9A-Za-z])(?:\\n)++(?![{_MEANT_BEHIND}0-9a-z_])"
    r"|(?<=[。．.！？])＼n(?![0-9a-z_])"
)

_VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PICTURES = "\ufe0f\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"

# Characters that nobody sees: controls, direction marks, signs without a width (joiners of emoji
# excepted), variation selectors in a row, tags, halves of surrogate pairs.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]+"
    f"|(?<![{_PICTURES}])\u200d|\u200d(?![{_PICTURES}])"
    f"|(?<=[{_VARIANTS}])[{_VARIANTS}]+"
)

# The flag of a part of a country: tags that are seen.
FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
