"""Views as text for a terminal or a pipe. The same view gives the same text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import NamedTuple, assert_never

from adapters.console.ink import (
    BOLD,
    CODE,
    DIM,
    NUMBER,
    PLAIN,
    Colours,
    Line,
    Look,
    Span,
    paint,
)
from adapters.console.visible import visible, web_address
from adapters.console.wrapping import width_of, wrapped
from bot.chat.dates import day_text
from bot.locales import Texts
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Choice,
    Divider,
    Heading,
    Image,
    Item,
    Moment,
    Option,
    Paragraph,
    Quote,
    Run,
    Text,
    View,
)

# A rule is no longer than this, however wide the terminal is.
RULE = 60
# Where lines are as long as they get, a row of buttons is not.
ROW = 100
TAB = 4
_GAP: Line = (Span("  "),)
_QUOTED: Line = (Span("> ", DIM),)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: its width in columns and its colours.

    Without a width lines are as long as they get; without colours there is nothing but characters.
    """

    width: int | None = None
    colours: Colours | None = None


class Pressable(NamedTuple):
    """Something that can be pressed, and how it is called."""

    label: str
    action: Action


def pressables(view: View) -> tuple[Pressable, ...]:
    """Everything that can be pressed, in the order of its numbers, which count from 1."""
    return tuple(_pressables(view))


def _pressables(view: View) -> Iterator[Pressable]:
    for block in view.blocks:
        match block:
            case Item(title=title, button=Button(action=Action() as action)):
                yield Pressable(_words(title), action)
            case Buttons(buttons):
                for button in buttons:
                    if button.action is not None:
                        yield Pressable(button.label, button.action)
            case Choice(_, options):
                yield from (Pressable(option.label, option.action) for option in options)
            case _:
                pass


def render(
    view: View,
    paper: Paper,
    texts: Texts,
    timezone: tzinfo,
    codes: Mapping[Action, str] | None = None,
) -> str:
    """The text of a view, without a newline at its end.

    Times are shown in `timezone`. What can be pressed has its number as in `pressables`; with
    `codes` its code stands beside it.
    """
    page = _Page(paper, texts, timezone, codes or {})
    return "\n".join(paint(line, paper.colours) for line in page.lines(view))


def frame(title: str, paper: Paper) -> str:
    """The line above what others see."""
    width = min(paper.width or RULE, RULE)
    line = (Span(f"── {_one_line(title)} " if title else "", DIM),)
    dashes = "─" * max(0, width - width_of(line))
    pieces = wrapped((*line, Span(dashes, DIM)), paper.width)
    return "\n".join(paint(piece, paper.colours) for piece in pieces)


def _words(text: Text) -> str:
    """A text without its looks."""
    return "".join(run.text for run in text if not isinstance(run, Moment))


