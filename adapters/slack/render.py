"""Views as Block Kit. The same view gives the same blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import pairwise
from typing import Any, assert_never

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    RichTextBlock,
    SectionBlock,
    StaticSelectElement,
)

from adapters.slack.limits import HEADER, LIMITS, PLACE
from adapters.slack.models import as_json
from adapters.slack.mrkdwn import bold_line, escaped, leads_to, mrkdwn
from adapters.slack.rich import aside, in_bold, rich
from bot import view as core
from bot.chat.colours import sign
from bot.chat.finding import length
from bot.chat.visible import one_line, visible
from bot.locales import Texts
from bot.view import (
    Action,
    Heading,
    Image,
    Item,
    Moment,
    Paragraph,
    Quote,
    Run,
    Text,
    View,
)

# What an action_id begins with: something with a code as its value is pressed or chosen; an address
# is opened, of which Slack tells all the same.
PRESS, CHOICE, OPEN = "press:", "choice:", "open:"
# Slack refuses a label without any character.
NO_LABEL = "…"
# What a summary has at most; escaped it may be five times as long, and 4,000 are advised.
_SUMMARY = 800

Codes = Mapping[Action, str]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The blocks of a message, and the `text` for notifications and screen readers."""

    blocks: list[Json]
    text: str

    def arguments(self) -> Json:
        """What chat.postMessage and its like are given: links are not unfolded beside it."""
        return {
            "text": self.text,
            "blocks": self.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }


def rendered(view: View, codes: Codes, texts: Texts) -> Rendered:
    """The blocks of a view; `codes` has those of all that is pressed.

    Raises SlackObjectFormationError where a text or a label was not made to fit.
    """
    page = _Page(codes, texts)
    summary = one_line(view.summary[:_SUMMARY]) or NO_LABEL
    pairs = pairwise([None, *view.blocks])
    blocks = [made for before, block in pairs if block for made in page.blocks(block, before)]
    found = blocks or list(_words((Run(summary),)))
    return Rendered([as_json(block) for block in found], escaped(summary))


