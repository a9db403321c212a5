"""Search itself: ask the index, verify, rank, relax where little is found, cut snippets.

The index names candidates, newest first; whether they match is decided here, on their normalised
text. First every term counts as typed or inflected; only when that finds little, beginnings, titles
and joined words count too, then one typing error, and at last one term is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from bot.ports import Ask, Candidate, SearchIndex, Snapshot
from bot.search import plan as plans
from bot.search.expression import all_of
from bot.search.forms import MIN_REPAIR, is_vocabulary, may_begin
from bot.search.plan import Known, Plan
from bot.search.query import Query
from bot.search.ranking import Match, score
from bot.search.snippet import Snippet, snippet
from bot.search.suggestion import corrected, nearest_words, similar_tags
from bot.search.text import normalise, normalise_mapped
from bot.search.tokens import tag_key

Kind = Literal["post", "comment", "all"]

# Candidates that are verified at a time, and how many times more are fetched when few survive.
PAGE = 64
PAGES = 16
RELAXED_PAGES = 3
# With fewer results than this the relaxed forms of the terms count as well.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: a post, or a comment with its number, author, time (UTC) and "#rrggbb"."""

    slug: str
    path: str
    title: str
    score: float
    snippet: Snippet
    number: int | None = None
    user: str | None = None
    created_at: datetime | None = None
    colour: str | None = None

    @property
    def kind(self) -> Kind:
        """ "post" or "comment"."""
        return "post" if self.number is None else "comment"


@dataclass(frozen=True, slots=True)
class Results:
    """The hits, best first, and the queries that may have been meant where little was found."""

    query: Query
    hits: tuple[Hit, ...]
    suggestions: tuple[str, ...] = ()


class _Found(NamedTuple):
    """A verified candidate; a higher tier was found by a more relaxed plan, `time` in seconds."""

    candidate: Candidate
    plan: Plan
    tier: int
    score: float
    time: int


async def find(index: SearchIndex, query: Query, *, kind: Kind = "all", limit: int = 10) -> Results:
    """The best `limit` posts and comments for a query that is no link."""
    return await index.on_snapshot(lambda snapshot: find_in(snapshot, query, kind, limit))


def find_in(index: Snapshot, query: Query, kind: Kind = "all", limit: int = 10) -> Results:
    """The same where the index is at hand."""
    with_posts = kind != "comment" and not (query.users or query.highlights)
    with_comments = kind != "post" and not query.in_title
    if not query.terms:
        # Filters alone ask for posts, unless they are about comments.
        with_comments = with_comments and not with_posts
    exact = plans.exact(query)
    ask = Ask(
        comments=plans.comment_expression(query, exact) if with_comments else None,
        posts=plans.post_expression(query) if with_posts else None,
        after=query.after,
        before=query.before,
    )
    found, is_complete = _verified(index, query, exact, ask, limit, tier=0)
    if with_comments and not is_complete and plans.inflects(query):
        # The newest have other inflections; those that are as typed count more.
        typed = replace(ask, comments=plans.typed_expression(query), posts=None)
        found += _verified(index, query, exact, typed, limit, tier=0, known=found)[0]
    suggestions: list[str] = []
    if with_comments and query.terms and len(found) < min(limit, ENOUGH):
        relaxed, suggestions = _relax(index, query, limit, found)
        found += relaxed
    if query.terms and not found:
        suggestions += similar_tags(query.text, index.tags())
    found.sort(key=lambda entry: (entry.time, entry.candidate.id), reverse=True)
    if not query.newest_first:
        found.sort(key=lambda entry: (entry.tier, -entry.score))
    hits = tuple(_hit(entry) for entry in found[:limit])
    return Results(query, hits, tuple(dict.fromkeys(suggestions)))


def _relax(
    index: Snapshot, query: Query, limit: int, found_exactly: Sequence[_Found]
) -> tuple[list[_Found], list[str]]:
    """What more generous plans find, and the archive's words next to those that were typed."""

    def comments(plan: Plan, tier: int) -> list[_Found]:
        ask = Ask(plans.comment_expression(query, plan), None, query.after, query.before)
        return _verified(index, query, plan, ask, limit, tier, found_exactly)[0]

    known = _known(index, query)
    plan = plans.relaxed(query, known)
    found = [] if plan is None else comments(plan, 1)
    if found or found_exactly:
        return found, []
    similar = {
        term.literal: nearest_words(term.literal, index.similar_words(term.literal))
        for term in query.terms
        if len(term.literal) >= MIN_REPAIR and is_vocabulary(term.literal)
    }
    suggestions = [
        corrected(query.text, literal, words[0]) for literal, words in similar.items() if words
    ]
    for plan in (plans.repaired(query, known, similar), plans.shortened(query, known)):
        if plan is not None and not found:
            found = comments(plan, 2)
    return found, suggestions


