"""Views as Components V2. The same view gives the same components."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from discord import AllowedMentions
from discord.http import handle_message_parameters

from adapters.discord import components as made
from adapters.discord.colours import accent
from adapters.discord.components import Component, Layout
from adapters.discord.limits import LIMITS
from adapters.discord.markdown import bold, escaped, markdown, timestamp
from adapters.discord.pictures import NO_FILES, Attachments, listed
from bot import view as core
from bot.chat.colours import sign
from bot.chat.finding import length
from bot.chat.visible import is_blank, one_line, visible
from bot.locales import Texts
from bot.view import Action, Block, Heading, Image, Moment, Paragraph, Quote, Run, Text, View

# What a select's own custom_id begins with; its options have the codes as their values.
CHOICE = "choice:"
# The same of a button that only says something.
SAYS = "says:"
# What stands between a code and a number where a message has it more than once.
AGAIN = "~"
# The longest custom_id, and the same of an option's value.
_NAME = 100
# The longest address of a button.
ADDRESS = 512
# Discord refuses a label without any character.
NO_LABEL = "…"
# What a summary has at most where there is nothing else to show; escaped it is twice as long.
_SUMMARY = 1000
# The longest description of a picture, as the library has it; characters beyond U+FFFF may count
# twice.
_DESCRIPTION = 256
_HEADINGS = {1: "## ", 2: "### "}
_QUIET = "-# "

Codes = Mapping[Action, str]


def rendered(view: View, codes: Codes, texts: Texts, attachments: Attachments = NO_FILES) -> Layout:
    """The components of a view, made anew each time; `codes` has those of all that is pressed.

    Of its pictures those are shown that are among the `attachments`. Nothing of it is kept by the
    library once it was sent: presses find their way by the codes.
    """
    return Layout(_Page(codes, texts, attachments).components(view))


def body(layout: Layout, attachments: Attachments = NO_FILES) -> dict[str, Any]:
    """What is sent of a message that shows this, as the library makes it: nobody is mentioned.

    The files themselves are no part of it.
    """
    made = handle_message_parameters(view=layout, allowed_mentions=AllowedMentions.none())
    with_files = {"attachments": listed(attachments)} if attachments else {}
    return {**(made.payload or {}), **with_files}


class _Page:
    """One view on its way to components; counts what needs a name of its own."""

    def __init__(self, codes: Codes, texts: Texts, attachments: Attachments) -> None:
        self._codes = codes
        self._texts = texts
        self._attachments = attachments
        self._named = 0
        self._used: Counter[str] = Counter()

    def components(self, view: View) -> list[Component]:
        """All components; at least one, since there is no empty message."""
        found = list(self._all(view.blocks))
        if not found:
            summary = escaped(view.summary[:_SUMMARY]).strip()
            found = [made.text(NO_LABEL if is_blank(summary) else summary)]
        return found

    def _all(self, blocks: Sequence[Block]) -> Iterator[Component]:
        """The components of blocks; beside a heading's picture stands its small print too."""
        waiting = list(reversed(blocks))
        while waiting:
            block = waiting.pop()
            items = list(self._block(block))
            picture = self._picture(block.image) if isinstance(block, Heading) else None
            if picture is None or not items:
                yield from items
                continue
            if waiting and isinstance(waiting[-1], Paragraph) and waiting[-1].quiet:
                items += self._block(waiting.pop())
            yield made.section(items, picture)

    def _picture(self, image: Image | None) -> Component | None:
        file = None if image is None else self._attachments.get(image.path)
        if image is None or file is None:
            return None
        return made.thumbnail(file.address, _description(image.alt))

    def _block(self, block: Block) -> Iterator[Component]:
        match block:
            case Heading(text, level):
                line = " ".join(markdown(text).split("\n")).strip()
                yield from _display("" if is_blank(line) else f"{_HEADINGS[level]}{line}")
            case Paragraph(text, quiet):
                yield from _display(_small(text) if quiet else markdown(text))
            case Quote():
                yield self._quote(block)
            case core.Item():
                yield self._item(block)
            case Image(path, alt):
                yield from self._image(path, alt)
            case core.Divider():
                yield made.separator()
            case core.Buttons(buttons):
                yield from self._rows(buttons)
            case core.Choice(prompt, options):
                yield from self._selects(prompt, options)
            case _:
                assert_never(block)

    def _image(self, path: str, alt: str) -> Iterator[Component]:
        """A picture, or the words for it."""
        file = self._attachments.get(path)
        if file is not None:
            yield made.gallery(file.address, _description(alt))
        elif words := escaped(one_line(alt)):
            yield from _display(f"{_QUIET}{words}")

    def _quote(self, quote: Quote) -> Component:
        """A comment in a container; at the side of a highlighted one is its colour."""
        written = made.text(f"{self._head(quote)}\n{self._words(quote)}")
        return made.container(written, None if quote.colour is None else accent(quote.colour))

    def _head(self, quote: Quote) -> str:
        texts = self._texts
        user = one_line(quote.user)
        if is_blank(user):
            user = texts("chat.nobody")
        name = bold(escaped(texts("chat.comment", number=quote.number, user=user)))
        if quote.continues:
            return f"{name}{texts('chat.continued')}"
        if quote.created_at is None:
            return f"{name}　{texts('chat.time_unknown')}"
        return f"{name}　{timestamp(Moment(quote.created_at))}"

    def _words(self, quote: Quote) -> str:
        written = markdown(quote.text)
        if is_blank(written):
            return written if quote.continues else self._texts("chat.no_body")
        end = written.rstrip()
        if quote.cut and not end.endswith("…"):
            # Where it ends with a block of code, that has to end first.
            end += "\n…" if end.endswith("```") else "…"
            return end + written[len(written.rstrip()) :]
        return written

    def _item(self, item: core.Item) -> Component:
        """An entry of a list, with its button at its side."""
        title = bold(" ".join(markdown(item.title).split("\n")))
        if item.colour is not None:
            title = f"{sign(item.colour)} {title}"
        words = "\n".join([title, *map(markdown, item.lines)])
        written = made.text(NO_LABEL if is_blank(words) else words)
        return (
            written if item.button is None else made.section([written], self._button(item.button))
        )

    def _rows(self, buttons: Sequence[core.Button]) -> Iterator[Component]:
        for start in range(0, len(buttons), LIMITS.row):
            yield made.row([self._button(each) for each in buttons[start : start + LIMITS.row]])

    def _button(self, button: core.Button) -> Component:
        label = _label(button.label)
        code = None if button.action is None else self._code(button.action)
        if code is not None:
            return made.button(label, code, made.PRIMARY if button.primary else made.SECONDARY)
        if button.url is not None and _may_open(button.url):
            return made.link(label, button.url)
        return made.button(label, self._name(SAYS), disabled=True)

    def _selects(self, prompt: str, options: Sequence[core.Option]) -> Iterator[Component]:
        for start in range(0, len(options), LIMITS.options):
            some = [self._option(option) for option in options[start : start + LIMITS.options]]
            yield made.row([made.select(self._name(CHOICE), one_line(prompt), some)])

    def _option(self, option: core.Option) -> Component:
        value = self._code(option.action) or self._name(SAYS)
        return made.option(_label(option.label), value, one_line(option.description))

    def _code(self, action: Action) -> str | None:
        """The code of an action, with a number where it is there already: Discord takes it once.

        None where there is no room for that.
        """
        code = self._codes[action]
        self._used[code] += 1
        times = self._used[code]
        again = code if times == 1 else f"{code}{AGAIN}{times}"
        return again if len(again) <= _NAME else None

    def _name(self, kind: str) -> str:
        """A custom_id that nothing else of the message has."""
        self._named += 1
        return f"{kind}{self._named}"


def _display(written: str) -> Iterator[Component]:
    """A text, if there is anything to see."""
    if not is_blank(written):
        yield made.text(written)


def _small(text: Text) -> str:
    """Small print, unless it has lines of a form of their own."""
    written = markdown(text)
    if any(isinstance(run, Run) and (run.quoted or run.code) for run in text):
        return written
    lines = written.split("\n")
    return "\n".join(f"{_QUIET}{line}" if line.strip() else line for line in lines)


def _description(alt: str) -> str | None:
    """Words for a picture, None where there are none."""
    words = one_line(alt).strip()
    if length(words) > _DESCRIPTION:
        # However many of these count twice.
        words = words[: _DESCRIPTION // 2 - 1] + NO_LABEL
    return words or None


def _label(text: str) -> str:
    return NO_LABEL if is_blank(line := one_line(text)) else line


def _may_open(url: str) -> bool:
    """Whether Discord takes an address for a button."""
    return (
        url.startswith(("https://", "http://"))
        and len(url) <= ADDRESS
        and visible(url) == url
        and not any(sign.isspace() for sign in url)
    )
