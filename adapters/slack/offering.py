"""What is offered while somebody types in a dialog, as options of a menu.

A menu takes nothing but its options, so what was typed is one of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from slack_sdk.models.blocks import Option

from adapters.slack.render import NO_LABEL, Json, plain
from bot.chat.finding import length
from bot.chat.visible import one_line

_OPTIONS, _LABEL, _VALUE = 100, 75, 150
# Slack may give these back in another form.
_ESCAPED = str.maketrans({sign: quote(sign) for sign in "%&<>"})


def options_for(offers: Iterable[tuple[str, str]], typed: str) -> list[Json]:
    """Options for values and what they are called, the likeliest first, so that Enter takes that.

    What was typed comes last, as it is: it may mean something that nobody has thought of.
    """
    found = {value: label for value, label in offers if value.strip()}
    text = one_line(typed)
    if text and not any(
        text.casefold() in (value.casefold(), label.casefold()) for value, label in found.items()
    ):
        found[text] = text
    made = [option(value, label) for value, label in found.items() if writable(value)]
    return [each.to_dict() for each in made[:_OPTIONS]]


def option(value: str, label: str) -> Option:
    """One option; `read` takes its value back. A label that is too long is cut."""
    return Option(value=_written(value), text=plain(short(label, _LABEL) or NO_LABEL))


def writable(value: str) -> bool:
    """Whether an option can have a value."""
    return len(_written(value)) <= _VALUE


def read(option_given: Mapping[str, Any]) -> str:
    """The value of an option that was chosen."""
    return unquote(str(option_given.get("value", "")))


def short(text: str, most: int) -> str:
    """A text on one line, of so many characters at most; those beyond U+FFFF count twice."""
    line = one_line(text)
    if length(line) <= most:
        return line
    cut = line[: most - 1]
    while length(cut) > most - 1:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"


def _written(value: str) -> str:
    return value.translate(_ESCAPED)
