"""The varied queries whose latency is measured, drawn from the archive."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks import edits
from benchmarks.bench import Entry
from benchmarks.words import content_words
from bot.errors import UserError
from bot.search.query import Query, parse

SEED = 20_250_603
SAMPLE = 3_000

_SEPARATOR = re.compile(r'[\s"“”„「」『』、。，,;]')


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with its terms as an engine without operators would be asked for them."""

    kind: str
    text: str
    query: Query
    terms: tuple[str, ...]


class _Source:
    """What queries are drawn from: random comments and how often their words occur."""

    def __init__(self, entries: Sequence[Entry], random: Random) -> None:
        self.random = random
        self.entries = random.sample(entries, min(SAMPLE, len(entries)))
        counted: Counter[str] = Counter()
        for entry in self.entries:
            counted.update({word.surface for word in content_words(entry.body)})
        ordered = [word for word, _ in counted.most_common()]
        self.common = ordered[:100]
        self.rare = [word for word in ordered if counted[word] == 1]
        singles: Counter[str] = Counter()
        for entry in self.entries:
            singles.update(re.findall(r"[一-鿿ァ-ヺ]", entry.body))
        self.singles = [char for char, _ in singles.most_common(600)]

    def words(self, count: int) -> tuple[Entry, list[str]]:
        """A comment with some of its words."""
        while True:
            entry = self.random.choice(self.entries)
            words = list(dict.fromkeys(word.surface for word in content_words(entry.body)))
            if len(words) >= count and entry.tags:
                return entry, self.random.sample(words, count)

    def any_word(self) -> str:
        """A word as often as it occurs."""
        return self.words(1)[1][0]


def draw(entries: Sequence[Entry], seed: int = SEED) -> list[Asked]:
    """Two hundred queries, the same for the same comments and seed."""
    source = _Source(entries, Random(seed))  # noqa: S311 (the same queries every time)
    asked: list[Asked] = []
    for kind, (count, make) in _KINDS.items():
        wanted = len(asked) + count
        while len(asked) < wanted:
            text, terms = make(source)
            try:
                query = parse(text)
            except UserError:
                continue
            asked.append(Asked(kind, text, query, tuple(terms)))
    return asked


_Made = tuple[str, list[str]]


def _several(count: int) -> Callable[[_Source], _Made]:
    def make(source: _Source) -> _Made:
        terms = source.words(count)[1]
        return " ".join(terms), terms

    return make


def _one_of(words: Callable[[_Source], Sequence[str]]) -> Callable[[_Source], _Made]:
    def make(source: _Source) -> _Made:
        word = source.random.choice(words(source))
        return word, [word]

    return make


def _phrase(source: _Source) -> _Made:
    while True:
        body = source.random.choice(source.entries).body
        size = source.random.randrange(5, 16)
        start = source.random.randrange(max(1, len(body) - size))
        phrase = body[start : start + size]
        if len(phrase) == size and not _SEPARATOR.search(phrase):
            return f'"{phrase}"', [phrase]


def _pair(source: _Source) -> _Made:
    """Two characters from anywhere in a comment."""
    while True:
        body = source.random.choice(source.entries).body
        start = source.random.randrange(max(1, len(body) - 2))
        if re.fullmatch("[ぁ-ゖァ-ヺー一-鿿]{2}", pair := body[start : start + 2]):
            return pair, [pair]


def _operators(source: _Source) -> _Made:
    entry, terms = source.words(source.random.choice((1, 2)))
    operator = source.random.choice(
        [
            f'tag:"{source.random.choice(entry.tags)}"',
            f"user:{entry.user}",
            "is:highlight",
            "sort:new",
            f"after:{_month(source)}-10",
            f"before:{_month(source)}-20",
            f"month:{_month(source)}",
        ]
    )
    return f"{operator} {' '.join(terms)}", terms


def _month(source: _Source) -> str:
    return f"2025-{source.random.randrange(2, 10):02}"


def _excluded(source: _Source) -> _Made:
    _, terms = source.words(2)
    return f"{terms[0]} -{terms[1]}", terms[:1]


def _in_title(source: _Source) -> _Made:
    words = content_words(source.random.choice(source.entries).title)
    if not words:
        return "in:title gpu", ["gpu"]
    term = source.random.choice(words).surface
    return f"in:title {term}", [term]


def _missing(source: _Source) -> _Made:
    """Words that no comment has, alone or beside one that many have."""
    letters = "".join(source.random.choices("abcdefghijklmnopqrstuvwxyz", k=9))
    characters = "".join(source.random.choices(source.singles, k=4))
    terms = [source.random.choice((letters, characters))]
    if source.random.random() < 0.5:
        terms.append(source.random.choice(source.common))
    return " ".join(terms), terms


def _typo(source: _Source) -> _Made:
    while True:
        words = source.words(2)[1]
        edited = edits.typo(source.random, words[0])
        if edited:
            terms = [edited, *words[1 : source.random.choice((1, 2))]]
            return " ".join(terms), terms


_KINDS: dict[str, tuple[int, Callable[[_Source], _Made]]] = {
    "a word": (25, _several(1)),
    "a common word": (12, _one_of(lambda source: source.common)),
    "a rare word": (13, _one_of(lambda source: source.rare)),
    "two words": (40, _several(2)),
    "three words": (25, _several(3)),
    "phrase": (20, _phrase),
    "one character": (10, _one_of(lambda source: source.singles)),
    "two characters": (10, _pair),
    "operator": (20, _operators),
    "excluded word": (5, _excluded),
    "in the title": (5, _in_title),
    "missing word": (5, _missing),
    "typo": (10, _typo),
}
