"""Looks of text, and how a terminal is told to show them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from adapters.console.visible import visible

# How many colours a terminal knows, by rich's names.
Colours = Literal["standard", "256", "truecolor"]

NUMBER, CODE = "cyan", "yellow"

_NAMED = {"yellow": "33", "cyan": "36"}
_HEX = re.compile("#[0-9a-fA-F]{6}")
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Look:
    """How some characters look; `colour` is "#rrggbb" or one of our names, `link` an address."""

    bold: bool = False
    dim: bool = False
    colour: str | None = None
    link: str | None = None


PLAIN = Look()
DIM = Look(dim=True)
BOLD = Look(bold=True)


class Span(NamedTuple):
    """Characters of one look."""

    text: str
    look: Look = PLAIN


Line = tuple[Span, ...]


def paint(line: Iterable[Span], colours: Colours | None) -> str:
    """A line as a terminal takes it, harmless; without colours nothing but its characters."""
    if colours is None:
        return "".join(visible(span.text) for span in line)
    return "".join(_painted(visible(span.text), span.look, colours) for span in line if span.text)


def _painted(text: str, look: Look, colours: Colours) -> str:
    codes = ["1"] if look.bold else []
    if look.dim:
        codes.append("2")
    if look.colour is not None and (code := _colour(look.colour, colours)):
        codes.append(code)
    if codes:
        text = f"\x1b[{';'.join(codes)}m{text}{_RESET}"
    if look.link is not None:
        # Whoever made the look has made sure of the address (visible.web_address).
        text = f"\x1b]8;;{look.link}\x1b\\{text}\x1b]8;;\x1b\\"
    return text


def _colour(colour: str, colours: Colours) -> str:
    """The code of a colour, the nearest one where the terminal knows few."""
    if colour in _NAMED:
        return _NAMED[colour]
    if _HEX.fullmatch(colour) is None:
        return ""
    # Imported only where there is something coloured to show.
    from rich.color import Color, ColorSystem

    system = {
        "standard": ColorSystem.STANDARD,
        "256": ColorSystem.EIGHT_BIT,
        "truecolor": ColorSystem.TRUECOLOR,
    }[colours]
    return ";".join(Color.parse(colour).downgrade(system).get_ansi_codes())
