"""What is wrong with the looks of a message in Discord: mentions, broken layouts, imitations."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.discord_reading import Reading, components, read
from bot.locales import Texts

Json = Mapping[str, Any]

TEXT, BUTTON, SELECT = 10, 2, 3
# All that ours is made of, and what may stand in a comment: code, quotes, addresses as they are.
OURS = {"heading", "small", "bold", "time", "link", "bare", "code", "block", "quote"}
# More signs above each other than any language needs run into the lines around them.
MOST_MARKS = 8
HEAD = re.compile(r"\*\*\\#\d+ ")
_BLANK = re.compile(
    r"[\s\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5\u180b-\u180f\u200d\ufe0f]*"
)
_LEADS_OUT = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What is wrong, in words, and how much was looked at."""

    mentions: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    posing: list[str] = field(default_factory=list)
    messages: int = 0
    asked: int = 0


@dataclass(slots=True)
class Reader:
    """Reads messages, and notes what should not be there.

    `users` are those who wrote the comments of a number, as one line each.
    """

    users: Mapping[int, Collection[str]]
    beside: Collection[str] = tuple(map(Texts("ja"), ("chat.open", "chat.read")))
    found: Found = field(default_factory=Found)

    def message(self, body: Json, about: str) -> None:
        """Read a message."""
        self.found.messages += 1
        if any(body.get(key) for key in ("mentions", "mention_roles", "mention_everyone")):
            self.found.mentions.append(f"{about}: somebody is pinged")
        for component in components(body):
            if component["type"] == TEXT:
                self._text(component["content"], about)
            elif component["type"] == BUTTON:
                self._label(component.get("label"), about)
                self.found.posing += _led_astray(component, about)
            elif component["type"] == SELECT:
                for option in component.get("options", ()):
                    self._label(option["label"], about)
        labels = Counter(
            one["label"] for one in components(body) if one["type"] == BUTTON and "label" in one
        )
        # Those beside entries are alike, and long ones are when they are cut.
        alike = [
            label
            for label, times in labels.items()
            if times > 1 and label not in self.beside and not label.endswith("…")
        ]
        if alike:
            self.found.posing.append(f"{about}: buttons alike: {alike}")

    def _text(self, written: str, about: str) -> None:
        reading = read(written)
        about = f"{about}: {written[:120]!r}"
        if "mention" in reading.kinds():
            self.found.mentions.append(about)
        self.found.broken += [f"{about}: {fault}" for fault in _faults(reading.text)]
        for fault in self._posing(written, reading):
            self.found.posing.append(f"{about}: {fault}")

    def _posing(self, written: str, reading: Reading) -> Iterator[str]:
        """In what a text looks like what it is not."""
        if others := reading.kinds() - OURS - {"mention"}:
            yield f"looks of {others}"
        kinds = Counter(mark.kind for mark in reading.marks)
        lines = written.split("\n")
        if kinds["heading"] and (len(lines) > 1 or not written.startswith("#")):
            yield "a heading within a text"
        if kinds["small"] and not all(not line or line.startswith("-# ") for line in lines):
            yield "small print within a text"
        if kinds["time"] > 1:
            yield "more than one time"
        if HEAD.match(written):
            head = next((mark.text for mark in reading.marks if mark.kind == "bold"), "")
            if not self._is_head(head):
                yield f"a head that no comment has: {head!r}"
            if kinds["bold"] > 1:
                yield "bold within a comment"
            if kinds["time"] and "<t:" not in lines[0]:
                yield "a time within a comment"
        for mark in reading.marks:
            if mark.kind == "link" and not mark.text.startswith(("https://", "http://")):
                yield f"leads to {mark.text}"
            if mark.kind == "bare" and _LEADS_OUT.fullmatch(mark.text) is None:
                yield f"leads to {mark.text}"

    def _is_head(self, head: str) -> bool:
        number, _, user = head.removeprefix("#").partition(" ")
        names = self.users.get(int(number), ())
        # A long name is cut.
        cut = user.removesuffix("…")
        return user in names or (cut != user and any(name.startswith(cut) for name in names))

    def _label(self, label: Any, about: str) -> None:
        """Labels are read as they are."""
        if label is not None:
            faults = [*_faults(label), *(["several lines"] if "\n" in label else [])]
            self.found.broken += [f"{about}: label {label!r}: {fault}" for fault in faults]


def _faults(text: str) -> Iterator[str]:
    """What breaks a layout, or cannot be seen."""
    if _BLANK.fullmatch(text):
        yield "nothing to see"
    row = 0
    for sign in text:
        category = unicodedata.category(sign)
        row = row + 1 if category in ("Mn", "Me") else 0
        if row > MOST_MARKS:
            yield "signs upon signs"
            return
        is_tag = "\U000e0020" <= sign <= "\U000e007f"
        if (category in ("Cc", "Cf", "Cs") and sign not in "\n\t\u200d" and not is_tag) or (
            sign in "\u2028\u2029"
        ):
            yield f"{sign!r} in it"
            return


def _led_astray(button: Json, about: str) -> Iterator[str]:
    url = button.get("url")
    if url is not None and _LEADS_OUT.fullmatch(url) is None:
        yield f"{about}: a button leads to {url!r}"
