"""How wide words are on a screen, where a Japanese sign is as wide as two Latin ones."""

from unicodedata import combining, east_asian_width


def columns(text: str) -> int:
    """The width of a line in columns; what stands upon another sign has none."""
    return sum(0 if combining(sign) else _WIDTHS.get(east_asian_width(sign), 1) for sign in text)


_WIDTHS = {"W": 2, "F": 2}
