"""From a line that a person types to an answer, free of any platform."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bot.errors import UserError
from bot.model import MonthCount, Post, PostSummary, TagCount
from bot.ports import Index
from bot.search.plan import mention_expression
from bot.search.query import Link, parse
from bot.search.search import Results, find
from bot.search.term import make_term
from bot.search.text import normalise
from bot.search.tokens import tag_key

LISTED = 10
TAGS_LISTED = 40
POPULAR_TAGS = 12
POPULAR_DAYS = 30
RELATED = 3

_COMMAND = re.compile(r"\s*/matome(?:\s+|$)")
_MONTH = re.compile(r"(\d{4})[-/年](\d{1,2})月?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest posts and the tags that were used most in the last 30 days of the archive."""

    posts: Sequence[PostSummary]
    tags: Sequence[TagCount]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag's newest posts, and how many further posts mention it."""

    tag: TagCount
    posts: Sequence[PostSummary]
    mentions: int


@dataclass(frozen=True, slots=True)
class Found:
    """Results of a search."""

    results: Results


@dataclass(frozen=True, slots=True)
class Tags:
    """The most used tags."""

    tags: Sequence[TagCount]


@dataclass(frozen=True, slots=True)
class Months:
    """The months that have posts."""

    months: Sequence[MonthCount]


@dataclass(frozen=True, slots=True)
class Month:
    """A month's posts."""

    month: str
    posts: Sequence[PostSummary]


@dataclass(frozen=True, slots=True)
class Opened:
    """One post, and others about the same things."""

    post: Post
    related: Sequence[PostSummary]


@dataclass(frozen=True, slots=True)
class Choice:
    """Several posts for one link."""

    posts: Sequence[PostSummary]


@dataclass(frozen=True, slots=True)
class Help:
    """How to use it."""


Answer = Newest | Tagged | Found | Tags | Months | Month | Opened | Choice | Help


async def answer(index: Index, line: str, random: Random, site_url: str | None = None) -> Answer:
    """Answer a line, with or without /matome before it.

    Raises UserError where the person can put something right.
    """
    text = _COMMAND.sub("", line, count=1).strip()
    word = normalise(text)
    if word in ("", "new", "最新", "新着"):
        return await _newest(index)
    if word in ("help", "ヘルプ", "使い方", "?"):
        return Help()
    if word in ("tags", "タグ"):
        return Tags(await index.tags(None, TAGS_LISTED))
    if word in ("months", "月"):
        return Months(await index.months())
    if word in ("random", "ランダム"):
        return await _random(index, random)
    if (month := _MONTH.fullmatch(word)) is not None:
        if not 1 <= int(month[2]) <= 12:
            raise UserError("query.bad_month", value=text)
        name = f"{month[1]}-{int(month[2]):02}"
        return Month(name, await index.in_month(name))
    return await _asked(index, text, site_url)


async def _newest(index: Index) -> Newest:
    posts = await index.newest(LISTED)
    if not posts:
        return Newest((), ())
    since: date = posts[0].date.date() - timedelta(days=POPULAR_DAYS)
    return Newest(posts, await index.tags(since, POPULAR_TAGS))


async def _random(index: Index, random: Random) -> Answer:
    count = await index.count_posts()
    post = await index.nth(random.randrange(count)) if count else None
    return await _opened(index, post.key) if post else Newest((), ())


async def _asked(index: Index, text: str, site_url: str | None) -> Answer:
    query = parse(text, site_url)
    if query.link is not None:
        posts = await linked(index, query.link)
        return await _opened(index, posts[0].key) if len(posts) == 1 else Choice(posts)
    # A hyphen is left out of a tag's key, so "open -ai" would look like the tag OpenAI.
    if not (query.excluded or query.excluded_tags):
        tag = await index.tag(tag_key(normalise(text.removeprefix("#"))))
        if tag is not None:
            return await _tagged(index, tag)
    return Found(await find(index, query, limit=LISTED))


async def _tagged(index: Index, tag: TagCount) -> Tagged:
    wanted = tag_key(normalise(tag.name))
    posts = await index.tagged(wanted, LISTED)
    term = make_term(normalise(tag.name))
    expression = mention_expression(term, wanted) if term is not None else ""
    return Tagged(tag, posts, await index.count_mentioning(expression) if expression else 0)


async def linked(index: Index, link: Link) -> Sequence[PostSummary]:
    """The posts that a link leads to. Raises UserError where there is none."""
    posts: Sequence[PostSummary] = ()
    if link.item_id is not None:
        posts = await index.by_item(link.item_id)
    elif link.slug is not None and (post := await index.by_slug(link.slug)) is not None:
        posts = (post,)
    if not posts:
        raise UserError("query.unknown_link")
    return posts


async def _opened(index: Index, key: str) -> Answer:
    post = await index.post(key)
    if post is None:
        raise UserError("query.unknown_link")
    return Opened(post, await index.related(key, RELATED))
