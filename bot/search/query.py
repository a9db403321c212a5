"""The query language: one for every platform, forgiving in form, clear about what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.errors import UserError
from bot.search.term import Term, make_term
from bot.search.text import normalise
from bot.search.tokens import tag_key

MAX_LENGTH = 1000
MAX_TERMS = 20

_CLOSING = {'"': '"', "“": "”„“", "”": "”", "„": "”“", "「": "」", "『": "』"}
_OPERATOR = re.compile(r"([A-Za-z]{2,12}):(?![/:])")
_BREAK = re.compile(r"[\s、。，,;]+")
_DAY = re.compile(r"(\d{4})(?:[-/年.](\d{1,2})(?:[-/月.](\d{1,2})日?|月)?|年)?", re.ASCII)
_LINK = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)
_ITEM = re.compile(
    r"https?://news\.ycombinator\.com/item\?(?:[^#\s]*&)?id=(\d{1,18})\b", re.IGNORECASE
)
_SITE_POST = re.compile(r"/posts/(?:[^/?#\s]+/)*?([^/?#\s]+)/?(?:[?#].*)?$")


@dataclass(frozen=True, slots=True)
class Link:
    """The address of a post: its Hacker News item, or its slug on the site."""

    item_id: int | None = None
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for. Days are half open: `after` <= day < `before`."""

    text: str
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    tags: tuple[str, ...] = ()
    excluded_tags: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    in_title: bool = False
    highlights: bool = False
    newest_first: bool = False
    link: Link | None = None


def parse(text: str, site_url: str | None = None) -> Query:
    """Read a query; `site_url` tells the site's own links from others.

    Raises UserError with the sentence that says what is wrong and shows a right form.
    """
    if len(text) > MAX_LENGTH:
        raise UserError("query.too_long", limit=MAX_LENGTH)
    shown = " ".join(text.split())
    link = _link(shown, site_url)
    if link is not None:
        return Query(shown, link=link)
    query = Query(shown)
    for word in _words(unicodedata.normalize("NFKC", text)):
        query = _extended(query, word)
    if len(query.terms) + len(query.excluded) > MAX_TERMS:
        raise UserError("query.too_many_words", limit=MAX_TERMS)
    if query.in_title and (query.users or query.highlights):
        raise UserError("query.title_of_comment")
    if query.after is not None and query.before is not None and query.after >= query.before:
        raise UserError("query.empty_range", after=query.after, before=query.before)
    if not (
        query.terms or query.tags or query.users or query.highlights or query.after or query.before
    ):
        raise UserError(
            "query.only_excluded" if query.excluded or query.excluded_tags else "query.empty"
        )
    return query


def item_link(text: str) -> str | None:
    """The first address of a Hacker News discussion in a text."""
    found = _ITEM.search(text)
    return None if found is None else found[0]


def _link(text: str, site_url: str | None) -> Link | None:
    whole = _LINK.fullmatch(text)
    if whole is None:
        return None
    item = _ITEM.match(whole[1])
    if item is not None:
        return Link(item_id=int(item[1]))
    on_site = site_url is None or whole[1].lower().startswith(site_url.lower())
    post = _SITE_POST.search(whole[1]) if on_site else None
    return Link(slug=post[1]) if post else None


@dataclass(frozen=True, slots=True)
class _Word:
    """A piece of the query: `-operator:value`, each part optional."""

    negated: bool
    operator: str | None
    value: str
    quoted: bool


def _words(text: str) -> Iterator[_Word]:
    at = 0
    while at < len(text):
        if _BREAK.match(text[at]):
            at += 1
            continue
        negated = text[at] in "-−" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negated
        named = _OPERATOR.match(text, at)
        operator = named[1].lower() if named else None
        at = named.end() if named else at
        if operator is None and text[at] in "#" and not _BREAK.match(text[at + 1 : at + 2] or " "):
            operator = "tag"
            at += 1
        value, quoted, at = _value(text, at)
        if named and operator not in OPERATORS and value.isdecimal():
            # localhost:8080 is no operator.
            value, operator = named[0] + value, None
        yield _Word(negated, operator, value, quoted)


