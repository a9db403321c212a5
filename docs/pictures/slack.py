"""Block Kit as Slack's client shows it; a block or an element that is not known is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docs.pictures.nodes import Node, UnknownError, box, node, span
from docs.pictures.slack_text import Json, rich_text, text_object

_STYLES = {None: "button", "primary": "button primary", "danger": "button danger"}
# What is filled in by choosing, and what by typing.
_CHOSEN = frozenset(
    {"static_select", "conversations_select", "external_select", "multi_external_select"}
)
_TYPED = frozenset({"plain_text_input"})


@dataclass(frozen=True, slots=True)
class Message:
    """The arguments of chat.postMessage, or a view; a group that it mentions has a name."""

    body: Mapping[str, Any]
    group: str = "readers"

    def drawn(self) -> Node:
        """All that the message shows. Raises UnknownError."""
        shown = map(self._block, self.body["blocks"])
        ends = list(self._around("close", "submit"))
        below = [box("ends", *ends)] if ends else []
        return box("blocks", *self._around("title"), *shown, *below)

    def _around(self, *names: str) -> Iterator[Node]:
        """What a dialog has above its blocks, and its buttons below them."""
        for name in names:
            if name in self.body:
                yield box(name, *self._text(self.body[name]))

    def _block(self, block: Json) -> Node:
        match block["type"]:
            case "header":
                return box("header", *self._text(block["text"]))
            case "rich_text":
                return rich_text(block, self.group)
            case "section":
                words = box("words", *self._text(block["text"]))
                beside = [self._element(block["accessory"])] if "accessory" in block else []
                return box("section", words, *beside)
            case "context":
                shown = (span("small", *self._text(text)) for text in block["elements"])
                return box("context", *shown)
            case "actions":
                return box("row", *map(self._element, block["elements"]))
            case "divider":
                return node("hr")
            case "input":
                return self._input(block)
            case unknown:
                raise UnknownError(f"block {unknown}")

    def _element(self, element: Json) -> Node:
        kind = element["type"]
        if kind == "button":
            look = _STYLES.get(element.get("style"))
            if look is None:
                raise UnknownError(f"style {element['style']} of a button")
            return box(look, *self._text(element["text"]))
        if kind in _CHOSEN:
            return box("select", *self._chosen(element), span("arrow"))
        if kind in _TYPED:
            return box("typed", *self._filled(element))
        raise UnknownError(f"element {kind}")

    def _filled(self, element: Json) -> list[Node | str]:
        if value := element.get("initial_value"):
            return [value]
        return self._placeholder(element)

    def _chosen(self, element: Json) -> list[Node | str]:
        """What a menu shows as long as it is closed."""
        some = element.get("initial_options") or [element.get("initial_option")]
        chosen = [span("chosen", *self._text(one["text"])) for one in some if one]
        return [span("all", *chosen)] if chosen else self._placeholder(element)

    def _placeholder(self, element: Json) -> list[Node | str]:
        placeholder = element.get("placeholder")
        return [span("placeholder", *self._text(placeholder))] if placeholder else []

    def _input(self, block: Json) -> Node:
        hint = [box("hint", *self._text(block["hint"]))] if "hint" in block else []
        optional = " optional" if block.get("optional") else ""
        label = box(f"label{optional}", *self._text(block["label"]))
        return box("input", label, self._element(block["element"]), *hint)

    def _text(self, text: Json) -> list[Node | str]:
        return list(text_object(text, self.group))
