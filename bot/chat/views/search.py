"""What a query gives: a tag's posts, the post of a link, or results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.chat.context import Frame
from bot.chat.library import Library
from bot.chat.views.parts import (
    LISTED,
    listed,
    plain,
    post_items,
    shaped,
    small_print,
    text_of,
    ways_on,
    window,
)
from bot.chat.views.post import open_post
from bot.errors import UserError
from bot.intent import OpenPost, ReadComments, Search
from bot.locales import Texts
from bot.model import PostSummary, TagCount, post_key, post_url
from bot.ports import Snapshot
from bot.search.plan import mention_expression
from bot.search.query import Link, Query, parse
from bot.search.search import Hit, find_in
from bot.search.snippet import Snippet
from bot.search.term import make_term
from bot.search.text import normalise
from bot.search.tokens import tag_key
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Item,
    Moment,
    Run,
    Text,
    View,
)

# How many results are looked for, step by step, as somebody goes on turning pages. The order of
# a search depends on how far it goes, so what an earlier step found keeps its place.
DEPTHS = (LISTED + 1, 4 * LISTED + 1, 16 * LISTED + 1)

_LEAVES_OUT = re.compile(r"(?:^|\s)[-−]\S")


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A tag with some of its posts, and how many others mention it in their comments."""

    tag: TagCount
    posts: Sequence[PostSummary]
    mentions: int


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The best results, always in the same order, and what may have been meant instead."""

    query: Query
    hits: Sequence[Hit]
    suggestions: Sequence[str]


async def search(library: Library, intent: Search, frame: Frame) -> View:
    """The answer to a query. Raises UserError where it cannot be understood, with a right form."""
    site_url = library.site_url
    found = await library.index.on_snapshot(lambda index: _found(index, intent, site_url))
    match found:
        case _Tagged():
            return _tagged(library, intent, found, frame)
        case Link():
            return await _linked(library, intent, found, frame)
        case _Ranked():
            return _results(library, intent, found, frame)


def _found(index: Snapshot, intent: Search, site_url: str | None) -> _Tagged | Link | _Ranked:
    """What a query finds, all of it at once: each way to the index and back takes its time."""
    offset, count = window(intent.start, LISTED)
    tag = _tag_named(index, intent.query)
    if tag is not None:
        key = tag_key(normalise(tag.name))
        posts = index.tagged(key, count, offset)
        return _Tagged(tag, posts, _mentions(index, tag, key))
    query = parse(intent.query, site_url)
    return query.link or _ranked(index, query, offset + count)


def _tag_named(index: Snapshot, text: str) -> TagCount | None:
    # A hyphen is left out of a tag's key, so "open -ai" would look like the tag OpenAI.
    if _LEAVES_OUT.search(text):
        return None
    key = tag_key(normalise(text.strip().removeprefix("#")))
    tag = index.tag(key) if key else None
    # Several words that only happen to be a tag when they are joined are several words.
    return None if tag is not None and " " in text and " " not in tag.name else tag


def _mentions(index: Snapshot, tag: TagCount, key: str) -> int:
    """How many posts mention a tag in their comments without having it."""
    term = make_term(normalise(tag.name))
    expression = mention_expression(term, key) if term is not None else ""
    return index.count_mentioning(expression) if expression else 0


def _ranked(index: Snapshot, query: Query, wanted: int) -> _Ranked:
    """At least as many results as are wanted where there are."""
    ranked: dict[tuple[str, int | None], Hit] = {}
    suggestions: tuple[str, ...] = ()
    for depth in DEPTHS:
        results = find_in(index, query, limit=depth)
        for hit in results.hits:
            ranked.setdefault((hit.slug, hit.number), hit)
        suggestions = suggestions or results.suggestions
        if len(results.hits) < depth or len(ranked) >= wanted:
            break
    return _Ranked(query, list(ranked.values()), suggestions)


def _tagged(library: Library, intent: Search, found: _Tagged, frame: Frame) -> View:
    texts, tag = frame.texts, found.tag
    first = []
    if found.mentions:
        name = f'"{tag.name}"' if " " in tag.name else tag.name
        label = texts("chat.button.mentioned", count=found.mentions)
        first.append(Button(label, Action(Search(f"{name} -tag:{name}"))))
    title = texts("chat.tag", tag=tag.name, count=tag.posts)
    items = post_items(found.posts, library.site_url, texts)
    return listed(frame, intent, title, items, first=first)


async def linked(library: Library, link: Link) -> Sequence[PostSummary]:
    """The posts that a link leads to. Raises UserError where there is none."""
    posts: Sequence[PostSummary] = ()
    if link.item_id is not None:
        posts = await library.index.by_item(link.item_id)
    elif link.slug is not None and (post := await library.index.by_slug(link.slug)) is not None:
        posts = (post,)
    if not posts:
        raise UserError("query.unknown_link")
    return posts


async def _linked(library: Library, intent: Search, link: Link, frame: Frame) -> View:
    posts = await linked(library, link)
    if len(posts) == 1:
        return await open_post(library, OpenPost(posts[0].key), frame)
    title = frame.texts("chat.which_post", count=len(posts))
    offset, count = window(intent.start, LISTED)
    items = post_items(posts[offset : offset + count], library.site_url, frame.texts)
    return listed(frame, intent, title, items)


def _results(library: Library, intent: Search, found: _Ranked, frame: Frame) -> View:
    texts, hits = frame.texts, found.hits
    offset, count = window(intent.start, LISTED)
    foot: list[Block] = []
    if found.suggestions:
        meant = tuple(Button(text, Action(Search(text))) for text in found.suggestions)
        foot = [text_of(texts("chat.did_you_mean")), Buttons(meant)]
    if not hits:
        title = texts("chat.nothing", query=found.query.text)
        return View(title, shaped([text_of(title), *foot, ways_on(texts)], frame.limits))
    if offset + count > len(hits) >= DEPTHS[-1]:
        foot.append(small_print(texts("chat.narrow", count=len(hits))))
    items = [result_item(hit, library.site_url, texts) for hit in hits[offset : offset + count]]
    return listed(frame, intent, texts("chat.results", query=found.query.text), items, foot=foot)


def result_item(hit: Hit, site_url: str | None, texts: Texts) -> Item:
    """A result as an entry of a list; its title leads to the site."""
    key = post_key(hit.slug)
    link = post_url(site_url, hit.path)
    if hit.number is None:
        title = tuple(replace(run, link=link) for run in _marked(hit.snippet))
        return Item(title, (), Button(texts("chat.open"), Action(OpenPost(key))))
    who: Text = plain(
        texts("chat.comment", number=hit.number, user=hit.user or texts("chat.nobody"))
    )
    when: Text = () if hit.created_at is None else (Run("　"), Moment(hit.created_at))
    return Item(
        (Run(hit.title, link=link),),
        ((*who, *when), _marked(hit.snippet)),
        Button(texts("chat.read"), Action(ReadComments(key, hit.number))),
        hit.colour,
    )


def _marked(snippet: Snippet) -> tuple[Run, ...]:
    """A snippet with what was searched for in bold."""
    runs: list[Run] = []
    at = 0
    for start, end in snippet.matches:
        runs.append(Run(snippet.text[at:start]))
        runs.append(Run(snippet.text[start:end], bold=True))
        at = end
    return tuple(run for run in [*runs, Run(snippet.text[at:])] if run.text)
