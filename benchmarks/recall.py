"""Known items: whether a comment is found by words that were drawn from it, and how far up."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.bench import Bench, Entry
from benchmarks.engines import LIMIT, bigrams
from benchmarks.figures import Figure, at_least
from benchmarks.holders import Holders
from benchmarks.words import content_words
from bot.errors import UserError
from bot.search.query import parse
from bot.search.search import find
from bot.search.text import normalise
from storage.index.reader import open_reader

SEED = 20_250_601
QUERIES, QUICK_QUERIES = 4_000, 600
MAX_HOLDERS = 10
MANY_HOLDERS = 50


@dataclass(frozen=True, slots=True)
class Known:
    """A query with the comment that it was drawn from.

    `holders` is the number of comments that hold all its terms as they stand in that comment,
    `answers` the number of those that hold them in any inflection.
    """

    terms: tuple[str, ...]
    text: str
    entry: int
    holders: int
    answers: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """At which rank the comment came (None beyond the tenth), and what came instead."""

    known: Known
    rank: int | None
    first: tuple[str, int, str] | None


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a set of queries does."""

    queries: int
    recall: float
    mrr: float

    def __str__(self) -> str:
        return f"{self.recall:.3f} / {self.mrr:.3f} of {self.queries}"


def quality(ranks: Sequence[int | None]) -> Quality:
    """Recall and mean reciprocal rank within the first ten."""
    found = [rank for rank in ranks if rank is not None]
    total = max(1, len(ranks))
    return Quality(len(ranks), len(found) / total, sum(1 / rank for rank in found) / total)


def measure(bench: Bench) -> Iterator[Figure]:
    """Known items; counted are queries that at most ten comments hold all terms of."""
    entries = bench.entries
    bench.say("known items: drawing")
    holders = Holders(entries)
    queries = draw(entries, holders, QUICK_QUERIES if bench.quick else QUERIES)
    bench.say("known items: asking")
    outcomes = ask(bench.index, entries, queries)
    counted = [outcome for outcome in outcomes if outcome.known.holders <= MAX_HOLDERS]
    some = [o for o in outcomes if MAX_HOLDERS < o.known.holders <= MANY_HOLDERS]
    many = [outcome for outcome in outcomes if outcome.known.holders > MANY_HOLDERS]
    bench.say("known items: tantivy")
    tantivy = bigrams(entries, bench.temporary / "tantivy-recall")
    beside = quality([_place(tantivy(o.known.terms), o.known.entry) for o in counted])
    mine = quality([outcome.rank for outcome in counted])
    others = "; ".join(
        f"{name}: {quality([outcome.rank for outcome in group])}"
        for name, group in ((f"11-{MANY_HOLDERS} holders", some), ("more", many))
    )
    missed = [describe(entries, outcome) for outcome in counted if outcome.rank is None]
    details = {"queries": mine.queries, "others": others, "missed": missed}
    yield Figure(
        "known items: recall@10",
        mine.recall,
        "",
        beside.recall,
        "tantivy bigrams",
        at_least(0.965),
        f"{mine.queries} of {len(outcomes)} queries count; recall / MRR with {others}",
        details,
    )
    yield Figure("known items: MRR", mine.mrr, "", beside.mrr, "tantivy bigrams", at_least(0.85))


def draw(entries: Sequence[Entry], holders: Holders, count: int) -> list[Known]:
    """Queries of two or three words at random from random comments."""
    random = Random(SEED)  # noqa: S311 (the same queries every time)
    queries: list[Known] = []
    while len(queries) < count:
        number = random.randrange(len(entries))
        words = distinct([word.surface for word in content_words(entries[number].body)])
        wanted = random.choice((2, 3))
        if len(words) < wanted:
            continue
        terms = tuple(random.sample(words, wanted))
        if readable(terms):
            held = holders.count([normalise(term) for term in terms])
            if held:
                queries.append(Known(terms, " ".join(terms), number, held, held))
    return queries


def distinct(words: Sequence[str]) -> list[str]:
    """The words without those that are the same when normalised, or too short then."""
    found = {normalise(word): word for word in words}
    return [word for key, word in found.items() if len(key) > 1]


def readable(terms: Sequence[str]) -> bool:
    """Whether a query of these words asks for just these words."""
    try:
        query = parse(" ".join(terms))
    except UserError:
        return False
    return len(query.terms) == len(terms)


def ask(index: Path, entries: Sequence[Entry], queries: Sequence[Known]) -> list[Outcome]:
    """Search for every query."""
    return asyncio.run(_ask(index, entries, queries))


async def _ask(index: Path, entries: Sequence[Entry], queries: Sequence[Known]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    async with open_reader(index) as reader:
        for known in queries:
            results = await find(reader, parse(known.text), kind="comment", limit=LIMIT)
            wanted = (entries[known.entry].slug, entries[known.entry].number)
            places = [(hit.slug, hit.number) for hit in results.hits]
            first = [(hit.slug, hit.number or 0, hit.snippet.text) for hit in results.hits[:1]]
            outcomes.append(
                Outcome(
                    known,
                    places.index(wanted) + 1 if wanted in places else None,
                    first[0] if first else None,
                )
            )
    return outcomes


def describe(entries: Sequence[Entry], outcome: Outcome) -> str:
    """A query that failed, as a line of JSON."""
    entry = entries[outcome.known.entry]
    return json.dumps(
        {
            "query": outcome.known.text,
            "terms": outcome.known.terms,
            "holders": outcome.known.holders,
            "answers": outcome.known.answers,
            "expected": f"{entry.slug}#{entry.number}",
            "body": entry.body[:400],
            "length": len(entry.body),
            "came": outcome.first,
        },
        ensure_ascii=False,
    )


def _place(found: Sequence[int], wanted: int) -> int | None:
    return found.index(wanted) + 1 if wanted in found else None
