"""Making harmless what others wrote, before a terminal sees it."""

import re

# What others wrote must not steer the terminal: controls, and marks that turn the direction of
# writing.
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """A text without characters that a terminal would obey."""
    return CONTROLS.sub("", text)
