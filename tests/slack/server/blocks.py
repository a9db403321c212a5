"""Blocks of Block Kit, as strictly as Slack: in messages, dialogs and the App Home."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.slack.server.checking import (
    TYPE,
    Check,
    Checker,
    block_id,
    boolean,
    items,
    one_of,
    shape,
    string,
    union,
    url,
)
from tests.slack.server.elements import (
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    one_image,
)
from tests.slack.server.objects import SLACK_FILE, text
from tests.slack.server.refusals import Json
from tests.slack.server.richtext import RICH_TEXT

IN_MESSAGE, IN_VIEW = 50, 100
MARKDOWN = 12_000

NAMED: dict[str, Checker] = {"block_id": block_id}


def _text_or_fields(found: Check, path: str, value: Json) -> None:
    if "text" not in value and "fields" not in value:
        found.wrong(path, "missing required field: text")


def _one_table(found: Check, path: str, value: Json) -> None:
    widths = {len(row) for row in value["rows"]}
    if len(widths) > 1:
        found.wrong(f"{path}/rows", "all rows must have as many cells")


CELL = union({"raw_text": shape({**TYPE, "text": string()}), "rich_text": RICH_TEXT})
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})

BLOCKS: dict[str, Checker] = {
    "section": shape(
        TYPE,
        {
            **NAMED,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": IN_SECTION,
            "expand": boolean,
        },
        _text_or_fields,
    ),
    "divider": shape(TYPE, NAMED),
    "header": shape({**TYPE, "text": text(150, plain=True)}, NAMED),
    "context": shape({**TYPE, "elements": items(IN_CONTEXT, 10)}, NAMED),
    "actions": shape({**TYPE, "elements": items(IN_ACTIONS, 25)}, NAMED),
    "context_actions": shape({**TYPE, "elements": items(IN_CONTEXT_ACTIONS, 5)}, NAMED),
    "image": shape(
        {**TYPE, "alt_text": string(2000)},
        {**NAMED, "image_url": url(), "slack_file": SLACK_FILE, "title": text(2000, plain=True)},
        one_image,
    ),
    "input": shape(
        {**TYPE, "label": text(2000, plain=True), "element": IN_INPUT},
        {**NAMED, "hint": text(2000, plain=True), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "markdown": shape({**TYPE, "text": string(MARKDOWN)}, NAMED),
    "table": shape(
        {**TYPE, "rows": items(items(CELL, 20), 100)},
        {**NAMED, "column_settings": items(COLUMN, 20)},
        _one_table,
    ),
    "video": shape(
        {
            **TYPE,
            "alt_text": string(2000),
            "title": text(199, plain=True),
            "thumbnail_url": url(),
            "video_url": url(),
        },
        {
            **NAMED,
            "author_name": string(49),
            "description": text(200, plain=True),
            "provider_icon_url": url(),
            "provider_name": string(),
            "title_url": url(),
        },
    ),
}

MESSAGE_ONLY = ("markdown", "table", "context_actions")


def _block(kinds: dict[str, Checker]) -> Checker:
    known = union(kinds)

    def check(found: Check, path: str, value: Any) -> None:
        found.action_ids.clear()
        known(found, path, value)

    return check


_MESSAGE = items(_block(BLOCKS), IN_MESSAGE, 0)
_VIEW = items(
    _block({name: one for name, one in BLOCKS.items() if name not in MESSAGE_ONLY}), IN_VIEW, 0
)


def message_faults(blocks: Any, path: str = "/blocks") -> list[str]:
    """What is wrong with the blocks of a message."""
    found = Check()
    _MESSAGE(found, path, blocks)
    if not found.faults:
        written = sum(len(one["text"]) for one in blocks if one["type"] == "markdown")
        if written > MARKDOWN:
            found.wrong(
                path, f"markdown blocks must be less than {MARKDOWN + 1} characters together"
            )
        if sum(one["type"] == "table" for one in blocks) > 1:
            found.wrong(path, "only one table block is allowed")
    return found.faults


def check_view_blocks(found: Check, path: str, blocks: Any) -> None:
    _VIEW(found, path, blocks)


def characters(value: Any) -> int:
    """The text in blocks, as the undocumented limit of all together counts it."""
    if isinstance(value, list):
        return sum(map(characters, value))
    if not isinstance(value, dict):
        return 0
    own = len(value["text"]) if isinstance(value.get("text"), str) else 0
    return own + sum(characters(one) for one in value.values())


def elements(blocks: Any) -> Iterator[tuple[Json, Json]]:
    """Every element that can be used, each with its block, in the order of their showing."""
    for block in blocks or ():
        inner = [block.get("accessory"), block.get("element")]
        if block["type"] in ("actions", "context_actions"):
            inner = block["elements"]
        for one in inner:
            if one and "action_id" in one:
                yield block, one


def with_ids(blocks: list[Json], name: Callable[[], str]) -> list[Json]:
    """The blocks as Slack keeps them: each has a block_id, each element an action_id."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", name())
        inner = [block.get("accessory"), block.get("element")]
        if block["type"] in ("actions", "context_actions"):
            inner = block["elements"]
        for one in inner:
            if one and one["type"] != "image":
                one.setdefault("action_id", name())
    return kept