def _value(text: str, at: int) -> tuple[str, bool, int]:
    """A quoted phrase (an unclosed one goes to the end) or everything up to a space."""
    closing = _CLOSING.get(text[at : at + 1])
    if closing is not None:
        end = next((i for i in range(at + 1, len(text)) if text[i] in closing), len(text))
        return text[at + 1 : end], True, end + 1
    found = _BREAK.search(text, at)
    end = found.start() if found else len(text)
    # A quotation mark within a word starts a phrase of its own: gpu"メモリ帯域".
    for i in range(at + 1, end):
        if text[i] in '"“「『':
            return text[at:i], False, i
    return text[at:end], False, end


def _extended(query: Query, word: _Word) -> Query:
    if word.operator is not None:
        operator = OPERATORS.get(word.operator)
        if operator is None:
            written = f"{word.operator}:{word.value}"
            raise UserError("query.unknown_operator", operator=word.operator, written=written)
        if not word.value.strip():
            raise UserError("query.no_value", operator=word.operator, example=operator.example)
        if word.negated and word.operator != "tag":
            raise UserError("query.not_negatable", operator=word.operator, value=word.value)
        return operator.extend(query, word)
    term = make_term(normalise(word.value))
    if term is None:
        return query
    term = replace(term, phrase=word.quoted)
    if word.negated:
        return replace(query, excluded=(*query.excluded, term))
    return replace(query, terms=(*query.terms, term))


def _tag(query: Query, word: _Word) -> Query:
    wanted = tag_key(normalise(word.value.lstrip("#")))
    if word.negated:
        return replace(query, excluded_tags=(*query.excluded_tags, wanted))
    return replace(query, tags=(*query.tags, wanted))


def _user(query: Query, word: _Word) -> Query:
    return replace(query, users=(*query.users, normalise(word.value.lstrip("@"))))


def _month(query: Query, word: _Word) -> Query:
    found = _DAY.fullmatch(word.value.strip())
    if found is None or found[2] is None or found[3] is not None:
        raise UserError("query.bad_month", value=word.value[:40])
    first, behind = _period(word, "query.bad_month")
    return replace(_narrowed(query, after=first), before=_earlier(query.before, behind))


def _after(query: Query, word: _Word) -> Query:
    return _narrowed(query, after=_period(word, "query.bad_date")[0])


def _before(query: Query, word: _Word) -> Query:
    return replace(query, before=_earlier(query.before, _period(word, "query.bad_date")[0]))


def _narrowed(query: Query, after: date) -> Query:
    return replace(query, after=after if query.after is None else max(query.after, after))


def _earlier(first: date | None, second: date) -> date:
    return second if first is None else min(first, second)


def _period(word: _Word, key_of_fault: str) -> tuple[date, date]:
    """The first day of a year, month or day, and the day behind its last."""
    found = _DAY.fullmatch(word.value.strip())
    try:
        if found is None:
            raise ValueError(word.value)
        year, month, day = (int(part) if part else None for part in found.groups())
        first = date(year or 0, month or 1, day or 1)
        if day is not None:
            return first, first + timedelta(days=1)
        if month is not None:
            return first, (first + timedelta(days=31)).replace(day=1)
        return first, first.replace(year=first.year + 1)
    except (ValueError, OverflowError) as error:
        raise UserError(key_of_fault, operator=word.operator, value=word.value[:40]) from error


def _in(query: Query, word: _Word) -> Query:
    _only("title", word)
    return replace(query, in_title=True)


def _is(query: Query, word: _Word) -> Query:
    _only("highlight", word)
    return replace(query, highlights=True)


def _sort(query: Query, word: _Word) -> Query:
    _only("new", word)
    return replace(query, newest_first=True)


def _only(allowed: str, word: _Word) -> None:
    if word.value.lower() != allowed:
        right = f"{word.operator}:{allowed}"
        raise UserError(
            "query.bad_value", written=f"{word.operator}:{word.value[:40]}", right=right
        )


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: what it does to a query, and a right example of it."""

    extend: Callable[[Query, _Word], Query]
    example: str


OPERATORS: Mapping[str, Operator] = {
    "tag": Operator(_tag, "tag:GPU"),
    "user": Operator(_user, "user:simonw"),
    "month": Operator(_month, "month:2025-06"),
    "after": Operator(_after, "after:2025-05-01"),
    "before": Operator(_before, "before:2025-06-01"),
    "in": Operator(_in, "in:title"),
    "is": Operator(_is, "is:highlight"),
    "sort": Operator(_sort, "sort:new"),
}
