"""`matome search`: results for a query, or for each line of stdin."""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from random import Random

from adapters.console.render import render
from bot.app import opened_index, site_url, taken_down
from bot.chat.library import Library
from bot.chat.views.search import linked, result_item
from bot.cli import USAGE
from bot.cli.output import load_settings, paper, progress_bar, say
from bot.cli.records import hit_record
from bot.cli.terminal import json_line, lines
from bot.errors import UserError
from bot.hiding import ShownIndex
from bot.locales import Texts
from bot.model import PostSummary
from bot.ports import Index
from bot.search.query import Query, parse
from bot.search.search import Hit, Results, find
from bot.search.snippet import snippet
from bot.view import Block, Heading, Paragraph, Run, View


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print results; exit status 2 where a query could not be understood."""
    if (options.query is None) != options.batch:
        say(texts("cli.error", message=texts("cli.no_query")))
        return USAGE
    if options.limit < 1:
        say(texts("cli.error", message=texts("cli.limit_positive")))
        return USAGE
    settings = load_settings()
    site = site_url(settings)
    status = 0
    with progress_bar(texts) as progress:
        async with opened_index(settings, progress) as opened:
            index = ShownIndex(opened, taken_down(settings))
            async for text in _queries(options):
                try:
                    results = await _results(index, parse(text, site), options)
                except UserError as error:
                    say(texts("cli.error", message=texts.of(error)))
                    status = USAGE
                    continue
                if options.json:
                    records = (hit_record(text, n, hit) for n, hit in enumerate(results.hits, 1))
                    found = "".join(f"{json_line(record)}\n" for record in records)
                    print(found, end="", flush=True)
                else:
                    view = _view(results, texts, site)
                    print(render(view, paper(), texts, settings.timezone), flush=True)
    return status


async def _results(index: Index, query: Query, options: argparse.Namespace) -> Results:
    """What is found; a link finds its posts, as in the chat."""
    if query.link is None:
        return await find(index, query, kind=options.kind, limit=options.limit)
    posts: Sequence[PostSummary] = ()
    if options.kind != "comment":
        # One that leads nowhere is no wrong usage.
        with suppress(UserError):
            posts = await linked(Library(index, None, Random()), query.link)  # noqa: S311
    hits = (Hit(post.slug, post.path, post.title, 1.0, snippet(post.title, ())) for post in posts)
    return Results(query, tuple(hits)[: options.limit])


def _view(results: Results, texts: Texts, site: str | None) -> View:
    """Results as the chat shows them, without the ways on."""
    key = "chat.results" if results.hits else "chat.nothing"
    title = texts(key, query=results.query.text)
    items = (result_item(hit, site, texts) for hit in results.hits)
    blocks: list[Block] = [Heading((Run(title),)), *items]
    if results.suggestions:
        meant = f"{texts('chat.did_you_mean')} {' · '.join(results.suggestions)}"
        blocks.append(Paragraph((Run(meant),)))
    return View(title, tuple(blocks))


async def _queries(options: argparse.Namespace) -> AsyncIterator[str]:
    """The query of the command line, or the lines of stdin that are not empty."""
    if options.batch:
        async for line in lines():
            if line.strip():
                yield line
    else:
        # An argument that is no UTF-8 comes with surrogates.
        yield options.query.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
