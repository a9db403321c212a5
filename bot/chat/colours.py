"""The colours of highlights, as signs that stand in a text."""

import colorsys

# Signs of a colour, by the hue (0 to 360) up to which they stand for it.
_SIGNS = ((20, "🔴"), (45, "🟠"), (70, "🟡"), (170, "🟢"), (255, "🔵"), (335, "🟣"), (360, "🔴"))
# What has less of a colour than this is a grey.
_GREY = 0.15
# Dark reds and oranges are browns.
_BROWN_HUES, _BROWN = (10, 45), 0.36


def sign(colour: str) -> str:
    """The sign that is nearest to a colour "#rrggbb"."""
    number = int(colour.removeprefix("#"), 16)
    red, green, blue = (number >> shift & 0xFF for shift in (16, 8, 0))
    hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    if saturation < _GREY:
        return "⚪" if lightness > 0.5 else "⚫"
    if lightness < _BROWN and _BROWN_HUES[0] <= hue * 360 <= _BROWN_HUES[1]:
        return "🟤"
    return next(shown for most, shown in _SIGNS if hue * 360 <= most)
