"""Commands as people type them: "/digest add 9:30 tags:GPU,AI zone:東京".

Names may be those of either language. What has no name before it belongs to the option before, at
first to the first one; quotation marks hold together what would else be told apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.chat.commands import COMMANDS, CommandSpec, OptionSpec
from bot.chat.typed import understand
from bot.errors import UserError
from bot.intent import Intent
from bot.locales import LANGUAGES, Texts
from bot.search.text import normalise

# As much as anybody types on purpose.
MAX_LENGTH = 2000

_CALL = re.compile(r"\s*/(?P<name>[^\s/]+)(?:\s+|$)")
_WORD = re.compile(r'(?:"[^"]*"?|「[^」]*」?|\S)+')
_NAMED = re.compile(r"(?P<name>[^\W\d]+)[:：](?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r'"([^"]*)"?|「([^」]*)」?')


@dataclass(frozen=True, slots=True)
class Called:
    """A command that a line begins with: its spec, its names on the way there, and the rest."""

    command: CommandSpec
    path: tuple[str, ...]
    rest: str


def intended(line: str) -> Intent | None:
    """What a typed line is for: a command, or else a query; None for going on.

    Raises UserError where it cannot be.
    """
    called = called_in(line)
    if called is None:
        return understand(line)
    if called.command.subcommands and called.rest.strip():
        raise UserError(
            "command.unknown",
            given=called.rest.split()[0][:40],
            known=" ".join(command.name for command in called.command.subcommands),
        )
    if is_plain(called.command):
        return called.command.intent({called.command.options[0].name: called.rest})
    return called.command.intent(_values(called))


def is_of_digests_alone(line: str) -> bool:
    """Whether a line calls the command for digests, and says nothing more."""
    called = called_in(line)
    return called is not None and called.path == ("digest",) and not called.rest.strip()


def may_open_form(line: str) -> bool:
    """Whether a line may lead to a form, which a platform has to open in time."""
    called = called_in(line)
    return is_of_digests_alone(line) or (called is not None and called.path == ("digest", "edit"))


def called_in(line: str) -> Called | None:
    """The command that a line calls, a subcommand where it names one."""
    call = _CALL.match(line)
    found = None if call is None else _named(COMMANDS, (), call["name"])
    if call is not None and found is not None:
        called = _deeper(Called(found, (found.name,), line[call.end() :]))
        return _within(called) or called
    return _within(Called(COMMANDS[0], (), line))


def is_plain(command: CommandSpec) -> bool:
    """Whether all that follows a command is its only option, as it was typed."""
    return len(command.options) == 1 and command.options[0].completed == "query"


def _within(called: Called) -> Called | None:
    """A command of managers in the place of a query, where there is only one command for all.

    "digest" alone is one, or with a subcommand behind it; else it is something to search for.
    """
    if not is_plain(called.command):
        return None
    for command in (command for command in COMMANDS if command.subcommands):
        begun = re.match(rf"\s*{command.name}(?:\s+|$)", called.rest, re.IGNORECASE)
        if begun is not None:
            inner = _deeper(Called(command, (command.name,), called.rest[begun.end() :]))
            return inner if len(inner.path) > 1 or not inner.rest.strip() else None
    return None


def _deeper(called: Called) -> Called:
    """The subcommand that the rest begins with, if it does."""
    word = _WORD.match(called.rest)
    if word is None:
        return called
    inner = _named(called.command.subcommands, called.path, word[0])
    if inner is None:
        return called
    return Called(inner, (*called.path, inner.name), called.rest[word.end() :].lstrip())


def _named(
    commands: tuple[CommandSpec, ...], path: tuple[str, ...], word: str
) -> CommandSpec | None:
    named = (command for command in commands if is_called(word, (*path, command.name)))
    return next(named, None)


def is_called(word: str, path: tuple[str, ...]) -> bool:
    """Whether a word is the name of a command or an option, in whichever language."""
    return normalise(word) in {normalise(name_of(path, Texts(each))) for each in LANGUAGES}


def name_of(path: tuple[str, ...], texts: Texts) -> str:
    """How a command or an option is called."""
    return texts(f"command.{'.'.join(path)}.name")


def _values(called: Called) -> dict[str, str]:
    """The options of a command by their names. Raises UserError for one that there is not."""
    if len(called.rest) > MAX_LENGTH:
        raise UserError("query.too_long", limit=MAX_LENGTH)
    values: dict[str, str] = {}
    options = called.command.options
    at = options[0].name if options else None
    for option, word in _pieces(called):
        if option is not None:
            if option.name in values:
                raise UserError("command.twice", given=word.name)
            at = option.name
            values[at] = word.value
        elif at is None:
            raise UserError("command.surplus", given=word.value[:40])
        else:
            values[at] = f"{values[at]} {word.value}" if at in values else word.value
    return values


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a line: with the name before it, if it has one, and without quotation marks."""

    name: str
    value: str


def _pieces(called: Called) -> Iterator[tuple[OptionSpec | None, Piece]]:
    for word in _WORD.findall(called.rest):
        named = _NAMED.fullmatch(word)
        if named is None:
            yield None, Piece("", _unquoted(word))
            continue
        option = option_called(called, named["name"])
        if option is None:
            raise UserError(
                "command.unknown_option",
                given=f"{named['name'][:40]}:",
                known=" ".join(f"{_english(called, each)}:" for each in called.command.options),
                written=word[:80],
            )
        yield option, Piece(named["name"], _unquoted(named["value"]))


def option_called(called: Called, name: str) -> OptionSpec | None:
    """The option with a name, in whichever language."""
    options = called.command.options
    named = (option for option in options if is_called(name, option_path(called, option)))
    return next(named, None)


def option_path(called: Called, option: OptionSpec) -> tuple[str, ...]:
    """Where the names of an option are: subcommands share those of their command."""
    return called.path[0], option.name


def _english(called: Called, option: OptionSpec) -> str:
    return name_of(option_path(called, option), Texts("en"))


def _unquoted(text: str) -> str:
    return _QUOTED.sub(lambda found: found[1] or found[2] or "", text)
