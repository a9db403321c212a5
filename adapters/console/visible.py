"""Making harmless what others wrote, before a terminal sees it."""

import re
from urllib.parse import quote

# What others wrote must not steer the terminal: controls, and marks that turn the direction of
# writing.
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_ADDRESS = re.compile(r"https?://[^\s]+", re.IGNORECASE)
# What stays as it is in an address, %XX among it.
_KEPT = "%!#$&'()*+,/:;=?@[]~-._"


def visible(text: str) -> str:
    """A text without characters that a terminal would obey."""
    return CONTROLS.sub("", text)


def web_address(text: str | None) -> str | None:
    """An address in the form in which a terminal may be given it; None for one that is no link.

    Only http and https, printable ASCII alone, all else as %XX.
    """
    if text is None or CONTROLS.search(text) or _ADDRESS.fullmatch(text) is None:
        return None
    return quote(text.encode("utf-8", "replace"), safe=_KEPT)
