"""Text as Slack's rich text, in which nothing is parsed: all that was written shows as it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import groupby
from types import MappingProxyType

from slack_sdk.models.blocks import (
    RichTextElement,
    RichTextElementParts,
    RichTextPreformattedElement,
    RichTextQuoteElement,
    RichTextSectionElement,
)

from adapters.slack.mrkdwn import date_format, fallback, leads_to, seconds
from bot.chat.visible import visible
from bot.view import Moment, Run, Text

Part = RichTextElement

_TURN = Run("\n")


class _Kind(Enum):
    """What lines stand in."""

    WORDS = "words"
    QUOTE = "quote"
    CODE = "code"


@dataclass(slots=True)
class _Line:
    runs: list[Run | Moment] = field(default_factory=list)
    kind: _Kind = _Kind.WORDS


_MADE: Mapping[_Kind, Callable[[list[Part]], Part]] = MappingProxyType(
    {
        _Kind.WORDS: lambda parts: RichTextSectionElement(elements=parts),
        _Kind.QUOTE: lambda parts: RichTextQuoteElement(elements=parts),
        _Kind.CODE: lambda parts: RichTextPreformattedElement(elements=parts),
    }
)


def rich(text: Text) -> list[Part]:
    """The elements of a rich text block; none where nothing is seen.

    Lines of which something is quoted are quotes. Code that has whole lines of its own is a block,
    other code stands among the words. Before another element a last line break is not shown, so a
    last line that is empty has one more.
    """
    groups = [(kind, _joined(list(lines))) for kind, lines in groupby(_lines(text), _kind_of)]
    if not any(isinstance(run, Moment) or run.text.strip() for _, runs in groups for run in runs):
        return []
    if len(groups) > 1 and not groups[-1][1]:
        # An element with nothing in it; the line break stands at the end of the one before.
        groups.pop()
        groups[-1][1].append(_TURN)
    last = len(groups) - 1
    return [
        _MADE[kind](_parts(runs, kind, is_last=number == last))
        for number, (kind, runs) in enumerate(groups)
    ]


def aside(text: Text) -> list[Part]:
    """The same as one quote, for what stands under a title; with quotes of its own it stays."""
    runs = list(_seen(text))
    if any(isinstance(run, Run) and run.quoted for run in runs):
        return rich(text)
    if runs and isinstance(last := runs[-1], Run):
        runs[-1] = replace(last, text=last.text.rstrip())
    return [_MADE[_Kind.QUOTE](_parts(runs, _Kind.QUOTE, is_last=True))] if runs else []


def in_bold(text: Text) -> Text:
    """A text that is bold, unless some of it is anyway."""
    if any(run.bold for run in text if isinstance(run, Run)):
        return text
    return tuple(replace(run, bold=True) if isinstance(run, Run) else run for run in text)


def _lines(text: Text) -> list[_Line]:
    """The lines of a text, each with what it stands in."""
    lines = [_Line()]
    runs = list(_seen(text))
    for number, run in enumerate(runs):
        if isinstance(run, Moment):
            lines[-1].runs.append(run)
            continue
        following = runs[number + 1] if number + 1 < len(runs) else None
        kind = _Kind.WORDS
        if run.quoted:
            kind = _Kind.QUOTE
        elif _is_block(run, begins=not lines[-1].runs, following=following):
            kind = _Kind.CODE
        for at, piece in enumerate(run.text.split("\n")):
            if at:
                lines.append(_Line())
            if piece:
                lines[-1].runs.append(_saying(run, piece))
            # The line break at the end of code or of a quote does not say whose line it begins.
            if kind is not _Kind.WORDS and (piece or (kind is _Kind.CODE and _goes_on(run, at))):
                lines[-1].kind = kind
    return lines


def _seen(text: Text) -> Iterator[Run | Moment]:
    """The runs as far as they are seen; code beside code is one."""
    before: Run | None = None
    for run in text:
        if isinstance(run, Run):
            run = _saying(run, visible(run.text))
            if not run.text:
                continue
            if before is not None and _alike(before, run):
                before = replace(before, text=before.text + run.text)
                continue
        if before is not None:
            yield before
        before = run if isinstance(run, Run) else None
        if before is None:
            yield run
    if before is not None:
        yield before


def _saying(run: Run, text: str) -> Run:
    return run if run.text == text else replace(run, text=text)


def _alike(one: Run, other: Run) -> bool:
    return _way(one) == _way(other)


def _way(run: Run) -> tuple[object, ...]:
    """All of a run but what it says, and where that was written."""
    return (run.bold, run.code, run.quoted, run.link)


def _is_block(run: Run, *, begins: bool, following: Run | Moment | None) -> bool:
    """Whether code has whole lines of its own, of which there are several."""
    if not run.code or run.link is not None or not begins or "\n" not in run.text.strip("\n"):
        return False
    if following is None or run.text.endswith("\n"):
        return True
    return isinstance(following, Run) and following.text.startswith("\n")


def _goes_on(run: Run, line: int) -> bool:
    """Whether an empty line of code has some of it below, so that it is part of the block."""
    return line < run.text.count("\n")


def _kind_of(line: _Line) -> _Kind:
    return line.kind


def _joined(lines: Sequence[_Line]) -> list[Run | Moment]:
    """Lines of one kind as one text."""
    runs: list[Run | Moment] = []
    for number, line in enumerate(lines):
        if number:
            runs.append(_TURN)
        runs += line.runs
    return runs


def _parts(runs: list[Run | Moment], kind: _Kind, *, is_last: bool) -> list[Part]:
    """What an element holds."""
    if not is_last and (not runs or runs[-1] == _TURN):
        runs = [*runs, _TURN]
    if kind is _Kind.CODE:
        words = "".join(run.text for run in runs if isinstance(run, Run))
        return [RichTextElementParts.Text(text=words)]
    return [part for look, some in groupby(runs, _look) for part in _written(look, list(some))]


@dataclass(frozen=True, slots=True)
class _Look:
    bold: bool
    code: bool
    link: str | None


def _look(run: Run | Moment) -> _Look | None:
    """What a run looks like; what looks alike is written together. None for a point in time."""
    if isinstance(run, Moment):
        return None
    is_space = not run.text.strip()
    return _Look(run.bold and not is_space, run.code and not is_space, run.link)


def _written(look: _Look | None, runs: Sequence[Run | Moment]) -> Iterator[Part]:
    if look is None:
        yield from (date(run) for run in runs if isinstance(run, Moment))
        return
    words = "".join(run.text for run in runs if isinstance(run, Run))
    style = None
    if look.bold or look.code:
        style = RichTextElementParts.TextStyle(bold=look.bold or None, code=look.code or None)
    target = leads_to(words, look.link)
    if target is None:
        yield RichTextElementParts.Text(text=words, style=style)
    else:
        yield RichTextElementParts.Link(url=target, text=words, style=style)


def date(moment: Moment) -> Part:
    """A point in time, which Slack shows in the reader's zone."""
    return RichTextElementParts.Date(
        timestamp=seconds(moment), format=date_format(moment), fallback=fallback(moment)
    )
