"""The commands as data: their options, and the intents that they are for.

Names and descriptions in every language are in the locale files: `command.NAME.name`,
`command.NAME.description`, and the same for options below `command.NAME.OPTION`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.chat.typed import understand
from bot.intent import Intent


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option of a command; `completed` says what completes it while somebody types."""

    name: str
    required: bool = False
    completed: Literal["query"] | None = None


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command; `intent` makes one from the options' values, by their names.

    None stands for going on with the last answer.
    """

    name: str
    options: tuple[OptionSpec, ...]
    intent: Callable[[Mapping[str, str]], Intent | None]


COMMANDS = (
    CommandSpec(
        "matome",
        (OptionSpec("query", required=True, completed="query"),),
        lambda values: understand(values.get("query", "")),
    ),
)


def intended(line: str) -> Intent | None:
    """What a typed line is for: "/NAME text" for a command, else a query; None for going on.

    The text is the command's first option. Raises UserError where it cannot be.
    """
    for command in COMMANDS:
        called = re.match(rf"\s*/{command.name}(?:\s+|$)", line, re.IGNORECASE)
        if called is not None:
            return command.intent({command.options[0].name: line[called.end() :]})
    return understand(line)
