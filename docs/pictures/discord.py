"""Components V2 as Discord's client shows them; a component that is not known is refused."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.components import (
    BUTTON,
    CONTAINER,
    GALLERY,
    LINK,
    PRIMARY,
    ROW,
    SECONDARY,
    SECTION,
    SELECT,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
)
from docs.pictures.discord_markdown import drawn as drawn_markdown
from docs.pictures.nodes import Node, UnknownError, box, node, span

Component = Mapping[str, Any]

_STYLES = {PRIMARY: "primary", SECONDARY: "secondary", LINK: "secondary"}
_ATTACHED = "attachment://"


@dataclass(frozen=True, slots=True)
class Message:
    """The body of a request with its files by their names; a role that it mentions has a name."""

    body: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    role: str = "読者"

    def drawn(self) -> Node:
        """All that the message shows. Raises UnknownError."""
        return box("components", *map(self._component, self.body["components"]))

    def _component(self, component: Component) -> Node:
        match component["type"]:
            case kind if kind == TEXT:
                return box("text", *drawn_markdown(component["content"], self.role))
            case kind if kind == CONTAINER:
                inner = map(self._component, component["components"])
                if "accent_color" not in component:
                    return box("container plain", *inner)
                colour = f"border-left-color:#{component['accent_color']:06x}"
                return box("container", *inner, style=colour)
            case kind if kind == SECTION:
                inner = map(self._component, component["components"])
                beside = self._component(component["accessory"])
                return box("section", box("words", *inner), beside)
            case kind if kind == THUMBNAIL:
                return self._picture(component, "thumbnail")
            case kind if kind == GALLERY:
                shown = (self._picture(item, "large") for item in component["items"])
                return box("gallery", *shown)
            case kind if kind == SEPARATOR:
                return node("hr") if component["divider"] else box("gap")
            case kind if kind == ROW:
                return box("row", *map(self._component, component["components"]))
            case kind if kind == BUTTON:
                return _button(component)
            case kind if kind == SELECT:
                return _select(component)
            case unknown:
                raise UnknownError(f"component of type {unknown}")

    def _picture(self, holder: Component, look: str) -> Node:
        url = str(holder["media"]["url"])
        name = url.removeprefix(_ATTACHED)
        if name == url or name not in self.files:
            raise UnknownError(f"picture {url}")
        data = b64encode(self.files[name]).decode()
        kind = "jpeg" if name.endswith("jpg") else name.rpartition(".")[2]
        source = f"data:image/{kind};base64,{data}"
        return node("img", look=look, src=source, alt=holder["description"] or "")


def _button(button: Component) -> Node:
    look = _STYLES.get(button["style"])
    if look is None:
        raise UnknownError(f"style {button['style']} of a button")
    dimmed = " disabled" if button["disabled"] else ""
    return box(f"button {look}{dimmed}", *_label(button))


def _label(button: Component) -> Iterator[Node | str]:
    yield button["label"]
    if button["style"] == LINK:
        yield span("leads-out")


def _select(select: Component) -> Node:
    """A menu that is closed: of its options those show that are chosen."""
    chosen = [option["label"] for option in select.get("options", ()) if option["default"]]
    shown = "、".join(chosen) or span("placeholder", select.get("placeholder", ""))
    return box("select", shown, span("arrow"))
