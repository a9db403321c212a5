"""Known items once more, with one word of the query written otherwise than in the comment."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from benchmarks import edits
from benchmarks.bench import Bench, Entry
from benchmarks.figures import Figure, at_least
from benchmarks.holders import Holders, holds
from benchmarks.recall import MAX_HOLDERS, Known, ask, describe, distinct, quality, readable
from benchmarks.words import Word, content_words
from bot.search.text import normalise

SEED = 20_250_602
QUERIES, QUICK_QUERIES = 400, 80
# How many comments are tried for each query that is wanted, before there are said to be too few.
TRIES = 1_000

_ADJACENT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,} [A-Za-z]{2,}(?![A-Za-z0-9])")
_HYPHENATED = re.compile(r"(?<![A-Za-z0-9-])[A-Za-z]{2,}-[A-Za-z]{2,}(?![A-Za-z0-9-])")
_CAMEL = re.compile(r"(?<![A-Za-z0-9])[A-Z][a-z]+[A-Z][a-z]+(?![A-Za-z0-9])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COMPOUND = re.compile(r"(?<![ァ-ヺー一-鿿])[ァ-ヺー一-鿿]{5,10}(?![ァ-ヺー一-鿿])")


@dataclass(frozen=True, slots=True)
class Varied:
    """A word as it stands and as it is asked for; `in_title` where only the title has it.

    `stem` is what all inflections of a verb begin with.
    """

    stands: str
    asked: str
    in_title: bool = False
    stem: str = ""


# Every way in which the words of a comment can be varied.
Vary = Callable[[Random, Entry], list[Varied]]


def measure(bench: Bench) -> Iterator[Figure]:
    """Recall of each kind of variant, beside that of the same queries as they stand."""
    entries = bench.entries
    bench.say("variants: preparing")
    holders = Holders(entries)
    for name, vary in KINDS.items():
        bench.say(f"variants: {name}")
        count = QUICK_QUERIES if bench.quick else QUERIES
        varied, plain = draw(entries, holders, vary, count, f"{SEED} {name}")
        outcomes = ask(bench.index, entries, varied)
        mine = quality([outcome.rank for outcome in outcomes])
        beside = quality([outcome.rank for outcome in ask(bench.index, entries, plain)])
        note = f"recall / MRR {mine}, as it stands {beside}"
        clear = [outcome for outcome in outcomes if outcome.known.answers <= MAX_HOLDERS]
        if len(clear) < len(outcomes):
            limited = quality([outcome.rank for outcome in clear])
            note += f"; where at most {MAX_HOLDERS} hold any inflection {limited}"
        yield Figure(
            f"variants: {name}",
            mine.recall,
            "",
            beside.recall,
            "as it stands",
            at_least(0.95),
            note,
            {"missed": [describe(entries, o) for o in outcomes if o.rank is None]},
        )


def draw(
    entries: Sequence[Entry], holders: Holders, vary: Vary, count: int, seed: str
) -> tuple[list[Known], list[Known]]:
    """Queries with one varied word, and the same as they stand, with at most ten holders."""
    random = Random(seed)  # noqa: S311 (the same queries every time)
    varied: list[Known] = []
    plain: list[Known] = []
    for _ in range(count * TRIES):
        if len(varied) == count:
            break
        number = random.randrange(len(entries))
        entry = entries[number]
        choices = vary(random, entry)
        if not choices:
            continue
        chosen = random.choice(choices)
        keys = {normalise(chosen.stands), normalise(chosen.asked)}
        others = [
            word
            for word in distinct([word.surface for word in content_words(entry.body)])
            if not any(normalise(word) in key or key in normalise(word) for key in keys)
        ]
        wanted = random.choice((1, 2))
        if len(others) < wanted:
            continue
        terms = random.sample(others, wanted)
        at = random.randrange(wanted + 1)
        asked = (*terms[:at], chosen.asked, *terms[at:])
        stands = (*terms[:at], chosen.stands, *terms[at:])
        if not readable(terms):
            continue
        wanted_keys = [normalise(term) for term in (terms if chosen.in_title else stands)]
        title_key = normalise(chosen.stands) if chosen.in_title else None
        held = holders.count(wanted_keys, title_key)
        if 1 <= held <= MAX_HOLDERS:
            answers = held
            if chosen.stem:
                answers = holders.count([normalise(term) for term in (*terms, chosen.stem)])
            known = Known(asked, " ".join(asked), number, held, answers)
            varied.append(known)
            unvaried = tuple(terms) if chosen.in_title else stands
            plain.append(replace(known, terms=unvaried, text=" ".join(unvaried)))
    return varied, plain


def _of_words(edit: Callable[[Random, str], str | None]) -> Vary:
    """What an edit of single words makes of a comment's words."""

    def vary(random: Random, entry: Entry) -> list[Varied]:
        words = dict.fromkeys(word.surface for word in content_words(entry.body))
        return _varied((word, edit(random, word)) for word in words)

    return vary


def _of_verbs(edit: Callable[[Random, Word], str | None]) -> Vary:
    def vary(random: Random, entry: Entry) -> list[Varied]:
        found = [(word.surface, edit(random, word)) for word in content_words(entry.body)]
        return [
            Varied(stands, asked, stem=_beginning(stands, asked))
            for stands, asked in found
            if asked
        ]

    return vary


def _varied(pairs: Iterable[tuple[str, str | None]]) -> list[Varied]:
    return [Varied(word, asked) for word, asked in pairs if asked]


def _beginning(first: str, second: str) -> str:
    """What both words begin with."""
    size = 0
    while size < min(len(first), len(second)) and first[size] == second[size]:
        size += 1
    return first[:size]


def _joined(random: Random, entry: Entry) -> list[Varied]:
    """Neighbours as one word; Wi-Fi as WiFi or Wi Fi; GitHub as Git-Hub or Git Hub."""
    body = entry.body
    pairs = [(found, found.replace(" ", "")) for found in _ADJACENT.findall(body)]
    pairs += [
        (found, found.replace("-", random.choice(("", " ")))) for found in _HYPHENATED.findall(body)
    ]
    pairs += [(found, _HUMP.sub(random.choice("- "), found)) for found in _CAMEL.findall(body)]
    return _varied(pairs)


def _typo(random: Random, entry: Entry) -> list[Varied]:
    words = [word.surface for word in content_words(entry.body)]
    words += _COMPOUND.findall(entry.body)
    return _varied((word, edits.typo(random, word)) for word in dict.fromkeys(words))


def _in_title(random: Random, entry: Entry) -> list[Varied]:
    words = distinct([word.surface for word in content_words(entry.title)])
    return [
        Varied(word, word, in_title=True)
        for word in words
        if not holds(entry.text, normalise(word))
        and normalise(word) not in entry.text
        and readable([word])
    ]


KINDS: dict[str, Vary] = {
    "case": _of_words(edits.case),
    "width": _of_words(edits.width),
    "kana width": _of_words(edits.kana_width),
    "long vowel": _of_words(edits.long_vowel),
    "prefix": _of_words(edits.prefix),
    "joined words": _joined,
    "one typo": _typo,
    "inflected verb, asked in dictionary form": _of_verbs(edits.dictionary_form),
    "verb in dictionary form, asked inflected": _of_verbs(edits.inflected),
    "one term only in the title": _in_title,
}
