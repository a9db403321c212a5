"""Discord's markdown as far as the bot writes it, drawn; anything else is refused."""

import re
from collections.abc import Iterator

from docs.pictures.nodes import Node, UnknownError, box, node, span
from docs.pictures.times import discord_time

_INLINE = re.compile(
    r"\\(?P<sign>[^0-9A-Za-z\s])"
    r"|(?P<ticks>`+)(?P<code>(?s:.*?[^`]))(?P=ticks)(?!`)"
    r"|<t:(?P<time>\d+):(?P<style>\w)>"
    r"|<@&(?P<role>\d+)>"
    r"|<(?P<bare>https?://[^\s<>]+)>"
    r"|\[(?P<words>(?:\\.|[^\[\]\\])*)\]\((?P<target>https?://[^\s()]+)\)"
    r"|\*\*(?P<bold>(?:\\(?s:.)|[^\\])+?)\*\*"
    r"|(?P<plain>[^\\`<*_~|\[\]>@#:]+)"
)
_FENCE = re.compile(r"```\n(?P<code>(?s:.*?))\n```(?:\n|\Z)")
_LINE = re.compile(r"(?P<mark>#{1,3} |-# |> |)(?P<words>.*)(?:\n|\Z)")
_LIST = re.compile(r"\s*(?:[-+]|\d+\.)\s")
_LOOKS = {"# ": "h1", "## ": "h2", "### ": "h3", "-# ": "small"}


def drawn(markdown: str, role: str = "") -> list[Node]:
    """The lines of a text; a `role` that is mentioned is called so."""
    lines: list[Node] = []
    quoted: list[Node] = []
    at = 0
    while at < len(markdown):
        if (block := _FENCE.match(markdown, at)) is not None:
            at = block.end()
            mark, line = "", node("pre", block["code"])
        else:
            found = _LINE.match(markdown, at)
            assert found is not None
            mark, at = found["mark"], found.end()
            line = box(_LOOKS.get(mark, "line"), *_line(found["words"], role))
        if mark == "> ":
            quoted.append(line)
            continue
        if quoted:
            lines.append(node("blockquote", *quoted))
            quoted = []
        lines.append(line)
    return [*lines, node("blockquote", *quoted)] if quoted else lines


def _line(written: str, role: str) -> Iterator[Node | str]:
    if _LIST.match(written) is not None:
        raise UnknownError(f"a list: {written!r}")
    return _words(written, role)


def _words(written: str, role: str) -> Iterator[Node | str]:
    """What stands in a line."""
    at = 0
    while at < len(written):
        found = _INLINE.match(written, at)
        if found is None:
            raise UnknownError(f"markdown: {written[at:]!r}")
        at = found.end()
        yield _piece(found, role)


def _piece(found: re.Match[str], role: str) -> Node | str:
    match found.lastgroup:
        case "sign":
            return found["sign"]
        case "code":
            return node("code", found["code"])
        case "style":
            return span("time", discord_time(int(found["time"]), found["style"]))
        case "role":
            return span("mention", f"@{role}")
        case "bare":
            return span("link", found["bare"])
        case "target":
            return span("link", *_words(found["words"], role))
        case "bold":
            return node("b", *_words(found["bold"], role))
        case "plain":
            return found["plain"]
        case unknown:
            raise UnknownError(f"markdown: {unknown}")
