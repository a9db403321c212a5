"""What Discord's clients make of markdown: what is seen, and every look, link and mention in it.

Written after how the clients behave, and knows nothing of how ours is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_BLOCK_START = re.compile(
    r"(?P<heading> *#{1,3}\s+(?=\S))|(?P<small>-#\s+(?=\S))|(?P<list>\s*(?:[-*+]|\d+\.) )"
    r"|(?P<quote> *>(?:>>)? )"
)
# In the order in which they are tried, each with what it shows.
_INLINE = re.compile(
    r"(?P<escape>\\(?P<sign>[^0-9A-Za-z\s]))"
    r"|(?P<block>```(?:[a-z0-9_+\-.#]+?\n|\n)?(?P<block_text>\n*[^\n](?s:.*?))\n?```)"
    r"|(?P<code>(?P<ticks>`+)(?P<code_text>(?s:.*?[^`]))(?P=ticks)(?!`))"
    r"|(?P<time><t:-?\d+(?::[tTdDfFR])?>)"
    r"|(?P<mention><(?:@[!&]?|\#|id:)\w+>|</[^>\n]+:\d+>|@everyone|@here)"
    r"|(?P<emoji><a?:\w+:\d+>|:[^\s:]+:)"
    r"|(?P<bare><(?P<bare_text>[^: >\n]+:/[^ >\n]+)>)"
    r"|(?P<open>(?:https?|steam|discord)://[^\s<]+[^\s<.,:;\"'\]])"
    r"|(?P<link>\[(?P<words>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
    r"\(\s*<?(?P<target>(?:\([^)]*\)|[^\s\\)]|\\.)*?)>?\s*\))"
    r"|(?P<bold>\*\*(?P<bold_text>(?:\\(?s:.)|[^\\])+?)\*\*(?!\*))"
    r"|(?P<underline>__(?P<underline_text>(?:\\(?s:.)|[^\\])+?)__(?!_))"
    r"|(?P<italic>\*(?=\S)(?P<italic_text>(?:\\(?s:.)|[^\\*])+?)\*(?!\*))"
    r"|(?P<slanted>\b_(?P<slanted_text>(?:\\(?s:.)|[^\\_])+?)_\b)"
    r"|(?P<struck>~~(?P<struck_text>(?s:.+?))~~(?!_))"
    r"|(?P<spoiler>\|\|(?P<spoiler_text>(?s:.+?))\|\|)"
)
# What can be nothing but itself, within a line.
_PLAIN = re.compile(r"[^\\`<@:\[*_~|\nhsd]+")
_NESTED = ("bold", "underline", "italic", "slanted", "struck", "spoiler")
MENTIONS = ("mention",)


class Mark(NamedTuple):
    """Something that is more than text: its kind, and what it shows or where it leads."""

    kind: str
    text: str


@dataclass(slots=True)
class Reading:
    """What is seen of a text, and the marks in it."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)

    def kinds(self) -> set[str]:
        """The kinds of marks that there are."""
        return {mark.kind for mark in self.marks}


def read(markdown: str) -> Reading:
    """Read markdown as a client does."""
    reading = Reading()
    _read(markdown, reading, blocks=True)
    return reading


def _read(markdown: str, reading: Reading, *, blocks: bool) -> None:
    shown: list[str] = []
    at = 0
    while at < len(markdown):
        if blocks and (at == 0 or markdown[at - 1] == "\n"):
            at = _block_start(markdown, at, reading)
        if (plain := _PLAIN.match(markdown, at)) is not None:
            shown.append(plain[0])
            at = plain.end()
        elif (found := _INLINE.match(markdown, at)) is not None:
            shown.append(_taken(found, reading))
            at = found.end()
        else:
            shown.append(markdown[at : at + 1])
            at += 1
    reading.text += "".join(shown)


def _block_start(markdown: str, at: int, reading: Reading) -> int:
    """Where the words of a line begin."""
    while (start := _BLOCK_START.match(markdown, at)) is not None:
        reading.marks.append(Mark(start.lastgroup or "", start[0]))
        at = start.end()
        # Within a quote something may begin again.
        if start.lastgroup != "quote":
            break
    return at


def _taken(found: "re.Match[str]", reading: Reading) -> str:
    """What is seen of something that is more than text."""
    kind = next(name for name in _SHOWN if found[name] is not None)
    shown, leads_to = _SHOWN[kind](found)
    if kind in _NESTED or kind == "link":
        inner = Reading()
        _read(shown, inner, blocks=False)
        shown = inner.text
        reading.marks += inner.marks
    if kind != "escape":
        reading.marks.append(Mark(kind, leads_to or shown))
    return shown


Shown = Callable[["re.Match[str]"], tuple[str, str]]
_SHOWN: Mapping[str, Shown] = {
    "escape": lambda found: (found["sign"], ""),
    "block": lambda found: (found["block_text"], ""),
    "code": lambda found: (found["code_text"], ""),
    "time": lambda found: (found[0], ""),
    "mention": lambda found: (found[0], ""),
    "emoji": lambda found: (found[0], ""),
    "bare": lambda found: (found["bare_text"], ""),
    "open": lambda found: (found[0], ""),
    "link": lambda found: (found["words"], found["target"]),
    **{
        kind: (lambda found, name=f"{kind}_text": (found[name], ""))  # type: ignore[misc]
        for kind in _NESTED
    },
}


def components(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every component of a message as it is sent, nested ones and accessories too."""
    yield from _below(message.get("components", ()))


def _below(found: Any) -> Iterator[Mapping[str, Any]]:
    for component in found:
        yield component
        yield from _below(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def texts(message: Mapping[str, Any]) -> Iterator[str]:
    """The markdown of every text of a message, in order."""
    yield from (found["content"] for found in components(message) if found["type"] == 10)
