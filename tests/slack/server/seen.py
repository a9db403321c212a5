"""What a person sees: messages and views as text, with the things that can be used on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.slack.server.blocks import elements
from tests.slack.server.mrkdwn import shown
from tests.slack.server.refusals import Json
from tests.slack.server.world import Interaction, Message, View


class NoAnswer(AssertionError):  # noqa: N818 - what a person sees
    """Nothing came in time: "operation_timeout", or simply nothing."""


class NotOffered(AssertionError):  # noqa: N818 - what a person sees
    """A thing that the person's Slack would not let them do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The message or view that a person was answered with.

    `edited` tells that it was there before and changed, `gone` that it went away, `errors` what a
    dialog says beside its fields (by block_id) when it was not taken.
    """

    message: Message | None = None
    view: View | None = None
    edited: bool = False
    gone: bool = False
    closed: bool = False
    interaction: Interaction | None = None

    @property
    def private(self) -> bool:
        return self.message is not None and self.message.only_for is not None

    @property
    def shown(self) -> Message:
        if self.message is None:
            raise NoAnswer("the answer is not a message")
        return self.message

    @property
    def dialog(self) -> View:
        if self.view is None:
            raise NoAnswer("the answer is not a view")
        return self.view

    @property
    def errors(self) -> dict[str, str]:
        return self.dialog.errors

    @property
    def blocks(self) -> list[Json]:
        return self.view.body["blocks"] if self.view is not None else self.shown.blocks

    @property
    def text(self) -> str:
        """All that is to be read, one text a line."""
        if self.view is not None:
            title = (self.view.body.get("title") or {}).get("text")
            return "\n".join([*([title] if title else []), *lines(self.view.body["blocks"])])
        return look(self.shown)

    @property
    def labels(self) -> list[str]:
        """What the buttons say, in their order."""
        found = [one for _, one in elements(self.blocks) if one["type"] == "button"]
        return [str(one["text"]["text"]) for one in found]

    @property
    def fields(self) -> list[str]:
        """What the inputs of a dialog are called."""
        return [one["label"]["text"] for one in self.blocks if one["type"] == "input"]


def look(message: Message) -> str:
    """What a message looks like: its blocks, else its text, then attachments and unfurled links."""
    found = lines(message.blocks) or ([shown(message.text)] if message.text else [])
    for one in [*message.attachments, *message.unfurls.values()]:
        found += lines(one.get("blocks") or [])
        found += [shown(str(one[key])) for key in ("pretext", "title", "text") if one.get(key)]
    return "\n".join(found)


def lines(blocks: list[Json]) -> list[str]:
    """The texts of blocks as they are shown."""
    return [line for block in blocks for line in _block(block) if line]


def _block(block: Json) -> Iterator[str]:
    kind = block["type"]
    if kind == "divider":
        yield "---"
    elif kind in ("rich_text", "rich_text_list", "rich_text_quote", "rich_text_preformatted"):
        for one in block["elements"]:
            yield from _block(one)
    elif kind == "rich_text_section":
        yield "".join(map(_inline, block["elements"]))
    elif kind == "table":
        for row in block["rows"]:
            yield "\t".join(" ".join(_cell(cell)) for cell in row)
    elif kind in ("text", "link", "emoji", "user"):
        yield _inline(block)
    elif kind == "markdown":
        yield block["text"]
    else:
        yield from _texts(block)


def _cell(cell: Json) -> list[str]:
    return [cell["text"]] if cell["type"] == "raw_text" else lines([cell])


def _texts(value: Any) -> Iterator[str]:
    """The text objects in anything, also the words on buttons and in menus."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in ("plain_text", "mrkdwn") and isinstance(value.get("text"), str):
            yield value["text"] if kind == "plain_text" else shown(value["text"])
        elif kind == "image":
            yield value["alt_text"]
        else:
            for name in ("title", "label", "text", "fields", "accessory", "element", "elements"):
                yield from _texts(value.get(name))
            yield from _texts(value.get("options"))


def _inline(one: Json) -> str:
    kind = one["type"]
    if kind == "text":
        return str(one["text"])
    if kind == "link":
        return str(one.get("text") or one["url"])
    if kind == "emoji":
        return f":{one['name']}:"
    if kind == "date":
        return str(one.get("fallback") or one["timestamp"])
    return f"@{one.get('user_id') or one.get('range') or one.get('channel_id') or ''}"


def usable(blocks: list[Json], kinds: tuple[str, ...]) -> list[tuple[Json, Json]]:
    """The elements of some kinds, each with its block."""
    return [(block, one) for block, one in elements(blocks) if one["type"] in kinds]


def found(blocks: list[Json], which: str | None, kinds: tuple[str, ...]) -> tuple[Json, Json]:
    """The element that something (a label, placeholder, action_id, or a part of a label) names.

    None is the first of the kinds.
    """
    listed = usable(blocks, kinds)
    for block, one in listed:
        if which is None or which in (*names(block, one), one["action_id"], block["block_id"]):
            return block, one
    for block, one in listed:
        if any(str(which) in name for name in names(block, one)):
            return block, one
    offered = [(names(block, one) or [one["action_id"]])[0] for block, one in listed]
    raise NotOffered(f"no {kinds[0]} {which!r} among {offered}")


def names(block: Json, element: Json) -> list[str]:
    """What a person would call an element."""
    texts = (element.get("text"), block.get("label"), element.get("placeholder"))
    return [str(text["text"]) for text in texts if text]
