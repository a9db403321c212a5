"""What Slack's clients make of blocks: what is seen, and every look, link and mention in it.

Written after how the clients behave, and knows nothing of how ours is written. Where they differ,
it takes more for a look rather than less.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = Mapping[str, Any]

_COMMAND = re.compile(r"<([^<>]*)>")
_UNSEEN = re.compile("[\u00ad\u200b]")
# Not within words of Latin letters, where Slack sees no looks; wide signs count as well.
_LOOKS = tuple(
    (kind, re.compile(rf"(?<![0-9A-Za-z])[{signs}](?=\S)([^\n]+?)(?<=\S)[{signs}](?![0-9A-Za-z])"))
    for kind, signs in (("bold", "*＊"), ("italic", "_＿"), ("struck", "~"), ("code", "`｀"))
)
_QUOTE = re.compile(r"^[^\S\n]*(?:&gt;|>|＞)", re.MULTILINE)
_EMOJI = re.compile(r":[\w+'-]+:")
# In the place of what is read already; no text has it.
_READ = "\ud800"
# What stands for a sign that mrkdwn cannot show, with the sign.
_ALIKE = str.maketrans({"∗": "*", "＊": "*", "﹡": "*", "∼": "~", "ˋ": "`", "｀": "`", "ˍ": "_",
                        "＿": "_", "∶": ":", "∣": "|"})  # fmt: skip
MENTIONS = ("mention",)
_MENTIONING = frozenset({"user", "channel", "broadcast", "usergroup", "team"})


class Mark(NamedTuple):
    """Something that is more than text: its kind, and what it shows or where it leads."""

    kind: str
    text: str


@dataclass(slots=True)
class Reading:
    """What is seen of a text, and the marks in it; `place` is the kind of its block."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    place: str = ""

    def kinds(self) -> set[str]:
        """The kinds of marks that there are."""
        return {mark.kind for mark in self.marks}


def alike(text: str) -> str:
    """A text with one form of the signs that look the same."""
    return text.translate(_ALIKE)


def read_mrkdwn(written: str) -> Reading:
    """Read mrkdwn as a client does."""
    reading = Reading()
    times: list[str] = []

    def shown(command: "re.Match[str]") -> str:
        inner, _, label = command[1].partition("|")
        if inner.startswith("!date^"):
            reading.marks.append(Mark("time", inner))
            times.append(label)
            return _READ
        if inner.startswith(("https://", "http://")):
            reading.marks.append(Mark("link", html.unescape(inner)))
            return label or inner
        reading.marks.append(Mark("mention", inner))
        return label

    text = _COMMAND.sub(shown, written)
    for quote in _QUOTE.findall(text):
        reading.marks.append(Mark("quote", quote))
    for emoji in _EMOJI.findall(text):
        reading.marks.append(Mark("emoji", emoji))
    for kind, pattern in _LOOKS:
        for found in pattern.finditer(text):
            reading.marks.append(Mark(kind, found[1]))
        text = pattern.sub(lambda found: found[1], text)
    for time in times:
        text = text.replace(_READ, time, 1)
    reading.text = html.unescape(_UNSEEN.sub("", text))
    return reading


def read_rich(block: Json) -> Reading:
    """Read a block of rich text: a last line break is not seen before another element."""
    reading = Reading()
    elements = block["elements"]
    pieces: list[str] = []
    for number, element in enumerate(elements):
        words = "".join(_part(part, reading) for part in element["elements"])
        if element["type"] != "rich_text_section":
            reading.marks.append(Mark(element["type"].removeprefix("rich_text_"), words))
        pieces.append(words if number + 1 == len(elements) else words.removesuffix("\n"))
    reading.text = "\n".join(pieces)
    return reading


def _part(part: Json, reading: Reading) -> str:
    kind = part["type"]
    shown = str(part.get("text", ""))
    for look in part.get("style", {}):
        reading.marks.append(Mark(look, shown))
    if kind == "link":
        reading.marks.append(Mark("link", part["url"]))
        return shown or str(part["url"])
    if kind == "date":
        reading.marks.append(Mark("time", str(part["timestamp"])))
        return str(part["fallback"])
    if kind in _MENTIONING:
        reading.marks.append(Mark("mention", str(part)))
    elif kind != "text":
        reading.marks.append(Mark(kind, str(part)))
    return shown


def read_object(text: Json) -> Reading:
    """Read a text object of either kind."""
    if text["type"] == "mrkdwn":
        return read_mrkdwn(text["text"])
    reading = Reading(text["text"])
    if text.get("emoji", True):
        reading.marks += [Mark("emoji", found) for found in _EMOJI.findall(text["text"])]
    return reading


def readings(message: Json) -> list[Reading]:
    """What is seen of every text of a message, small print first, comments and lists behind.

    Their order within each is that of the message.
    """
    every = list(_readings(message["blocks"]))
    return sorted(every, key=lambda reading: reading.place == "rich_text")


def _readings(blocks: list[Json]) -> Iterator[Reading]:
    for block in blocks:
        place = block["type"]
        match place:
            case "rich_text":
                found = [read_rich(block)]
            case "header" | "section":
                found = [read_object(block["text"])]
            case "context":
                found = [read_object(text) for text in block["elements"]]
            case _:
                found = []
        for reading in found:
            reading.place = place
            yield reading


def labels(message: Json) -> Iterator[Reading]:
    """What is seen of everything that is pressed or chosen."""
    for element in elements(message):
        texts = [element.get("text"), element.get("placeholder")]
        texts += [option.get(name) for option in element.get("options", ())
                  for name in ("text", "description")]  # fmt: skip
        yield from (read_object(text) for text in texts if text is not None)


def elements(message: Json) -> Iterator[Json]:
    """Everything that is pressed or chosen."""
    for block in message["blocks"]:
        if block["type"] == "actions":
            yield from block["elements"]
        if "accessory" in block:
            yield block["accessory"]


def size(message: Json) -> int:
    """The characters of all that is seen."""
    return sum(len(reading.text) for reading in readings(message))
