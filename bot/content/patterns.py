"""How quotes and addresses are written in bodies, with the damage that translating did to them."""

import re

# At the start of a line: somebody else's words follow.
QUOTE_MARK = re.compile(r"[ \t\u3000]*[＞>›]+[ \t\u3000]?")

# An address, with full-width signs in place of ASCII and characters of no width inside.
ADDRESS = re.compile(
    r"[hｈ][tｔ]{2}[pｐ][sｓ]?[:：][/／]{2}"
    r"[!#-;=?-Z_a-z~\u200b-\u200d\u2060\ufeff！＃-；＝？-Ｚ＿ａ-ｚ～\[\]]+",
    re.IGNORECASE,
)
