"""Making views fit the limits of a platform: whole blocks where they fit, else parts of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.chat.finding import length as length_of
from bot.chat.rows import in_rows
from bot.chat.sizes import Ruler, Size, ruler_of, size_of
from bot.content.cutting import ELLIPSIS, cut, shortened
from bot.content.graphemes import boundary_before
from bot.view import (
    Block,
    Button,
    Buttons,
    Choice,
    Heading,
    Image,
    Item,
    Limits,
    Option,
    Paragraph,
    Quote,
    Run,
    Text,
)

__all__ = ["Size", "pages", "size_of"]

# A text that would fit onto a page of its own begins on another only if there is room for at least
# this share of what a page holds (1/n); a longer one, which is cut anyway, is content with less.
_STUB = 3
_LONG_STUB = 10

Cuttable = Quote | Paragraph


def pages(
    blocks: Sequence[Block], limits: Limits, around: Sequence[Block] = ()
) -> tuple[tuple[Block, ...], ...]:
    """Spread blocks in order over as few pages as filling one after the other takes.

    Each page leaves room for the blocks `around` it, which are not part of what is returned.
    Quotes and paragraphs that are longer than `limits.text` or a page are cut, and so that a page
    is filled, but not for a stub that would fit whole onto the next. What has too many buttons or
    options becomes several blocks; labels, and items that are longer than a page, are shortened
    with an ellipsis; a heading that is too long becomes a bold paragraph. Only a choice or a row
    with nothing in it is left out. No blocks give no page. Raises ValueError where a page cannot
    hold a block however short: the limits, or what stands around, are a mistake.
    """
    ruler = ruler_of(limits)
    filling = _Filling(limits, ruler, Size(limits.characters, limits.parts) - ruler.sizes(around))
    for block in blocks:
        filling.add(block)
    return filling.pages()


class _Filling:
    """The pages so far, and what is left of the last one."""

    def __init__(self, limits: Limits, ruler: Ruler, room: Size) -> None:
        self._limits = limits
        self._ruler = ruler
        self._room = room
        # The most that the text of a page's only block can take.
        self._longest = min(limits.text, room.characters)
        self._done: list[tuple[Block, ...]] = []
        self._page: list[Block] = []
        self._left = room

    def pages(self) -> tuple[tuple[Block, ...], ...]:
        """All pages."""
        self._turn()
        return tuple(self._done)

    def add(self, block: Block) -> None:
        """Add a block where there is room for it, in the form in which there is."""
        match block:
            case Quote():
                user = _short(block.user, self._limits.label)
                self._spread(block if user == block.user else replace(block, user=user))
            case Paragraph():
                self._spread(block)
            case Heading():
                if self._ruler.characters(block) > min(self._limits.heading, self._longest):
                    if block.image is not None:
                        self._place(self._short_image(block.image))
                    self._spread(Paragraph(_bold(block.text)))
                else:
                    self._place(block)
            case Item():
                self._place(self._short_item(block))
            case Image():
                self._place(self._short_image(block))
            case Buttons():
                for row in self._rows(block):
                    self._place(row)
            case Choice():
                for choice in self._choices(block):
                    self._place(choice)
            case _:
                self._place(block)

    def _turn(self) -> None:
        if self._page:
            self._done.append(tuple(self._page))
            self._page.clear()
            self._left = self._room

    def _place(self, block: Block) -> None:
        """Add a block that stays whole."""
        size = self._ruler.size(block)
        if not self._holds(size):
            self._turn()
            if not self._holds(size):
                raise ValueError(
                    f"no page can hold a {type(block).__name__}: {size} in {self._room}"
                )
        self._append(block, size)

    def _holds(self, size: Size) -> bool:
        return (
            size.characters <= min(self._limits.text, self._left.characters)
            and size.parts <= self._left.parts
        )

    def _append(self, block: Block, size: Size) -> None:
        self._page.append(block)
        self._left -= size

    def _spread(self, block: Cuttable) -> None:
        """Add a block that may be cut."""
        parts = self._ruler.parts(block)
        while True:
            size = Size(self._ruler.characters_up_to(block, self._longest), parts)
            if self._holds(size):
                self._append(block, size)
                return
            here = 0
            if size.parts <= self._left.parts:
                here = min(self._limits.text, self._left.characters)
            share = _STUB if size.characters <= self._longest else _LONG_STUB
            if self._page and here * share < self._longest:
                self._turn()
                continue
            head, tail = self._halves(block, here)
            if head is not None:
                self._append(head, self._ruler.size(head))
                if tail is None:
                    return
                block = tail
            elif self._page:
                self._turn()
            else:
                raise ValueError(f"no page can hold any text: {size} in {self._room}")

    def _halves(self, block: Cuttable, room: int) -> tuple[Cuttable | None, Cuttable | None]:
        """What fits into so many characters, and what does not; None for nothing."""
        overhead = self._ruler.overhead(block)
        measure = self._ruler.measure(block)
        head, tail = cut(block.text, room - overhead, measure, self._longest - overhead)
        if not head:
            return None, block
        if not tail:
            # All of it, since a link that no page holds is none any more.
            return replace(block, text=head), None
        if isinstance(block, Quote):
            return replace(block, text=head, cut=True), replace(block, text=tail, continues=True)
        return replace(block, text=head), replace(block, text=tail)

    def _short_item(self, item: Item) -> Item:
        if item.button is not None:
            item = replace(item, button=_short_button(item.button, self._limits.label))
        room = self._longest
        if self._ruler.characters(item) <= room:
            return item
        # Half for the title, and for each line an equal share of what is left.
        room -= self._ruler.characters(Item((), ((),) * len(item.lines)))
        title = self._short_text(item.title, room // 2 if item.lines else room)
        room -= self._ruler.text(title)
        lines: list[Text] = []
        for number, line in enumerate(item.lines):
            lines.append(self._short_text(line, room // (len(item.lines) - number)))
            room -= self._ruler.text(lines[-1])
        return replace(item, title=title, lines=tuple(lines))

    def _short_text(self, text: Text, room: int) -> Text:
        return shortened(text, room, self._ruler.run)

    def _short_image(self, image: Image) -> Image:
        if self._ruler.characters(image) <= self._longest:
            return image
        alt = self._short_text((Run(image.alt),), self._longest)
        return replace(image, alt="".join(run.text for run in alt if isinstance(run, Run)))

    def _rows(self, buttons: Buttons) -> Iterator[Buttons]:
        costs = self._limits.part_costs
        most = self._limits.row
        if costs.button:
            most = max(1, min(most, (self._room.parts - costs.row) // costs.button))
        short = [_short_button(button, self._limits.label) for button in buttons.buttons]
        yield from map(Buttons, in_rows(short, most, self._limits.row_width))

    def _choices(self, choice: Choice) -> Iterator[Choice]:
        prompt = _short(choice.prompt, self._limits.label)
        most = self._limits.options
        short = [_short_option(option, self._limits.option_label) for option in choice.options]
        for start in range(0, len(short), most):
            yield Choice(prompt, tuple(short[start : start + most]))


def _bold(text: Text) -> Text:
    return tuple(replace(run, bold=True) if isinstance(run, Run) else run for run in text)


def _short(text: str, length: int) -> str:
    """A label of at most this length, cut between graphemes."""
    if length_of(text) <= length:
        return text
    at = length - length_of(ELLIPSIS)
    while length_of(text[:at]) > length - length_of(ELLIPSIS):
        at -= 1
    return text[: boundary_before(text, at)].rstrip() + ELLIPSIS


def _short_button(button: Button, length: int) -> Button:
    label = _short(button.label, length)
    return button if label == button.label else replace(button, label=label)


def _short_option(option: Option, length: int) -> Option:
    label, description = (_short(text, length) for text in _option_texts(option))
    if (label, description) == _option_texts(option):
        return option
    return replace(option, label=label, description=description)


def _option_texts(option: Option) -> tuple[str, str]:
    return option.label, option.description
