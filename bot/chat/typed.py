"""What a typed line means, and what it may become while it is being typed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.chat.library import Library
from bot.errors import UserError
from bot.intent import Help, Intent, Month, Months, Newest, Random, Search, Tags
from bot.locales import LANGUAGES, Texts
from bot.model import PostSummary, post_url
from bot.search.query import OPERATORS, parse
from bot.search.search import find
from bot.search.text import normalise
from bot.search.tokens import tag_key

# What stands alone and is no query, each with the key of how it is called in a language.
WORDS: Mapping[str, Intent] = MappingProxyType(
    {
        "word.newest": Newest(),
        "word.tags": Tags(),
        "word.months": Months(),
        "word.random": Random(),
        "word.help": Help(),
    }
)
MORE = "word.more"

# As many as a platform shows at once; Discord takes no more.
COMPLETIONS = 25
TITLES = 5
# A single kana stands in nearly every title.
TITLES_FROM = 2

_COMMAND = re.compile(r"\s*/matome(?:\s+|$)", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})[-/年](\d{1,2})月?", re.ASCII)
_LAST_WORD = re.compile(r"\S*$")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a line may become: the whole line, and how it is called where that says more."""

    line: str
    label: str


def understand(text: str) -> Intent | None:
    """What a line means without a command's name before it; None for "go on" (もっと).

    Raises UserError for a month that there is not. Whether a query makes sense shows later.
    """
    line = text.strip()
    word = normalise(line)
    if not word:
        return Newest()
    named = _named(word)
    if named is not None:
        return None if named == MORE else WORDS[named]
    month = _MONTH.fullmatch(word)
    if month is None:
        return Search(" ".join(line.encode("utf-8", "ignore").decode().split()))
    if not 1 <= int(month[2]) <= 12:
        raise UserError("query.bad_month", value=line[:40])
    return Month(f"{month[1]}-{int(month[2]):02}")


def _named(word: str) -> str | None:
    """The key of a word that stands alone, in whichever language it is."""
    for key in (*WORDS, MORE):
        for language in LANGUAGES:
            if word in map(normalise, names_of(key, Texts(language))):
                return key
    return None


def names_of(key: str, texts: Texts) -> list[str]:
    """How a word is called, the usual name first."""
    return texts(key).split("|")


async def complete(library: Library, line: str, texts: Texts) -> Sequence[Completion]:
    """What a line that is being typed may become, at most 25, the likeliest first.

    An empty line becomes one of the words; else its last word becomes an operator or a tag, and
    the whole line a title.
    """
    command = _COMMAND.match(line)
    said = command[0] if command else ""
    rest = line[len(said) :]
    found = [
        Completion(f"{said}{completion.line}", completion.label)
        for completion in await _completed(library, rest, texts)
    ]
    return list({completion.line: completion for completion in found}.values())[:COMPLETIONS]


async def _completed(library: Library, line: str, texts: Texts) -> list[Completion]:
    words = [names_of(key, texts)[0] for key in WORDS]
    if not line.strip():
        return [Completion(word, word) for word in words]
    last = _LAST_WORD.search(line)
    assert last is not None
    before, typed = line[: last.start()], last[0]
    found: list[Completion] = []
    if not before.strip():
        found += [Completion(word, word) for word in words if word.startswith(typed)]
    if typed:
        found += [
            Completion(f"{before}{text}", text) for text in await complete_tags(library, typed)
        ]
        found += [Completion(f"{before}{text}", text) for text in _operators(typed)]
    if len(line.strip()) >= TITLES_FROM:
        found += await _titles(library, line)
    return found


async def complete_tags(library: Library, typed: str) -> list[str]:
    """Tags that begin with what was typed, most used first; behind tag: or # with that before."""
    mark = next((mark for mark in ("tag:", "-tag:", "#") if typed.lower().startswith(mark)), "")
    wanted = tag_key(normalise(typed[len(mark) :].lstrip('"')))
    if not wanted and not mark:
        return []
    tags = await library.index.on_snapshot(lambda snapshot: snapshot.tags())
    fitting = sorted(
        (tag for key, tag in tags.items() if key.startswith(wanted)),
        key=lambda tag: (-tag.posts, len(tag.name), tag.name),
    )
    return [
        f'{mark}"{tag.name}"' if mark and not tag.name.isalnum() else f"{mark}{tag.name}"
        for tag in fitting[:COMPLETIONS]
    ]


def _operators(typed: str) -> Iterator[str]:
    for name, operator in OPERATORS.items():
        if f"{name}:".startswith(typed.lower()):
            fixed = operator.example if name in ("in", "is", "sort") else f"{name}:"
            yield fixed


async def _titles(library: Library, line: str) -> list[Completion]:
    """Posts whose titles hold the words; choosing one gives a line that opens it."""
    try:
        query = replace(parse(line, library.site_url), in_title=True)
    except UserError:
        # Half of an operator is no fault while somebody types.
        return []
    if query.link is not None or query.users or query.highlights or not query.terms:
        return []
    results = await find(library.index, query, kind="post", limit=TITLES)
    found = [await library.index.by_slug(hit.slug) for hit in results.hits]
    return [Completion(_opening(post, library), post.title) for post in found if post is not None]


def _opening(post: PostSummary, library: Library) -> str:
    """A line that leads to a post: the address of its discussion, else its own, else its title."""
    if post.item_id is not None:
        return f"https://news.ycombinator.com/item?id={post.item_id}"
    return post_url(library.site_url, post.path) or f'"{post.title}"'
