"""HTML as a tree, in which every text is escaped when it is written."""

from dataclasses import dataclass
from html import escape

_VOID = frozenset({"br", "hr", "img"})


class UnknownError(Exception):
    """Something that is sent but cannot be drawn: no picture leaves it out."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element with what it holds; `attributes` are names with values."""

    tag: str
    children: tuple["Node | str", ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


def node(tag: str, *children: Node | str, look: str = "", **attributes: str) -> Node:
    """An element; `look` is its class."""
    named = {"class": look, **attributes} if look else attributes
    return Node(tag, children, tuple(named.items()))


def box(look: str, *children: Node | str, **attributes: str) -> Node:
    """A block of a look."""
    return node("div", *children, look=look, **attributes)


def span(look: str, *children: Node | str) -> Node:
    """Words of a look."""
    return node("span", *children, look=look)


def written(found: Node | str) -> str:
    """The HTML of a tree."""
    if isinstance(found, str):
        return escape(found)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in found.attributes)
    opened = f"<{found.tag}{attributes}>"
    if found.tag in _VOID:
        return opened
    return f"{opened}{''.join(map(written, found.children))}</{found.tag}>"