class _Page:
    """One view on its way to lines; counts what can be pressed."""

    def __init__(
        self, paper: Paper, texts: Texts, timezone: tzinfo, codes: Mapping[Action, str]
    ) -> None:
        self._paper = paper
        self._texts = texts
        self._timezone = timezone
        self._codes = codes
        self._pressed = 0

    def lines(self, view: View) -> Iterator[Line]:
        blocks = view.blocks or (Paragraph((Run(view.summary),)),)
        before: Block | None = None
        for block in blocks:
            if before is not None and _parted(before, block):
                yield ()
            yield from self._block(block)
            before = block

    def _block(self, block: Block) -> Iterator[Line]:
        match block:
            case Heading(text):
                yield from self._text(text, BOLD)
            case Paragraph(text, quiet):
                yield from self._text(text, DIM if quiet else PLAIN)
            case Quote():
                yield from self._quote(block)
            case Item():
                yield from self._item(block)
            case Image(_, alt):
                yield from self._laid((Span(self._texts("console.image", alt=alt), DIM),))
            case Divider():
                yield (Span("─" * min(self._paper.width or RULE, RULE), DIM),)
            case Buttons(buttons):
                yield from self._buttons(buttons)
            case Choice(prompt, options):
                yield from self._choice(prompt, options)
            case _:
                assert_never(block)

    def _text(self, text: Text, look: Look = PLAIN, indent: Line = ()) -> Iterator[Line]:
        """A text, and below it the addresses that would not be seen otherwise."""
        for line in self._lines_of(text, look):
            yield from self._laid(line, indent, indent)
        yield from self._addresses(text, indent)

    def _addresses(self, text: Text, indent: Line) -> Iterator[Line]:
        """The addresses of links on lines of their own, where there are no hyperlinks."""
        if self._paper.colours is not None:
            return
        shown = _words(text)
        hidden = (run.link for run in text if not isinstance(run, Moment))
        for link in dict.fromkeys(hidden):
            address = web_address(link)
            if address is not None and link is not None and link not in shown:
                yield from self._laid((Span(address),), indent, indent)

    def _lines_of(self, text: Text, look: Look = PLAIN) -> Iterator[Line]:
        """The lines of a text as long as they are; quoted ones begin with a mark."""
        line: list[Span] = []
        quoted = False
        for run in text:
            if isinstance(run, Moment):
                line.append(Span(self._time(run), look))
                continue
            run_look = replace(
                look,
                bold=look.bold or run.bold,
                dim=look.dim or run.quoted,
                colour=CODE if run.code else look.colour,
                link=web_address(run.link),
            )
            for number, piece in enumerate(run.text.split("\n")):
                if number:
                    yield _marked(line, quoted)
                    line, quoted = [], False
                # A line break alone does not say whose line it begins.
                quoted = quoted or (run.quoted and bool(piece))
                line.append(Span(piece, run_look))
        yield _marked(line, quoted)

    def _time(self, moment: Moment) -> str:
        at = moment.at.astimezone(self._timezone)
        day = day_text(at.date(), self._texts)
        return f"{day} {at:%H:%M}" if moment.clock else day

    def _quote(self, quote: Quote) -> Iterator[Line]:
        bar = _bar(quote.colour)
        yield from self._laid(self._head(quote), bar, bar)
        lines = list(self._lines_of(quote.text))
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        if not _words(quote.text).strip() and not quote.continues:
            lines = [(Span(self._texts("chat.no_body"), DIM),)]
        if quote.cut and not "".join(span.text for span in lines[-1]).rstrip().endswith("…"):
            lines[-1] = (*lines[-1], Span("…", DIM))
        for line in lines:
            mark = _QUOTED if line[:1] == _QUOTED else ()
            yield from self._laid(line, bar, bar + mark)
        yield from self._addresses(quote.text, bar)

    def _head(self, quote: Quote) -> Line:
        texts = self._texts
        user = _one_line(quote.user) or texts("chat.nobody")
        name = Span(texts("chat.comment", number=quote.number, user=user), BOLD)
        if quote.continues:
            return (name, Span(texts("chat.continued"), DIM))
        when = texts("chat.time_unknown")
        if quote.created_at is not None:
            when = self._time(Moment(quote.created_at))
        return (name, Span(f"　{when}", DIM))

    def _item(self, item: Item) -> Iterator[Line]:
        indent: Line = (Span("    "),)
        first: Line = (Span("  ・"),)
        code = None
        if item.button is not None and item.button.action is not None:
            number, code = self._number(item.button.action)
            first = (Span(f"{number:>2}. ", Look(colour=NUMBER)),)
            indent = (Span(" " * width_of(first)),)
        for number, line in enumerate(self._lines_of(item.title, BOLD)):
            yield from self._laid(line, indent if number else first, indent)
        below = indent
        if item.colour is not None:
            below = (Span(" " * (width_of(indent) - 2)), *_bar(item.colour))
        for text in item.lines:
            for line in self._lines_of(text):
                yield from self._laid(line, below, below)
        for text in (item.title, *item.lines):
            yield from self._addresses(text, indent)
        if item.button is not None and item.button.url is not None:
            yield from self._laid(self._link(item.button, item.button.url), indent, indent)
        if code is not None:
            yield from self._laid((Span(code, DIM),), indent, indent)

    def _number(self, action: Action) -> tuple[int, str | None]:
        self._pressed += 1
        return self._pressed, self._codes.get(action)

    def _buttons(self, buttons: Sequence[Button]) -> Iterator[Line]:
        row: list[Line] = []
        for button in buttons:
            if button.action is not None:
                look = BOLD if button.primary else PLAIN
                row.append(self._button(button.label, button.action, look))
            elif button.url is None:
                row.append((Span(_one_line(button.label), DIM),))
        yield from self._row(row)
        for button in buttons:
            if button.action is None and button.url is not None:
                yield from self._laid(self._link(button, button.url), (), _GAP)

    def _choice(self, prompt: str, options: Sequence[Option]) -> Iterator[Line]:
        yield from self._laid((Span(_one_line(prompt), DIM),))
        row = []
        for option in options:
            row.append(self._button(option.label, option.action, PLAIN, option.description))
        yield from self._row(row)

    def _button(self, label: str, action: Action, look: Look, more: str = "") -> Line:
        number, code = self._number(action)
        return (
            Span(f"[{number}]", Look(colour=NUMBER)),
            Span(f" {_one_line(label)}", look),
            Span(f" {_one_line(more)}" if more else "", DIM),
            Span(f"  {code}" if code else "", DIM),
        )

    def _link(self, button: Button, url: str) -> Line:
        address = web_address(url)
        label = _one_line(button.label)
        if address is None:
            return (Span(label),)
        return (Span(f"{label} "), Span(address, replace(DIM, link=address)))

    def _row(self, entries: Sequence[Line]) -> Iterator[Line]:
        """Entries beside each other, as many as stand on a line."""
        width = self._paper.width or ROW
        row: Line = ()
        for entry in entries:
            # With its code an entry is long, and wanted for itself.
            full = width_of((*row, *_GAP, *entry)) > width
            if row and (full or self._codes):
                yield from self._laid(row, (), _GAP)
                row = ()
            row = (*row, *_GAP, *entry) if row else entry
        if row:
            yield from self._laid(row, (), _GAP)

    def _laid(self, line: Line, first: Line = (), others: Line = ()) -> Iterator[Line]:
        """A line broken at the edge of the paper, with something before each of its pieces."""
        width = self._paper.width
        room = None
        if width is not None and width_of((*first, *line)) > width:
            room = width - max(width_of(first), width_of(others))
        for number, piece in enumerate(wrapped(line, room)):
            yield (*(others if number else first), *piece)


def _parted(before: Block, block: Block) -> bool:
    """Whether an empty line stands between two blocks."""
    if isinstance(block, Quote | Choice) or isinstance(before, Quote | Choice):
        return True
    if isinstance(block, Buttons):
        return not isinstance(before, Buttons)
    return isinstance(before, Buttons)


def _bar(colour: str | None) -> Line:
    """The bar beside a comment: thick, and in its colour, beside a highlighted one."""
    return (Span("│ ", DIM),) if colour is None else (Span("▎ ", Look(colour=colour)),)


def _marked(line: Sequence[Span], quoted: bool) -> Line:
    # A tab is as wide as the terminal likes, so it becomes what can be measured.
    shown = tuple(Span(visible(span.text).expandtabs(TAB), span.look) for span in line if span.text)
    return _QUOTED + shown if quoted else shown


def _one_line(text: str) -> str:
    return visible(text).replace("\n", " ").expandtabs(TAB)
