"""What a person sees after doing something."""

from dataclasses import dataclass

from tests.discord.server.components import BUTTON, LABEL, SELECTS, TEXT_INPUT, each
from tests.discord.server.messages import texts
from tests.discord.server.refusals import Json
from tests.discord.server.world import Interaction, Message


class NoAnswer(AssertionError):  # noqa: N818 - what a person sees
    """Nothing came in time: "The application did not respond"."""


class NotOffered(AssertionError):  # noqa: N818 - what a person sees
    """A thing that the person's Discord would not let them do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The message, modal or choices that a person was answered with.

    `edited` tells that a message changed that was there before.
    """

    message: Message | None = None
    modal: Json | None = None
    choices: tuple[Json, ...] = ()
    edited: bool = False
    interaction: Interaction | None = None

    @property
    def private(self) -> bool:
        return self.message is not None and self.message.private

    @property
    def shown(self) -> Message:
        if self.message is None:
            raise NoAnswer("the answer is not a message")
        return self.message

    @property
    def text(self) -> str:
        """All text of the message, one text a line."""
        return "\n".join(text for text in texts(self.shown.body) if text)

    @property
    def buttons(self) -> list[Json]:
        return buttons(self.shown)

    @property
    def labels(self) -> list[str]:
        return [str(one.get("label") or "") for one in self.buttons]


def buttons(message: Message) -> list[Json]:
    return [one for one in each(message.body.get("components")) if one["type"] == BUTTON]


def button(message: Message, which: str) -> Json:
    """The first enabled button with a label or custom_id, else with a label that has it."""
    listed = [one for one in buttons(message) if one.get("custom_id")]
    for one in listed:
        if which in (one.get("label"), one["custom_id"]):
            return one
    for one in listed:
        if which in (one.get("label") or ""):
            return one
    names = [one.get("label") or one["custom_id"] for one in listed]
    raise NotOffered(f"no button {which!r} among {names}")


def select(message: Message, which: str | None) -> Json:
    """The select with a placeholder or custom_id, the first where none is named."""
    listed = [one for one in each(message.body.get("components")) if one["type"] in SELECTS]
    for one in listed:
        if which is None or which in (one.get("placeholder"), one["custom_id"]):
            return one
    raise NotOffered(f"no select {which!r} among {[one['custom_id'] for one in listed]}")


def filled(modal: Json, values: dict[str, str | list[str]]) -> list[Json]:
    """A modal's components as they are submitted; fields by custom_id or label."""
    left = dict(values)
    found = []
    for one in modal["components"]:
        if one["type"] == LABEL:
            inner = one["component"]
            answer = _field(inner, (one.get("label"), inner["custom_id"]), left)
            found.append({"type": LABEL, "id": one.get("id") or 0, "component": answer})
        elif one.get("components"):
            inner = one["components"][0]
            answer = _field(inner, (inner.get("label"), inner["custom_id"]), left)
            found.append({"type": one["type"], "id": one.get("id") or 0, "components": [answer]})
        else:
            found.append({"type": one["type"], "id": one.get("id") or 0})
    if left:
        raise NotOffered(f"no fields {sorted(left)}")
    return found


def _field(inner: Json, names: tuple[str | None, ...], left: dict[str, str | list[str]]) -> Json:
    value: str | list[str] | None = None
    for name in names:
        if name is not None and name in left:
            value = left.pop(name)
    answer: Json = {
        "type": inner["type"],
        "id": inner.get("id") or 0,
        "custom_id": inner["custom_id"],
    }
    if inner["type"] == TEXT_INPUT:
        text = inner.get("value") or "" if value is None else value
        if inner.get("required", True) and not text:
            raise NotOffered(f"{names} has to be filled in")
        if not inner.get("min_length", 0) <= len(text) <= inner.get("max_length", 4000):
            raise NotOffered(f"{names} takes no text of {len(text)} characters")
        return answer | {"value": text}
    default = [one["value"] for one in inner.get("options") or () if one.get("default")]
    default += [str(one["id"]) for one in inner.get("default_values") or ()]
    chosen = default if value is None else [value] if isinstance(value, str) else value
    offered = [one["value"] for one in inner.get("options") or ()]
    if inner.get("options") and not set(chosen) <= set(offered):
        raise NotOffered(f"{chosen} is not among {offered}")
    lowest = inner.get("min_values", 1) if chosen or inner.get("required", True) else 0
    if not lowest <= len(chosen) <= inner.get("max_values", 1):
        raise NotOffered(f"{names} takes no {len(chosen)} of its values")
    return answer | {"values": chosen}
