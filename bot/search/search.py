"""Search itself: ask the index, verify, rank, relax where little is found, cut snippets.

The index names candidates, newest first; whether they match is decided here, on their normalised
text. First every term counts as typed; only when that finds little, beginnings, inflections, titles
and joined words count too, then one typing error, and at last one term is left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

from bot.ports import CommentRow, PostRow, Range, SearchIndex
from bot.search import plan as plans
from bot.search.forms import MIN_REPAIR, is_vocabulary
from bot.search.plan import Plan
from bot.search.query import Query
from bot.search.ranking import Match, score
from bot.search.snippet import Snippet, snippet
from bot.search.suggestion import nearest_words, similar_tags
from bot.search.text import normalise, normalise_mapped
from bot.search.tokens import tag_key

Kind = Literal["post", "comment", "all"]
_Row = TypeVar("_Row", CommentRow, PostRow)

# Candidates that are verified at a time, and how many times more are fetched when few survive.
PAGE = 100
PAGES = 16
RELAXED_PAGES = 4
# With fewer results than this the relaxed forms of the terms count as well.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: a post, or a comment with its number, author and time (UTC)."""

    slug: str
    path: str
    title: str
    score: float
    snippet: Snippet
    number: int | None = None
    user: str | None = None
    created_at: datetime | None = None

    @property
    def kind(self) -> Kind:
        """ "post" or "comment"."""
        return "post" if self.number is None else "comment"


@dataclass(frozen=True, slots=True)
class Results:
    """The hits, best first, and what may have been meant where little was found."""

    query: Query
    hits: tuple[Hit, ...]
    suggestions: tuple[str, ...] = ()


class _Found(NamedTuple):
    """A verified row; a higher tier was found by a more relaxed plan, `time` is in seconds."""

    row: CommentRow | PostRow
    plan: Plan
    tier: int
    score: float
    time: int


async def find(index: SearchIndex, query: Query, *, kind: Kind = "all", limit: int = 10) -> Results:
    """The best `limit` posts and comments for a query that is no link."""
    with_posts = kind != "comment" and not (query.users or query.highlights)
    with_comments = kind != "post" and not query.in_title
    if not query.terms:
        # Filters alone ask for posts, unless they are about comments.
        with_comments = with_comments and not with_posts
    asked = []
    if with_posts:
        asked.append(_find_posts(index, query, limit))
    if with_comments:
        asked.append(_find_comments(index, query, plans.exact(query), limit, tier=0))
    found = [entry for entries in await asyncio.gather(*asked) for entry in entries]
    suggestions: list[str] = []
    if with_comments and query.terms and len(found) < min(limit, ENOUGH):
        relaxed, suggestions = await _relax(index, query, limit, bool(found))
        known = {entry.row.id for entry in found}
        found += [entry for entry in relaxed if entry.row.id not in known]
    if query.terms and not found:
        suggestions += similar_tags(query.text, await index.tag_names())
    found.sort(key=lambda entry: (entry.time, entry.row.id), reverse=True)
    if not query.newest_first:
        found.sort(key=lambda entry: (entry.tier, -entry.score))
    hits = tuple(_hit(entry) for entry in found[:limit])
    return Results(query, hits, tuple(dict.fromkeys(suggestions)))


async def _relax(
    index: SearchIndex, query: Query, limit: int, found_exactly: bool
) -> tuple[list[_Found], list[str]]:
    """What more generous plans find, and the archive's words next to those that were typed."""
    found = await _find_comments(index, query, plans.relaxed(query), limit, tier=1)
    if found or found_exactly:
        return found, []
    similar = {
        term.literal: nearest_words(term.literal, await index.similar_words(term.literal))
        for term in query.terms
        if len(term.literal) >= MIN_REPAIR and is_vocabulary(term.literal)
    }
    suggestions = [words[0] for words in similar.values() if words]
    for plan in (plans.repaired(query, similar), plans.shortened(query)):
        if plan is not None and not found:
            found = await _find_comments(index, query, plan, limit, tier=2)
    return found, suggestions


async def _find_posts(index: SearchIndex, query: Query, limit: int) -> list[_Found]:
    plan = plans.exact(query)
    expression = plans.post_expression(query)

    async def fetch(within: Range) -> Sequence[PostRow]:
        return await index.post_candidates(expression, within, PAGE)

    def verify(row: PostRow) -> _Found | None:
        text = normalise(row.title)
        if query.excluded and any(term.spans(text) for term in query.excluded):
            return None
        tags = (row.tags or "").split("\n")
        matches: list[Match] = []
        for term in query.terms:
            spans = term.spans(text)
            if not spans and tag_key(term.text) not in tags:
                return None
            matches.append(Match(spans))
        day = _day(row.day)
        value = score(text, matches, highlighted=False, day=day, is_post=True)
        return _Found(row, plan, 0, value, _midnight(day))

    return await _verified(query, fetch, verify, limit)


async def _find_comments(
    index: SearchIndex, query: Query, plan: Plan, limit: int, tier: int
) -> list[_Found]:
    expression = plans.comment_expression(query, plan)

    async def fetch(within: Range) -> Sequence[CommentRow]:
        return await index.comment_candidates(expression, within, PAGE)

    def verify(row: CommentRow) -> _Found | None:
        text = normalise(row.body)
        if query.excluded and any(term.spans(text) for term in query.excluded):
            return None
        matches = plan.matches(text, lambda: normalise(row.title)) if query.terms else ()
        if matches is None:
            return None
        day = _day(row.day)
        value = score(text, matches, highlighted=row.highlighted, day=day, is_post=False)
        at = row.created_at
        return _Found(row, plan, tier, value, _midnight(day) if at is None else at)

    return await _verified(query, fetch, verify, limit, PAGES if tier == 0 else RELAXED_PAGES)


async def _verified(
    query: Query,
    fetch: Callable[[Range], Awaitable[Sequence[_Row]]],
    verify: Callable[[_Row], _Found | None],
    wanted: int,
    pages: int = PAGES,
) -> list[_Found]:
    """The candidates that match, page after page until there are enough or no more."""
    found: list[_Found] = []
    within = Range(query.after, query.before)
    for _ in range(pages):
        rows = await fetch(within)
        for row in rows:
            if _in_range(query, row):
                entry = verify(row)
                if entry is not None:
                    found.append(entry)
        if len(rows) < PAGE or len(found) >= wanted:
            break
        within = Range(query.after, query.before, below=rows[-1].id)
    return found


def _in_range(query: Query, row: CommentRow | PostRow) -> bool:
    """The index only knows about where the days lie."""
    if query.after is None and query.before is None:
        return True
    day = _day(row.day)
    return (query.after is None or day >= query.after.toordinal()) and (
        query.before is None or day < query.before.toordinal()
    )


@lru_cache(maxsize=8192)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _midnight(day: int) -> int:
    """Seconds since 1970 at the start of a day in UTC."""
    return (day - date(1970, 1, 1).toordinal()) * 86_400


def _hit(found: _Found) -> Hit:
    row = found.row
    source = row.body if isinstance(row, CommentRow) else row.title
    mapped = normalise_mapped(source)
    matches = found.plan.matches(mapped.text) or found.plan.partial(mapped.text)
    spans = [mapped.span(*span) for match in matches for span in match.spans]
    hit = Hit(row.slug, row.path, row.title, found.score, snippet(source, spans))
    if isinstance(row, PostRow):
        return hit
    at = row.created_at
    return replace(
        hit,
        number=row.id - row.post_id,
        user=row.user,
        created_at=None if at is None else datetime.fromtimestamp(at, UTC),
    )
