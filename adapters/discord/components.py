"""The components of a message as JSON, and a layout of the library that is made of them.

The library's own items are objects for a bot that waits for presses; ours are only written, a few
hundred times a second at most, so they are written at once.
"""

from collections.abc import Sequence
from typing import Any

from discord import ui

Component = dict[str, Any]

ROW, BUTTON, SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, SEPARATOR, CONTAINER = (
    1, 2, 3, 9, 10, 11, 12, 14, 17,
)  # fmt: skip
PRIMARY, SECONDARY, LINK = 1, 2, 5


class Layout(ui.LayoutView):
    """Components that are to be sent; presses on them find their way by their codes."""

    def __init__(self, components: Sequence[Component]) -> None:
        super().__init__(timeout=None)
        self._components = list(components)

    def to_components(self) -> list[Component]:
        """The components, which are not to be changed."""
        return self._components

    def has_components_v2(self) -> bool:
        """They are, all of them."""
        return True

    def is_finished(self) -> bool:
        """The library does not keep what waits for nothing; else it had it for 15 minutes."""
        return True


def text(content: str) -> Component:
    """A text in markdown."""
    return {"type": TEXT, "content": content}


def container(inner: Component, colour: int | None) -> Component:
    """A component in a box, with a colour at its side if there is one."""
    made = {"type": CONTAINER, "components": [inner], "spoiler": False}
    return made if colour is None else {**made, "accent_color": colour}


def section(texts: Sequence[Component], beside: Component) -> Component:
    """Texts with a button or a picture beside them."""
    return {"type": SECTION, "components": list(texts), "accessory": beside}


def thumbnail(address: str, description: str | None) -> Component:
    """A small picture."""
    return {"type": THUMBNAIL, **_picture(address, description)}


def gallery(address: str, description: str | None) -> Component:
    """A picture of its own."""
    return {"type": GALLERY, "items": [_picture(address, description)]}


def separator() -> Component:
    """A line."""
    return {"type": SEPARATOR, "divider": True, "spacing": 1}


def row(inner: Sequence[Component]) -> Component:
    """Buttons beside each other, or a select."""
    return {"type": ROW, "components": list(inner)}


def button(label: str, custom_id: str, style: int = SECONDARY, disabled: bool = False) -> Component:
    """A button with a code."""
    return {
        "type": BUTTON,
        "style": style,
        "label": label,
        "disabled": disabled,
        "custom_id": custom_id,
    }


def link(label: str, url: str) -> Component:
    """A button that leads to an address."""
    return {"type": BUTTON, "style": LINK, "label": label, "disabled": False, "url": url}


def select(custom_id: str, placeholder: str, options: Sequence[Component]) -> Component:
    """A menu in which one of its options is chosen; "" for no placeholder."""
    made = {
        "type": SELECT,
        "custom_id": custom_id,
        "min_values": 1,
        "max_values": 1,
        "disabled": False,
        "required": True,
        "options": list(options),
    }
    return {**made, "placeholder": placeholder} if placeholder else made


def option(label: str, value: str, description: str) -> Component:
    """An entry of a menu; "" for no description."""
    made = {"label": label, "value": value, "default": False}
    return {**made, "description": description} if description else made


def _picture(address: str, description: str | None) -> Component:
    return {"media": {"url": address}, "description": description, "spoiler": False}