class _Page:
    """One view on its way to blocks; counts what needs a name of its own."""

    def __init__(self, codes: Codes, texts: Texts) -> None:
        self._codes = codes
        self._texts = texts
        self._named = 0

    def blocks(self, block: core.Block, before: core.Block | None = None) -> Iterator[Block]:
        """The blocks of one of a view, which stands behind another."""
        match block:
            case Heading(text, level):
                yield from self._heading(text, level)
            case Paragraph(text, quiet):
                yield from _small(text) if quiet else _words(text)
            case Quote() if isinstance(before, Item):
                # Between the titles of others it has to be seen whose it is.
                yield RichTextBlock(elements=aside(self._quote(block)))
            case Quote():
                yield from _words(self._quote(block))
            case Item():
                yield from self._item(block)
            case Image(_, alt):
                # The archive's pictures are no address, and an upload for every answer too much.
                yield from _context(one_line(alt))
            case core.Divider():
                yield DividerBlock()
            case core.Buttons(buttons):
                for start in range(0, len(buttons), LIMITS.row):
                    yield from self._row(buttons[start : start + LIMITS.row])
            case core.Choice(prompt, options):
                for start in range(0, len(options), LIMITS.options):
                    yield self._select(prompt, options[start : start + LIMITS.options])
            case _:
                assert_never(block)

    def _heading(self, text: Text, level: int) -> Iterator[Block]:
        """A header, with where it leads below it; in bold where a header cannot hold it."""
        runs = [run for run in text if isinstance(run, Run)]
        line = one_line("".join(run.text for run in runs))
        if level != 1 or len(runs) < len(text) or length(line) > HEADER:
            yield from _words(in_bold(_on_one_line(text)))
            return
        if line:
            yield HeaderBlock(text=plain(line))
        links = (leads_to(run.text, run.link) for run in runs)
        if link := next(filter(None, links), None):
            leading = (Run(self._texts("slack.open_title"), link=link),)
            yield ContextBlock(elements=[_marked(mrkdwn(leading))])

    def _quote(self, quote: Quote) -> Text:
        """A comment, with a sign in its colour before its author."""
        texts = self._texts
        user = one_line(quote.user) or texts("chat.nobody")
        dot = "" if quote.colour is None else f"{sign(quote.colour)} "
        name = Run(texts("chat.comment", number=quote.number, user=user), bold=True)
        when: Run | Moment = Run(f"　{texts('chat.time_unknown')}")
        if quote.continues:
            when = Run(texts("chat.continued"))
        elif quote.created_at is not None:
            when = Moment(quote.created_at)
        between = Run("　" if isinstance(when, Moment) else "")
        return (Run(dot), name, between, when, Run("\n"), *self._body(quote))

    def _body(self, quote: Quote) -> Text:
        seen = "".join(visible(run.text) for run in quote.text if isinstance(run, Run))
        if not seen.strip() and all(isinstance(run, Run) for run in quote.text):
            return quote.text if quote.continues else (Run(self._texts("chat.no_body")),)
        return _with_ellipsis(quote.text) if quote.cut else quote.text

    def _item(self, item: Item) -> Iterator[Block]:
        """An entry of a list; with its button at its side it cannot be rich text."""
        dot = "" if item.colour is None else f"{sign(item.colour)} "
        if item.button is None:
            lines = [part for line in item.lines for part in (Run("\n"), *line)]
            title = in_bold(_on_one_line(item.title))
            yield from _words((Run(dot), *title, *lines)) or _words((Run(NO_LABEL),))
            return
        words = "\n".join([f"{dot}{bold_line(item.title)}", *map(mrkdwn, item.lines)])
        button = self._button(item.button)
        yield SectionBlock(
            text=_marked(words if words.strip() else NO_LABEL),
            accessory=button,
            block_id=None if button is None else self._block_id(button.value),
        )

    def _row(self, buttons: Sequence[core.Button]) -> Iterator[Block]:
        """Buttons, and below them what only says something: Slack has no such button."""
        found = [(button, self._button(button)) for button in buttons]
        pressed = [made for _, made in found if made is not None]
        if pressed:
            codes = [made.value for made in pressed]
            yield ActionsBlock(elements=pressed, block_id=self._block_id(*codes))
        said = "　".join(one_line(button.label) for button, made in found if made is None)
        # Slack counts what it escapes, which may be five times as long.
        fits = length(escaped(said)) <= PLACE
        yield from _context(said if fits else f"{said[: PLACE // 5 - 1]}…")

    def _button(self, button: core.Button) -> ButtonElement | None:
        """A button, None for one that does nothing."""
        label = plain(one_line(button.label) or NO_LABEL)
        if button.action is not None:
            return ButtonElement(
                text=label,
                action_id=self._name(PRESS),
                value=self._codes[button.action],
                style="primary" if button.primary else None,
            )
        url = leads_to(NO_LABEL, button.url)
        if url is None:
            return None
        return ButtonElement(text=label, action_id=self._name(OPEN), url=url)

    def _select(self, prompt: str, options: Sequence[core.Option]) -> Block:
        words = one_line(prompt)
        made = [self._option(option) for option in options]
        select = StaticSelectElement(
            action_id=self._name(CHOICE),
            placeholder=plain(words) if words else None,
            options=made,
        )
        block_id = self._block_id(*(option.value for option in made))
        return ActionsBlock(elements=[select], block_id=block_id)

    def _option(self, option: core.Option) -> Option:
        description = one_line(option.description)
        return Option(
            value=self._codes[option.action],
            text=plain(one_line(option.label) or NO_LABEL),
            description=plain(description) if description else None,
        )

    def _name(self, kind: str) -> str:
        """An action_id that nothing else of the message has."""
        self._named += 1
        return f"{kind}{self._named}"

    def _block_id(self, *codes: str | None) -> str:
        """A block_id of its own, another one for other codes.

        Slack keeps what was chosen in a block for as long as it has the same one.
        """
        digest = blake2b("\n".join(map(str, codes)).encode(), digest_size=6)
        return f"{self._named}:{digest.hexdigest()}"


def _words(text: Text) -> list[Block]:
    """A block of rich text, if there is anything to see."""
    elements = rich(text)
    return [RichTextBlock(elements=elements)] if elements else []


def _small(text: Text) -> list[Block]:
    """Small print, unless it has lines of a form of their own."""
    if any(isinstance(run, Run) and (run.quoted or run.code) for run in text):
        return _words(text)
    if any(isinstance(run, Moment) or run.bold or run.link for run in text):
        written = mrkdwn(text)
        return [ContextBlock(elements=[_marked(written)])] if written.strip() else []
    return _context(visible("".join(run.text for run in text if isinstance(run, Run))))


def _context(words: str) -> list[Block]:
    """Small print that nothing is read into, if there is anything to see."""
    return [ContextBlock(elements=[plain(words)])] if words.strip() else []


def plain(words: str) -> PlainTextObject:
    """Words in which :smile: stays what it is."""
    return PlainTextObject(text=words, emoji=False)


def _marked(words: str) -> MarkdownTextObject:
    """Words in mrkdwn, in which only what is marked leads somewhere."""
    return MarkdownTextObject(text=words, verbatim=True)


def _on_one_line(text: Text) -> Text:
    return tuple(
        replace(run, text=run.text.replace("\n", " ")) if isinstance(run, Run) else run
        for run in text
    )


def _with_ellipsis(text: Text) -> Text:
    """A text that goes on elsewhere, with a sign of that before the space at its end."""
    for at in range(len(text) - 1, -1, -1):
        run = text[at]
        if isinstance(run, Moment):
            return (*text[: at + 1], Run("…"), *text[at + 1 :])
        kept = visible(run.text).rstrip()
        if kept:
            space = Run(visible(run.text)[len(kept) :])
            if kept.endswith("…"):
                return text
            # A block of code has to end first.
            more = Run("\n…" if run.code and "\n" in kept else "…", quoted=run.quoted)
            return (*text[:at], replace(run, text=kept), more, space, *text[at + 1 :])
    return text
