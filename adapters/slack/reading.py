"""What people wrote, as Slack sends it: with links, mentions and three signs in its own form."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

_MARKED = re.compile(r"<([^<>\n]*)>")
# What a message of an app says its links under.
_LINKS = ("url", "from_url", "original_url", "title_link")


def written(text: str) -> str:
    """A text as it was typed: links as addresses, channels by their names, nobody mentioned."""
    # Only what Slack escapes; anything else that looks like it was typed so.
    plain = _MARKED.sub(_typed, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _typed(marked: re.Match[str]) -> str:
    target, _, label = marked[1].partition("|")
    match target[:1]:
        case "@" | "!":
            return " "
        case "#":
            return f"#{label}" if label else " "
        case _:
            return target.removeprefix("mailto:")


def linked(message: Mapping[str, Any]) -> str:
    """What a message says, with every address in its blocks and previews, one a line."""
    text = written(str(message.get("text") or ""))
    found = [message.get(name) for name in ("blocks", "attachments")]
    return "\n".join([text, *(unescape(each) for each in _addresses(found))])


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _addresses(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _LINKS and isinstance(inner, str):
                yield inner
            elif name == "text" and isinstance(inner, str):
                yield written(inner)
            else:
                yield from _addresses(inner)
