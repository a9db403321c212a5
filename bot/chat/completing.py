"""What commands may become while somebody types them, as a line or option by option."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat.commands import COMMANDS, Kind, OptionSpec, command_at
from bot.chat.library import Library
from bot.chat.lines import Called, called_in, is_plain, name_of, option_called, option_path
from bot.chat.typed import COMPLETIONS, Completion, complete, complete_tags, names_of
from bot.digest.offer import MOST_OFFERS, Offer
from bot.digest.times import complete_time, complete_weekdays
from bot.digest.zones import complete_zones
from bot.locales import LANGUAGES, Texts
from bot.search.text import normalise
from bot.subscription import Subscription

# What Discord takes as a value, in characters.
LONGEST = 100

_LAST_WORD = re.compile(r"\S*$")
_COMMAND = re.compile(r"\s*/(\S*)$")
_NAMED = re.compile(r"(?:^|(?<=\s))([^\W\d]+)[:：]")
_LAST_TAG = re.compile(r"[^,、，]*$")


@dataclass(frozen=True, slots=True)
class Completing:
    """What completions are made from: `digests` gives those of the place where somebody types."""

    library: Library
    texts: Texts
    now: datetime
    digests: Callable[[], Awaitable[Sequence[tuple[Subscription, str]]]]


async def complete_line(completing: Completing, line: str) -> Sequence[Completion]:
    """What a line may become, the likeliest first: a command with its options, or a query."""
    if begun := _COMMAND.match(line):
        return list(_commands(begun[1], completing.texts))
    called = called_in(line)
    if called is None or is_plain(called.command):
        return await complete(completing.library, line, completing.texts)
    before = line[: len(line) - len(called.rest)]
    if called.command.subcommands:
        inner = _subcommands(called, completing.texts)
        return [Completion(f"{before}{name} ", label) for name, label in inner]
    found = [
        Completion(f"{before}{called.rest[:at]}{offer.value}", offer.label)
        for at, offer in await _pieces(completing, called)
    ]
    return list({completion.line: completion for completion in found}.values())[:COMPLETIONS]


async def complete_value(completing: Completing, option: OptionSpec, typed: str) -> Sequence[Offer]:
    """What the value of an option may become, at most 25 of 100 characters each."""
    offers = await _offers(completing, option, typed)
    return [offer for offer in offers if len(offer.value) <= LONGEST][:MOST_OFFERS]


async def _offers(completing: Completing, option: OptionSpec, typed: str) -> Sequence[Offer]:
    texts, library = completing.texts, completing.library
    match option.completed:
        case "query":
            found = await complete(library, typed, texts)
            return [Offer(each.line, each.label) for each in found]
        case "time":
            return complete_time(typed)
        case "weekdays":
            return complete_weekdays(typed, texts)
        case "zone":
            # The names of all places are read at the first time, which takes a while.
            return await asyncio.to_thread(complete_zones, typed, texts.language, completing.now)
        case "tags":
            return await _tags(library, typed)
        case "digest":
            digests = [Offer(each.id, label) for each, label in await completing.digests()]
            return [each for each in digests if typed in each.value or typed in each.label]
        case None:
            return list(_fixed(option, typed, texts))


async def _tags(library: Library, typed: str) -> Sequence[Offer]:
    """Tags for the last of several, behind those before it."""
    last = _LAST_TAG.search(typed)
    assert last is not None
    before, begun = typed[: last.start()], last[0].strip()
    if begun:
        names = await complete_tags(library, begun)
    else:
        names = [tag.name for tag in await library.index.tags(None, MOST_OFFERS)]
    return [Offer(f"{before}{name}", f"{before}{name}") for name in names]


def _fixed(option: OptionSpec, typed: str, texts: Texts) -> Iterator[Offer]:
    """The values of an option that has only so many, by their names in any language."""
    begun = normalise(typed)
    for value, key in option.choices:
        names = [value, *(name for each in LANGUAGES for name in names_of(key, Texts(each)))]
        if any(normalise(name).startswith(begun) for name in names):
            called = names_of(key, texts)[0]
            yield Offer(called, called)
    if option.kind is Kind.INTEGER:
        for number in map(str, range(option.least, option.most + 1)):
            if number.startswith(begun):
                yield Offer(number, number)


def _commands(begun: str, texts: Texts) -> Iterator[Completion]:
    for command in COMMANDS:
        name = name_of((command.name,), texts)
        if any(each.startswith(begun.lower()) for each in (name, command.name)):
            yield Completion(f"/{name} ", _described((command.name,), f"/{name}", texts))


def _subcommands(called: Called, texts: Texts) -> Iterator[tuple[str, str]]:
    begun = normalise(called.rest.strip())
    for command in called.command.subcommands:
        path = (*called.path, command.name)
        name = name_of(path, texts)
        if any(each.startswith(begun) for each in (name, command.name)):
            yield name, _described(path, name, texts)


async def _pieces(completing: Completing, called: Called) -> list[tuple[int, Offer]]:
    """What may stand at the end of the rest, and from where on."""
    rest = called.rest
    option, start = _last_named(called)
    word = _LAST_WORD.search(rest)
    assert word is not None
    names = [(word.start(), offer) for offer in _names(called, word[0], completing.texts)]
    if option is None or (start < word.start() and not word[0]):
        return names
    value = rest[start:].lstrip('"「')
    at = len(rest) - len(value)
    values = [(at, offer) for offer in await complete_value(completing, option, value)]
    return [*names, *values] if word[0] and start < word.start() else [*values, *names]


def _last_named(called: Called) -> tuple[OptionSpec | None, int]:
    """The option whose value stands at the end of the rest, and where that begins."""
    option = next(iter(called.command.options), None)
    start = 0
    for named in _NAMED.finditer(called.rest):
        known = option_called(called, named[1])
        if known is not None:
            option, start = known, named.end()
    return option, start


def _names(called: Called, begun: str, texts: Texts) -> Iterator[Offer]:
    """The options that are not there yet, by the beginning of their names in either language."""
    there = {option_called(called, named[1]) for named in _NAMED.finditer(called.rest)}
    for option in called.command.options:
        path = option_path(called, option)
        names = [name_of(path, each) for each in (texts, Texts("en"), Texts("ja"))]
        if option not in there and any(name.startswith(normalise(begun)) for name in names):
            yield Offer(f"{names[0]}:", _described(path, f"{names[0]}:", texts))


def _described(path: tuple[str, ...], name: str, texts: Texts) -> str:
    described = texts(f"command.{'.'.join(path)}.description")
    return f"{name}　{described}"


def option_at(path: Sequence[str], name: str) -> OptionSpec | None:
    """An option by the names of its command, from the first on, and its own."""
    found = command_at(path)
    options = () if found is None else found.options
    return next((option for option in options if option.name == name), None)