def _known(index: Snapshot, query: Query) -> Known:
    """What relaxing can make use of: a short question each, where a vain search takes long."""
    joined = [
        (word, way) for word, way in plans.joined(query.terms) if index.has(all_of(word.tokens))
    ]
    terms = (*query.terms, *(word for word, _ in joined))
    return Known(
        in_titles={t for t in terms if (asked := plans.title_expression(t)) and index.has(asked)},
        begun={t for t in terms if may_begin(t) and index.has_longer_word(t.literal)},
        ways=[way for _, way in joined],
    )


def _verified(
    index: Snapshot,
    query: Query,
    plan: Plan,
    ask: Ask,
    wanted: int,
    tier: int,
    known: Sequence[_Found] = (),
) -> tuple[list[_Found], bool]:
    """The candidates that match beside the known ones, page after page until there are enough.

    And whether there are no more comments.
    """
    found: list[_Found] = []
    seen = {entry.candidate.id for entry in known}
    matching = 0
    for _ in range(PAGES if tier == 0 else RELAXED_PAGES):
        candidates = index.candidates(ask, PAGE)
        for candidate in candidates:
            if candidate.id in seen:
                matching += 1
            elif _in_range(query, candidate):
                entry = _verify(query, plan, tier, candidate)
                if entry is not None:
                    found.append(entry)
        ask = _next_page(ask, candidates)
        if len(found) + matching >= wanted or (ask.comments is None and ask.posts is None):
            break
    return found, ask.comments is None


def _next_page(ask: Ask, candidates: Sequence[Candidate]) -> Ask:
    """The same of what comes behind a page; nothing of a kind that had no full page."""
    posts = [candidate.id for candidate in candidates if candidate.id == candidate.post_id]
    comments = [candidate.id for candidate in candidates if candidate.id != candidate.post_id]
    return replace(
        ask,
        comments=ask.comments if len(comments) == PAGE else None,
        comments_below=comments[-1] if comments else None,
        posts=ask.posts if len(posts) == PAGE else None,
        posts_below=posts[-1] if posts else None,
    )


def _verify(query: Query, plan: Plan, tier: int, candidate: Candidate) -> _Found | None:
    text = normalise(candidate.text)
    if query.excluded and any(term.spans(text) for term in query.excluded):
        return None
    is_post = candidate.id == candidate.post_id
    matches: Sequence[Match] | None = ()
    if is_post:
        matches = _title_matches(query, text, candidate.tags)
    elif query.terms:
        matches = plan.matches(text, lambda: normalise(candidate.title))
    if matches is None:
        return None
    day = _day(candidate.day)
    at = candidate.created_at
    return _Found(
        candidate,
        plan,
        tier,
        score(text, matches, highlighted=candidate.colour is not None, day=day, is_post=is_post),
        _midnight(day) if at is None else at,
    )


def _title_matches(query: Query, title: str, tags: str | None) -> list[Match] | None:
    """How a post's title matches; a tag of the post stands for a term as well."""
    keys = (tags or "").split("\n")
    matches = []
    for term in query.terms:
        spans = term.spans(title)
        if not spans and tag_key(term.text) not in keys:
            return None
        matches.append(Match(spans))
    return matches


def _in_range(query: Query, candidate: Candidate) -> bool:
    """The index only knows about where the days lie."""
    if query.after is None and query.before is None:
        return True
    day = _day(candidate.day)
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
    row = found.candidate
    mapped = normalise_mapped(row.text)
    matches = found.plan.matches(mapped.text) or found.plan.partial(mapped.text)
    spans = [mapped.span(*span) for match in matches for span in match.spans]
    hit = Hit(row.slug, row.path, row.title, found.score, snippet(row.text, spans))
    if row.id == row.post_id:
        return hit
    at = row.created_at
    return replace(
        hit,
        number=row.id - row.post_id,
        user=row.user,
        created_at=None if at is None else datetime.fromtimestamp(at, UTC),
        colour=None if row.colour is None else f"#{row.colour:06x}",
    )
