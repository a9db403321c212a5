"""How much room blocks take in a message, by the limits of a platform.

What an adapter writes must never be longer than what is said here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.chat.finding import length
from bot.content.cutting import Measure
from bot.view import (
    Block,
    Buttons,
    Choice,
    Divider,
    Heading,
    Image,
    Item,
    Limits,
    Moment,
    Paragraph,
    Quote,
    Run,
    Text,
)

# What stands before an item: a dot of its colour, and a number where its button stands elsewhere.
ITEM_MARK = 6


@dataclass(frozen=True, slots=True)
class Size:
    """What blocks take of a message: characters of text, and parts."""

    characters: int
    parts: int

    def __add__(self, other: "Size") -> "Size":
        return Size(self.characters + other.characters, self.parts + other.parts)

    def __sub__(self, other: "Size") -> "Size":
        return Size(self.characters - other.characters, self.parts - other.parts)


def size_of(block: Block, limits: Limits) -> Size:
    """What a block takes.

    Characters: those beyond U+FFFF count twice, `TextCosts.escaped` as it says. To these come

    - for a run `markup` for each of bold, code and quoted that it is, and if it is any of them
      `markup` for each of its lines; for a link its address (escaped like text) and `link`;
    - for a moment `moment`, whatever it is;
    - for a heading `markup`, for a quiet paragraph `markup` and the same for each of its lines;
    - for a quote `head` and the author's name;
    - for an item ITEM_MARK, and 1 for each of its lines.

    A run without text shows nothing and takes nothing. The words for an image count; the labels of
    buttons and choices do not: they have limits of their own.

    Parts: as `PartCosts` says; of buttons `row` for every row that is begun.
    """
    return ruler_of(limits).size(block)


@lru_cache(maxsize=32)
def ruler_of(limits: Limits) -> "Ruler":
    """The measures for a set of limits."""
    return Ruler(limits)


class Ruler:
    """Measures for one set of limits."""

    def __init__(self, limits: Limits) -> None:
        self._costs = limits.text_costs
        self._parts = limits.part_costs
        self._row = limits.row
        escaped = self._costs.escaped
        # The signs that take so many characters more.
        self._escaped = [
            (_one_of(sign for sign in escaped if escaped[sign] == taken), taken - 1)
            for taken in sorted(set(escaped.values()))
        ]
        # What takes more than one character; most texts have none of it.
        self._dear = _one_of(escaped, "\U00010000-\U0010ffff")

    def size(self, block: Block) -> Size:
        """What a block takes."""
        return Size(self.characters(block), self.parts(block))

    def sizes(self, blocks: Iterable[Block]) -> Size:
        """What blocks take together."""
        return sum(map(self.size, blocks), Size(0, 0))

    def characters(self, block: Block) -> int:
        """The characters of a block."""
        match block:
            case Quote() | Paragraph():
                return self.overhead(block) + sum(map(self.measure(block), block.text))
            case Heading(text):
                return self._costs.markup + self.text(text)
            case Item(title, lines):
                return ITEM_MARK + self.text(title) + sum(self.text(line) + 1 for line in lines)
            case Image(_, alt):
                return self.plain(alt)
            case Divider() | Buttons() | Choice():
                return 0

    def characters_up_to(self, block: Quote | Paragraph, most: int) -> int:
        """The characters of a block if they are at most so many, else some number above.

        Long texts are cut into many pages; measuring all that is left for each would take long.
        """
        size = self.overhead(block)
        measure = self.measure(block)
        for run in block.text:
            if isinstance(run, Run) and size + len(run.text) > most:
                return most + 1
            size += measure(run)
            if size > most:
                break
        return size

    def parts(self, block: Block) -> int:
        """The parts of a block."""
        costs = self._parts
        match block:
            case Quote():
                return costs.quote
            case Paragraph():
                return costs.paragraph
            case Heading():
                return costs.heading + (costs.heading_image if block.image is not None else 0)
            case Item():
                return costs.item + (costs.item_button if block.button is not None else 0)
            case Image():
                return costs.image
            case Divider():
                return costs.divider
            case Choice():
                return costs.choice
            case Buttons(buttons):
                return -(-len(buttons) // self._row) * costs.row + len(buttons) * costs.button

    def overhead(self, block: Quote | Paragraph) -> int:
        """What a block takes beside its text."""
        if isinstance(block, Quote):
            return self._costs.head + self.plain(block.user)
        return 2 * self._costs.markup if block.quiet else 0

    def measure(self, block: Quote | Paragraph) -> Measure:
        """What a run takes in a block."""
        if isinstance(block, Paragraph) and block.quiet and self._costs.markup:
            return self._quiet_run
        return self.run

    def text(self, text: Text) -> int:
        """The characters of a text."""
        return sum(map(self.run, text))

    def run(self, run: Run | Moment) -> int:
        """The characters of a run."""
        if isinstance(run, Moment):
            return self._costs.moment
        if not run.text:
            return 0
        size = self.plain(run.text)
        if run.bold or run.code or run.quoted:
            marks = run.bold + run.code + run.quoted
            size += self._costs.markup * (marks + 1 + run.text.count("\n"))
        if run.link is not None and self._costs.link is not None:
            size += self._costs.link + self.plain(run.link)
        return size

    def plain(self, text: str) -> int:
        """The characters of a text without any look."""
        if self._dear.search(text) is None:
            return len(text)
        size = length(text)
        for signs, more in self._escaped:
            size += more * len(signs.findall(text))
        return size

    def _quiet_run(self, run: Run | Moment) -> int:
        lines = run.text.count("\n") if isinstance(run, Run) else 0
        return self.run(run) + lines * self._costs.markup


def _one_of(signs: Iterable[str], others: str = "") -> re.Pattern[str]:
    """A pattern for any of some signs, and of `others` as they stand in a set of signs."""
    return re.compile(f"[{re.escape(''.join(signs))}{others}]")
