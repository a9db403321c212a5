"""Every limit that Slack has for messages and views, held against the arguments of a request.

What is found is data: tests take any finding for a fault, production counts it. What texts hold is
looked at in `validate_texts`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from adapters.slack.validate_texts import (
    counted,
    mentions,
    plain,
    rich_text,
    text_object,
    written,
)
from bot.chat.finding import Finding, Findings, Json, between, more, twice

# Not documented: "msg_blocks_too_long" has been seen from about 11,300 characters on.
TOTAL = 9500
BLOCKS, VIEW_BLOCKS, VIEW_BYTES = 50, 100, 250_000
TEXT, METADATA_BYTES = 4000, 16_000
_ID, _HEADER, _SECTION, _FIELDS, _FIELD = 255, 150, 3000, 10, 2000
_CONTEXT, _ACTIONS, _BUTTON, _VALUE, _URL = 10, 25, 75, 2000, 3000
_OPTIONS, _GROUPS, _OVERFLOW, _CHECKED, _LABEL, _OPTION_VALUE = 100, 100, 5, 10, 75, 150
_PLACEHOLDER, _ALT, _INPUT, _TITLE, _PRIVATE, _MARKDOWN = 150, 2000, 2000, 24, 3000, 12_000

_SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
_PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
_BOXES = frozenset({"checkboxes", "radio_buttons"})
_INPUTS = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
_ACTIVE = _SELECTS | _PICKERS | _BOXES | {"button", "overflow"}
_ASKED = _SELECTS | _PICKERS | _BOXES | _INPUTS | {"file_input"}
_STYLES = (None, "primary", "danger")


def message_findings(message: Json) -> list[Finding]:
    """What is wrong with the arguments of chat.postMessage, chat.update or a response_url."""
    found = list(between("text", "text of a message", message.get("text"), 1, TEXT))
    found += written("text", str(message.get("text", "")))
    for name in ("link_names", "parse", "attachments"):
        if message.get(name) not in (None, False, "none"):
            found.append(Finding(name, "mentions by their text", message[name]))
    blocks = message.get("blocks", ())
    if "blocks" in message:
        found += _blocks(blocks, BLOCKS)
        found += more("blocks", "characters of all blocks", sum(map(counted, blocks)), TOTAL)
    found += mentions(str(message.get("text", "")), blocks)
    metadata = len(json.dumps(message.get("metadata"), ensure_ascii=False).encode())
    return [*found, *more("metadata", "bytes of metadata", metadata, METADATA_BYTES)]


def view_findings(view: Json) -> list[Finding]:
    """What is wrong with a view: a modal, or what App Home shows."""
    kind = view.get("type")
    found: list[Finding] = []
    if kind not in ("modal", "home"):
        found.append(Finding("type", "kind of a view", kind))
    if kind == "modal":
        found += plain("title", view.get("title"), _TITLE)
        for name in ("submit", "close"):
            if name in view:
                found += plain(name, view[name], _TITLE)
        asks = any(block.get("type") == "input" for block in view.get("blocks", ()))
        if asks and "submit" not in view:
            found.append(Finding("submit", "something to submit by", None))
    found += more(
        "private_metadata", "private_metadata", _length(view, "private_metadata"), _PRIVATE
    )
    for name in ("callback_id", "external_id"):
        found += more(name, "id", _length(view, name), _ID)
    blocks = view.get("blocks", ())
    found += [*_blocks(blocks, VIEW_BLOCKS), *mentions("", blocks)]
    taken = len(json.dumps(view, ensure_ascii=False).encode())
    return [*found, *more("view", "bytes of a view", taken, VIEW_BYTES)]


def option_findings(options: Sequence[Json]) -> list[Finding]:
    """What is wrong with the options that complete an external select."""
    found = list(more("options", "options", len(options), _OPTIONS))
    for number, option in enumerate(options):
        found += _option(f"options[{number}]", option)
    return found


def _blocks(blocks: Sequence[Json], most: int) -> Findings:
    yield from more("blocks", "blocks", len(blocks), most)
    if not blocks:
        yield Finding("blocks", "blocks", 0)
    for number, block in enumerate(blocks):
        where = f"blocks[{number}]"
        check = _CHECKS.get(str(block.get("type")))
        if check is None:
            yield Finding(where, "kind of a block", block.get("type"))
            continue
        yield from more(where, "block_id", _length(block, "block_id"), _ID)
        yield from check(where, block)
        yield from twice(where, [found.get("action_id") for found in _elements(block)])
    yield from twice("blocks", [block.get("block_id") for block in blocks])


def _elements(block: Json) -> Iterator[Json]:
    """Everything within a block that can be pressed, chosen or filled in."""
    if block.get("type") == "actions":
        yield from block.get("elements", ())
    yield from (block[name] for name in ("accessory", "element") if name in block)


def _section(where: str, section: Json) -> Findings:
    fields = section.get("fields", ())
    if "text" in section or not fields:
        yield from text_object(f"{where}.text", section.get("text"), _SECTION)
    yield from more(where, "fields", len(fields), _FIELDS)
    for number, field in enumerate(fields):
        yield from text_object(f"{where}.fields[{number}]", field, _FIELD)
    if "accessory" in section:
        yield from _element(f"{where}.accessory", section["accessory"], _ACTIVE | {"image"})


def _header(where: str, header: Json) -> Findings:
    yield from plain(where, header.get("text"), _HEADER)


def _context(where: str, context: Json) -> Findings:
    elements = context.get("elements", ())
    yield from _counted(where, "elements of a context", len(elements), 1, _CONTEXT)
    for number, element in enumerate(elements):
        there = f"{where}.elements[{number}]"
        if element.get("type") == "image":
            yield from _image(there, element)
        else:
            yield from text_object(there, element, _SECTION)


def _actions(where: str, actions: Json) -> Findings:
    elements = actions.get("elements", ())
    yield from _counted(where, "elements of a row", len(elements), 1, _ACTIONS)
    for number, element in enumerate(elements):
        yield from _element(f"{where}.elements[{number}]", element, _ACTIVE)


def _image(where: str, image: Json) -> Findings:
    yield from between(where, "words for a picture", image.get("alt_text"), 1, _ALT)
    if "slack_file" not in image:
        yield from between(where, "address of a picture", image.get("image_url"), 1, _URL)
    if "title" in image:
        yield from plain(f"{where}.title", image["title"], _ALT)


def _input(where: str, asked: Json) -> Findings:
    yield from plain(f"{where}.label", asked.get("label"), _INPUT)
    if "hint" in asked:
        yield from plain(f"{where}.hint", asked["hint"], _INPUT)
    yield from _element(f"{where}.element", asked.get("element", {}), _ASKED)


def _markdown(where: str, block: Json) -> Findings:
    yield from between(where, "characters of markdown", block.get("text"), 1, _MARKDOWN)


def _nothing(where: str, block: Json) -> Findings:
    return iter(())


def _element(where: str, element: Json, kinds: frozenset[str]) -> Findings:
    kind = str(element.get("type"))
    if kind not in kinds:
        yield Finding(where, "what may stand here", kind)
        return
    if kind == "image":
        yield from _image(where, element)
        return
    yield from more(where, "action_id", _length(element, "action_id"), _ID)
    if "placeholder" in element:
        yield from plain(f"{where}.placeholder", element["placeholder"], _PLACEHOLDER)
    if kind == "button":
        yield from _button(where, element)
    elif kind in ("static_select", "multi_static_select"):
        yield from _static_select(where, element)
    elif kind == "overflow":
        yield from _options(where, element, _OVERFLOW)
    elif kind in _BOXES:
        yield from _options(where, element, _CHECKED)


def _button(where: str, button: Json) -> Findings:
    yield from plain(where, button.get("text"), _BUTTON)
    yield from more(where, "value of a button", _length(button, "value"), _VALUE)
    yield from more(where, "address of a button", _length(button, "url"), _URL)
    if "url" in button and not str(button["url"]).startswith(("https://", "http://")):
        yield Finding(where, "address of a button", button["url"])
    if button.get("style") not in _STYLES:
        yield Finding(where, "style of a button", button.get("style"))


def _static_select(where: str, select: Json) -> Findings:
    if ("options" in select) is ("option_groups" in select):
        yield Finding(where, "options or groups of them", sorted(select))
        return
    if "options" in select:
        yield from _options(where, select, _OPTIONS)
        return
    groups = select["option_groups"]
    yield from _counted(where, "groups of options", len(groups), 1, _GROUPS)
    for number, group in enumerate(groups):
        there = f"{where}.option_groups[{number}]"
        yield from plain(f"{there}.label", group.get("label"), _LABEL)
        yield from _options(there, group, _OPTIONS)


def _options(where: str, holder: Json, most: int) -> Findings:
    options = holder.get("options", ())
    yield from _counted(where, "options", len(options), 1, most)
    for number, option in enumerate(options):
        yield from _option(f"{where}.options[{number}]", option)


def _option(where: str, option: Json) -> Findings:
    yield from text_object(f"{where}.text", option.get("text"), _LABEL)
    yield from between(where, "value of an option", option.get("value"), 1, _OPTION_VALUE)
    if "description" in option:
        yield from text_object(f"{where}.description", option["description"], _LABEL)


_CHECKS_OF: dict[str, Callable[[str, Json], Findings]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "divider": _nothing,
    "rich_text": rich_text,
    "markdown": _markdown,
}
_CHECKS: Mapping[str, Callable[[str, Json], Findings]] = MappingProxyType(_CHECKS_OF)


def _counted(where: str, limit: str, value: int, least: int, most: int) -> Findings:
    if not least <= value <= most:
        yield Finding(where, limit, value)


def _length(holder: Json, name: str) -> int:
    return len(str(holder.get(name) or ""))
