"""What mrkdwn means: whom it mentions, where it links to, how it looks, what is not escaped."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

_CONTROL = re.compile(r"<([^<>\n]*)>")
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
_NAMED = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")
# A time, how to write it, a link if need be, and words for where it is not understood.
_DATE = re.compile(r"!date\^\d+\^[^|^]*\{[a-z_]+\}[^|^]*(\^https?://[^|^]+)?\|.+")
_BROADCASTS = ("channel", "here", "everyone", "group")
_SCHEMES = ("http://", "https://", "mailto:", "tel:", "slack://")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Ids of people, channels and groups, and "channel", "here" or "everyone"."""

    users: frozenset[str] = field(default_factory=frozenset)
    channels: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    broadcasts: frozenset[str] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.users or self.channels or self.groups or self.broadcasts)


def strings(value: Any) -> Iterator[str]:
    """The mrkdwn in blocks and attachments; rich text is not mrkdwn."""
    if isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
            yield value["text"]
        elif kind is None and isinstance(value.get("text"), str):
            yield from (str(value[key]) for key in ("text", "pretext", "title") if value.get(key))
        for one in value.values():
            if isinstance(one, (dict, list)):
                yield from strings(one)


def written(value: Any) -> Iterator[str]:
    """The same without markdown blocks, where other characters mean something."""
    if isinstance(value, list):
        for one in value:
            yield from written(one)
    elif isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield str(value.get("text"))
    elif isinstance(value, dict):
        yield from written(list(value.values()))


def links(texts: Iterable[str]) -> list[str]:
    """The addresses that texts link to, as written."""
    return [
        target
        for text in texts
        for inner in _CONTROL.findall(text)
        if (target := inner.split("|", 1)[0]).startswith(_SCHEMES)
    ]


def mentions(text: str, blocks: Any, attachments: Any, *, named: bool) -> Mentions:
    """Whom a message calls; with `named` (link_names, parse=full) "@channel" counts as well."""
    texts = [text, *strings(blocks), *strings(attachments)]
    found = [inner for one in texts for inner in _CONTROL.findall(one)]
    elements = list(_elements(blocks))
    users = {one[1:].split("|")[0] for one in found if one.startswith("@")}
    channels = {one[1:].split("|")[0] for one in found if one.startswith("#")}
    groups = {one.split("^")[1].split("|")[0] for one in found if one.startswith("!subteam^")}
    plain = {one[1:].split("|")[0] for one in found if one.startswith("!")}
    broadcasts = {one for one in plain if one in _BROADCASTS}
    if named:
        broadcasts |= {name for one in texts for name in _NAMED.findall(one)}
    users |= {one["user_id"] for one in elements if one["type"] == "user"}
    channels |= {one["channel_id"] for one in elements if one["type"] == "channel"}
    groups |= {one["usergroup_id"] for one in elements if one["type"] == "usergroup"}
    broadcasts |= {one["range"] for one in elements if one["type"] == "broadcast"}
    return Mentions(frozenset(users), frozenset(channels), frozenset(groups), frozenset(broadcasts))


def _elements(value: Any, rich: bool = False) -> Iterator[dict[str, Any]]:
    """The innermost elements of rich text."""
    if isinstance(value, list):
        for one in value:
            yield from _elements(one, rich)
    elif isinstance(value, dict):
        kind = str(value.get("type"))
        if rich and not kind.startswith("rich_text"):
            yield value
        elif kind.startswith("rich_text"):
            yield from _elements(value.get("elements"), rich=True)


def shown(text: str) -> str:
    """What is seen of mrkdwn: labels instead of addresses, characters instead of entities."""
    return unescape(_CONTROL.sub(_label, text))


def _label(found: re.Match[str]) -> str:
    target, bar, label = found[1].partition("|")
    if bar:
        return label
    return f"@{target[1:]}" if target.startswith("!") else target


def unescaped(text: str) -> list[str]:
    """Places where `&`, `<` or `>` are neither an entity nor part of a control sequence."""
    left = _CONTROL.sub(lambda found: "" if _known(found[1]) else found[0], text)
    # A quoted line begins with ">".
    left = re.sub(r"(?m)^>(>>)? ?", "", left)
    places = [*re.finditer(r"[<>]", left), *_ENTITY.finditer(left)]
    return [left[max(0, one.start() - 10) : one.end() + 10] for one in places]


def _known(inner: str) -> bool:
    if inner.startswith(("@", "#")):
        return re.fullmatch(r"[@#][A-Z0-9]+(\|.*)?", inner) is not None
    if inner.startswith("!"):
        if inner.startswith("!date"):
            return _DATE.fullmatch(inner) is not None
        return re.split(r"[|^]", inner[1:])[0] in (*_BROADCASTS, "subteam")
    return inner.startswith(_SCHEMES)
