"""Slack's texts as far as the bot writes them, drawn; anything else is refused."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from docs.pictures.nodes import Node, UnknownError, box, node, span
from docs.pictures.times import slack_time

Json = Mapping[str, Any]

_UNSEEN = re.compile("[\u00ad\u200b]")
_INLINE = re.compile(
    r"<!date\^(?P<time>\d+)\^(?P<form>[^|^<>]+)\|[^<>]*>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)>"
    r"|<(?P<target>https?://[^|<>]+)(?:\|(?P<label>[^<>]*))?>"
    r"|\*(?P<bold>[^*\n]+)\*"
    r"|(?P<plain>(?:[^<>*&`~_]|(?<=[0-9A-Za-z])_(?=[0-9A-Za-z])|&(?:amp|lt|gt);)+)"
)
# A quote at the beginning of a line, and emoji.
_UNKNOWN = re.compile(r"^[^\S\n]*(?:&gt;|＞)|:[\w+'-]+:", re.MULTILINE)
_ELEMENTS = {
    "rich_text_section": ("div", "line"),
    "rich_text_quote": ("blockquote", ""),
    "rich_text_preformatted": ("pre", ""),
}


def text_object(text: Json, group: str = "") -> Iterator[Node | str]:
    """A text object of either kind; a `group` that is mentioned is called so."""
    match text["type"]:
        case "plain_text" if not text.get("emoji", True):
            yield text["text"]
        case "mrkdwn" if text.get("verbatim"):
            yield from mrkdwn(text["text"], group)
        case kind:
            raise UnknownError(f"text object {kind} whose signs are read")


def mrkdwn(written: str, group: str = "") -> Iterator[Node | str]:
    """What mrkdwn shows."""
    at = 0
    while at < len(written):
        found = _INLINE.match(written, at)
        if found is None:
            raise UnknownError(f"mrkdwn: {written[at:]!r}")
        at = found.end()
        yield _piece(found, group)


def _piece(found: re.Match[str], group: str) -> Node | str:
    match found.lastgroup:
        case "form":
            return slack_time(int(found["time"]), found["form"])
        case "group":
            return span("mention", f"@{group}")
        case "target" | "label":
            return span("link", _seen(found["label"] or found["target"]))
        case "bold":
            return node("b", *mrkdwn(found["bold"], group))
        case "plain":
            if _UNKNOWN.search(found["plain"]) is not None:
                raise UnknownError(f"mrkdwn: {found['plain']!r}")
            return _seen(found["plain"])
        case unknown:
            raise UnknownError(f"mrkdwn: {unknown}")


def _seen(written: str) -> str:
    return html.unescape(_UNSEEN.sub("", written))


def rich_text(block: Json, group: str = "") -> Node:
    """A block of rich text: before another element a last line break is not shown."""
    elements = block["elements"]
    last = len(elements) - 1
    drawn = (_element(one, group, is_last=at == last) for at, one in enumerate(elements))
    return box("rich", *drawn)


def _element(element: Json, group: str, *, is_last: bool) -> Node:
    if element["type"] not in _ELEMENTS:
        raise UnknownError(f"rich text {element['type']}")
    tag, look = _ELEMENTS[element["type"]]
    parts = [dict(part) for part in element["elements"]]
    if not is_last and parts and parts[-1]["type"] == "text":
        parts[-1]["text"] = parts[-1]["text"].removesuffix("\n")
    return node(tag, *(_part(part, group) for part in parts), look=look)


def _part(part: Json, group: str) -> Node | str:
    match part["type"]:
        case "text":
            shown: Node | str = part["text"]
        case "link":
            shown = span("link", part.get("text") or part["url"])
        case "date":
            shown = slack_time(part["timestamp"], part["format"])
        case "usergroup":
            shown = span("mention", f"@{group}")
        case unknown:
            raise UnknownError(f"part of rich text: {unknown}")
    for look, is_so in part.get("style", {}).items():
        if look not in ("bold", "code"):
            raise UnknownError(f"style of rich text: {look}")
        if is_so:
            shown = node("b" if look == "bold" else "code", shown)
    return shown
