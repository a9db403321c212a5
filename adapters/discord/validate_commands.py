"""Every limit that Discord has for commands, held against the JSON that registers them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.chat.finding import Finding

Json = Mapping[str, Any]

_CHAT, _SUBCOMMAND, _GROUP = 1, 1, 2
# So many of each kind: typed, on a person, on a message.
_MOST: Mapping[int, int] = {1: 100, 2: 5, 3: 5}
_OPTIONS, _CHOICES = 25, 25
_NAME, _DESCRIPTION, _CHOICE, _WHOLE = 32, 100, 100, 8000
_LANGUAGES = frozenset(locale.value for locale in discord.Locale)
# Where a command is there, and for whom.
_WHERE: Mapping[str, frozenset[int]] = {
    "contexts": frozenset({0, 1, 2}),
    "integration_types": frozenset({0, 1}),
}
# A name that is typed, in any script, has no capitals.
_TYPED = re.compile(r"[-_'\w]{1,32}")


def command_findings(commands: Sequence[Json]) -> list[Finding]:
    """What is wrong with all commands of an application."""
    found: list[Finding] = []
    kinds = Counter(int(command.get("type", _CHAT)) for command in commands)
    found += [
        Finding("", "commands of a kind", count)
        for kind, count in kinds.items()
        if count > _MOST.get(kind, 0)
    ]
    names = Counter((command.get("type", _CHAT), command.get("name")) for command in commands)
    found += [Finding("", "a command twice", name) for name, count in names.items() if count > 1]
    for command in commands:
        where = str(command.get("name"))
        found += _named(where, command, typed=command.get("type", _CHAT) == _CHAT)
        found += _options(where, command.get("options", ()), depth=0)
        for key, places in _WHERE.items():
            if not places.issuperset(command.get(key, ())):
                found.append(Finding(where, key, command[key]))
        if _size(command) > _WHOLE:
            found.append(Finding(where, "characters of a command", _size(command)))
    return found


def _named(where: str, part: Json, *, typed: bool) -> Iterator[Finding]:
    for key in ("name_localizations", "description_localizations"):
        if not _LANGUAGES.issuperset(part.get(key, ())):
            yield Finding(where, "language", list(part[key]))
    for name in (part.get("name", ""), *part.get("name_localizations", {}).values()):
        is_fine = 1 <= len(name) <= _NAME
        if typed:
            is_fine = _TYPED.fullmatch(name) is not None and name == name.lower()
        if not is_fine:
            yield Finding(where, "name of a command", name)
    described = part.get("description", "")
    for text in (described, *part.get("description_localizations", {}).values()):
        if not (1 <= len(text) <= _DESCRIPTION if typed else not text):
            yield Finding(where, "description of a command", len(text))


def _options(where: str, options: Sequence[Json], depth: int) -> Iterator[Finding]:
    if len(options) > _OPTIONS:
        yield Finding(where, "options of a command", len(options))
    for name, count in Counter(option.get("name") for option in options).items():
        if count > 1:
            yield Finding(where, "an option twice", name)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield Finding(where, "what is required comes first", required)
    for option in options:
        there = f"{where} {option.get('name')}"
        yield from _named(there, option, typed=True)
        if option.get("type") in (_SUBCOMMAND, _GROUP):
            if depth > 1:
                yield Finding(there, "depth of a command", depth)
            yield from _options(there, option.get("options", ()), depth + 1)
        else:
            yield from _choices(there, option)


def _choices(where: str, option: Json) -> Iterator[Finding]:
    choices = option.get("choices", ())
    if len(choices) > _CHOICES:
        yield Finding(where, "choices of an option", len(choices))
    if choices and option.get("autocomplete"):
        yield Finding(where, "choices or completion", len(choices))
    for choice in choices:
        names = (choice.get("name", ""), *choice.get("name_localizations", {}).values())
        for text in (*names, str(choice.get("value", ""))):
            if not 1 <= len(text) <= _CHOICE:
                yield Finding(where, "length of a choice", len(text))


def _size(part: Json) -> int:
    """The characters of names, descriptions and values, each in its longest language."""
    own = sum(
        max(map(len, (part.get(key, ""), *part.get(f"{key}_localizations", {}).values())))
        for key in ("name", "description")
    )
    value = part.get("value", "")
    inner = (*part.get("options", ()), *part.get("choices", ()))
    return own + len(str(value)) + sum(map(_size, inner))
