"""The commands as data: their options, and the intents that they are for.

Names and descriptions in every language are in the locale files: `command.NAME.name`,
`command.NAME.description`, and the same for subcommands and options below `command.NAME`; the
subcommands share the names of their options.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from bot.chat.typed import understand
from bot.errors import UserError
from bot.intent import (
    AddDigest,
    DigestStatus,
    EditDigest,
    Intent,
    ListDigests,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    Search,
    SendDigest,
)
from bot.search.query import item_link

# How many posts a digest may show.
MOST_POSTS = 10


class Kind(Enum):
    """What an option takes, where a platform tells its kinds apart; typed, it is always a text."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    ROLE = "role"
    CHANNEL = "channel"


# What completes the text of an option while somebody types.
Completer = Literal["query", "time", "weekdays", "zone", "tags", "digest"]


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option of a command.

    `choices` has the values of a CHOICE, each with the key of how it is called; of a BOOLEAN they
    are "yes" and "no". An INTEGER lies between `least` and `most`. What is `in_channels` is of no
    use in direct messages; what is `kept` always has a value once it is set.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    completed: Completer | None = None
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 0
    in_channels: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command; `intent` makes one from the options' values, by their names.

    None stands for going on with the last answer. A command with subcommands has no options; its
    own intent is what it means alone. One that is `for_managers` is offered to those who may manage
    a place; whether they may is asked for each intent all the same.
    """

    name: str
    options: tuple[OptionSpec, ...]
    intent: Callable[[Mapping[str, str]], Intent | None]
    subcommands: tuple["CommandSpec", ...] = ()
    for_managers: bool = False


@dataclass(frozen=True, slots=True)
class MessageCommandSpec:
    """A command on somebody's message; `intent` makes one from its text. Raises UserError."""

    name: str
    intent: Callable[[str], Intent]


YES_NO = (("yes", "word.yes"), ("no", "word.no"))
SPOKEN = (("ja", "digest.language.ja"), ("en", "digest.language.en"))
QUIET_DAYS = (
    ("archive", "digest.quiet.archive"),
    ("say", "digest.quiet.say"),
    ("skip", "digest.quiet.skip"),
)

_WISHES = (
    OptionSpec("time", completed="time", kept=True),
    OptionSpec("tags", completed="tags"),
    OptionSpec("without", completed="tags"),
    OptionSpec("posts", Kind.INTEGER, least=1, most=MOST_POSTS, kept=True),
    OptionSpec("weekdays", completed="weekdays", kept=True),
    OptionSpec("zone", completed="zone", kept=True),
    OptionSpec("quiet_day", Kind.CHOICE, choices=QUIET_DAYS, kept=True),
    OptionSpec("language", Kind.CHOICE, choices=SPOKEN, kept=True),
    OptionSpec("role", Kind.ROLE, in_channels=True),
    OptionSpec("publish", Kind.BOOLEAN, choices=YES_NO, in_channels=True, kept=True),
)
# Which one may be left out where a place has only one.
_WHICH = OptionSpec("subscription", completed="digest")


def wished(*, personal: bool) -> tuple[OptionSpec, ...]:
    """What can be wished of a digest, the most important first."""
    return tuple(spec for spec in _WISHES if not (personal and spec.in_channels))


def _which(values: Mapping[str, str]) -> str:
    return values.get("subscription", "")


def _added(values: Mapping[str, Any]) -> Intent:
    return AddDigest(**values)


def _edited(values: Mapping[str, Any]) -> Intent:
    return EditDigest(**{"subscription": "", **values})


_DIGEST = CommandSpec(
    "digest",
    (),
    lambda values: ListDigests(),
    (
        CommandSpec("add", (*_WISHES, OptionSpec("target", Kind.CHANNEL)), _added),
        CommandSpec("edit", (_WHICH, *_WISHES), _edited),
        CommandSpec("list", (), lambda v: ListDigests()),
        CommandSpec("preview", (_WHICH,), lambda v: PreviewDigest(_which(v))),
        CommandSpec("now", (_WHICH,), lambda v: SendDigest(_which(v))),
        CommandSpec("status", (_WHICH,), lambda v: DigestStatus(_which(v))),
        CommandSpec("pause", (_WHICH,), lambda v: PauseDigest(_which(v))),
        CommandSpec("resume", (_WHICH,), lambda v: PauseDigest(_which(v), resume=True)),
        CommandSpec("remove", (_WHICH,), lambda v: RemoveDigest(_which(v))),
    ),
    for_managers=True,
)

COMMANDS = (
    CommandSpec(
        "matome",
        (OptionSpec("query", required=True, completed="query"),),
        lambda values: understand(values.get("query", "")),
    ),
    _DIGEST,
)


def command_at(path: Sequence[str]) -> CommandSpec | None:
    """A command by its names from the first on, None for one that there is not."""
    found: CommandSpec | None = None
    among: Sequence[CommandSpec] = COMMANDS
    for name in path:
        found = next((each for each in among if each.name == name), None)
        among = () if found is None else found.subcommands
    return found


def _linked(text: str) -> Intent:
    link = item_link(text)
    if link is None:
        raise UserError("command.no_link")
    return Search(link)


MESSAGE_COMMANDS = (MessageCommandSpec("show_post", _linked),)
