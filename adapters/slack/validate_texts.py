"""What Slack allows in a text, and what of it would be more than text."""

import re
from collections.abc import Iterable, Iterator

from bot.chat.finding import Finding, Findings, Json, between, length

_URL = 3000
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_COMMAND = re.compile(r"<([^<>]*)>")
# What is more than text and mentions nobody: links, and points in time.
_HARMLESS = re.compile(r"https?://[^|\s]+(?:\|[^|]+.*)?|!date\^-?\d+\^[^|]+\|[^|]+", re.DOTALL)
_GROUP = re.compile(r"!subteam\^(S[A-Z0-9]+)")
_EMOJI = re.compile(r":[\w+'-]+:")
_HALF = re.compile("[\ud800-\udfff]")
_MENTIONS = frozenset({"user", "channel", "broadcast", "team"})
_LEAVES = frozenset({"text", "link", "date", "emoji", "usergroup", "color"}) | _MENTIONS
_HOLDERS = frozenset(
    {"rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"}
)


def text_object(where: str, text: object, most: int) -> Findings:
    """What is wrong with a text of either kind."""
    kind = text.get("type") if isinstance(text, dict) else None
    if not isinstance(text, dict) or kind != "mrkdwn":
        yield from plain(where, text, most)
        return
    yield from _seen(where, text.get("text"), most)
    yield from written(where, str(text.get("text", "")))
    if not text.get("verbatim"):
        yield Finding(where, "links and mentions made of words", text.get("verbatim"))


def plain(where: str, text: object, most: int) -> Findings:
    """What is wrong with a plain text, in which nothing is read but emoji."""
    if not isinstance(text, dict) or text.get("type") != "plain_text":
        yield Finding(where, "plain text", text)
        return
    words = text.get("text")
    yield from _seen(where, words, most)
    if text.get("emoji") is not False and _EMOJI.search(str(words)):
        yield Finding(where, "emoji made of words", words)


def _seen(where: str, words: object, most: int) -> Findings:
    seen = words if isinstance(words, str) and words.strip() else ""
    yield from between(where, "characters of a text", seen, 1, most)


def written(where: str, text: str) -> Findings:
    """What in a mrkdwn is not escaped, or is a command that is not harmless."""
    for command in _COMMAND.findall(text):
        if _HARMLESS.fullmatch(command) is None and _GROUP.fullmatch(command) is None:
            yield Finding(where, "a command in a text", command)
    rest = _ENTITY.sub("", _COMMAND.sub("", text))
    if any(sign in rest for sign in "&<>"):
        yield Finding(where, "signs that are not escaped", rest)
    yield from _halves(where, text)


def rich_text(where: str, block: Json) -> Findings:
    """What is wrong with a block of rich text."""
    elements = block.get("elements", ())
    if not elements:
        yield Finding(where, "elements of a rich text", 0)
    for number, element in enumerate(elements):
        there = f"{where}.elements[{number}]"
        if element.get("type") not in _HOLDERS:
            yield Finding(there, "what may stand here", element.get("type"))
        for at, part in enumerate(_parts(element)):
            yield from _part(f"{there}.elements[{at}]", part)


def _parts(element: Json) -> Iterator[Json]:
    for part in element.get("elements", ()):
        if part.get("type") in _HOLDERS:
            yield from _parts(part)
        else:
            yield part


def _part(where: str, part: Json) -> Findings:
    kind = part.get("type")
    if kind not in _LEAVES:
        yield Finding(where, "what may stand here", kind)
    elif kind in _MENTIONS:
        yield Finding(where, "a mention", kind)
    elif kind == "text":
        yield from between(where, "characters of a text", part.get("text"), 1, 1 << 20)
        yield from _halves(where, str(part.get("text", "")))
    elif kind == "link":
        yield from between(where, "address of a link", part.get("url"), 1, _URL)
        if not str(part.get("url", "")).startswith(("https://", "http://")):
            yield Finding(where, "address of a link", part.get("url"))
    elif kind == "date" and not (isinstance(part.get("timestamp"), int) and part.get("format")):
        yield Finding(where, "a point in time", part.get("timestamp"))


def _halves(where: str, text: str) -> Findings:
    if _HALF.search(text) is not None:
        yield Finding(where, "half of a surrogate pair", text)


def mentions(text: str, blocks: Iterable[Json]) -> Findings:
    """More than one user group that is mentioned: nobody else may be at all."""
    found = set(_GROUP.findall(text))
    found.update(group for block in blocks for group in _groups(block))
    if len(found) > 1:
        yield Finding("mentions", "groups", sorted(found))


def _groups(holder: object) -> Iterator[str]:
    """Every user group that is mentioned somewhere within."""
    if isinstance(holder, str):
        return
    if isinstance(holder, dict):
        if holder.get("type") == "usergroup":
            yield str(holder.get("usergroup_id"))
        elif holder.get("type") == "mrkdwn":
            yield from _GROUP.findall(str(holder.get("text")))
        else:
            yield from (group for inner in holder.values() for group in _groups(inner))
    elif isinstance(holder, (list, tuple)):
        yield from (group for inner in holder for group in _groups(inner))


# What of a block is pressed or chosen: it has limits of its own.
_ACTIVE = frozenset({"accessory", "element"})
_COUNTED = frozenset({"text", "url", "format", "fallback", "alt_text"})


def counted(block: Json) -> int:
    """The characters of the texts of a block, escaped, addresses and times among them."""
    if block.get("type") == "actions":
        return 0
    size = 0
    for name, inner in block.items():
        if name in _ACTIVE:
            continue
        if isinstance(inner, str):
            size += length(_escaped(block, inner)) if name in _COUNTED else 0
        elif isinstance(inner, dict):
            size += counted(inner)
        elif isinstance(inner, (list, tuple)):
            size += sum(counted(one) for one in inner)
    return size


def _escaped(holder: Json, text: str) -> str:
    if holder.get("type") == "mrkdwn":
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
