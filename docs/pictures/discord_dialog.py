"""Discord's dialogs as its client shows them; a field that is not known is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docs.pictures.nodes import Node, UnknownError, box, span

Json = Mapping[str, Any]

_CHOSEN, _TYPED, _ROLES, _LABELLED, _CHANNELS = 3, 4, 6, 18, 8


@dataclass(frozen=True, slots=True)
class Dialog:
    """The body of a dialog; `names` are those of roles and channels by their ids."""

    body: Json
    names: Mapping[str, str] = field(default_factory=dict)

    def drawn(self) -> Node:
        """All that the dialog shows. Raises UnknownError."""
        fields = [self._labelled(each) for each in self.body["components"]]
        return box("dialog", box("h2", self.body["title"]), *fields)

    def _labelled(self, labelled: Json) -> Node:
        if labelled["type"] != _LABELLED:
            raise UnknownError(f"field of type {labelled['type']}")
        described = labelled.get("description")
        hint = [box("small", described)] if described else []
        inner = self._input(labelled["component"])
        required = " required" if labelled["component"]["required"] else ""
        return box("labelled", box(f"label{required}", labelled["label"]), *hint, inner)

    def _input(self, component: Json) -> Node:
        match component["type"]:
            case kind if kind == _TYPED:
                return box("typed", component.get("value") or "")
            case kind if kind == _CHOSEN:
                chosen = [each["label"] for each in component["options"] if each["default"]]
                return box("select", *chosen, span("arrow"))
            case kind if kind in (_ROLES, _CHANNELS):
                return box("select", *self._named(component), span("arrow"))
            case unknown:
                raise UnknownError(f"input of type {unknown}")

    def _named(self, component: Json) -> Iterator[str]:
        sign = "@" if component["type"] == _ROLES else "#"
        for value in component.get("default_values") or ():
            yield sign + self.names.get(str(value["id"]), str(value["id"]))
