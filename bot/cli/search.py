"""`matome search`: results for a query, or for each line of stdin."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from adapters.console.plain import PlainText
from bot.app import opened_index, site_url
from bot.chat.answers import Found
from bot.cli.output import load_settings, progress_bar, say, visible
from bot.cli.records import hit_record
from bot.errors import UserError
from bot.locales import Texts
from bot.search.query import parse
from bot.search.search import Hit, find

USAGE = 2


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
    plain = PlainText(texts, settings.timezone, site)
    status = 0
    with progress_bar(texts) as progress:
        async with opened_index(settings, progress) as index:
            for text in _queries(options):
                try:
                    query = parse(text, site)
                    results = await find(index, query, kind=options.kind, limit=options.limit)
                except UserError as error:
                    say(texts("cli.error", message=texts.of(error)))
                    status = USAGE
                    continue
                if options.json:
                    _print_json(text, results.hits)
                else:
                    print(visible(plain.render(Found(results))), flush=True)
    return status


def _queries(options: argparse.Namespace) -> Iterator[str]:
    """The query of the command line, or the lines of stdin that are not empty."""
    if not options.batch:
        # An argument that is no UTF-8 comes with surrogates.
        yield options.query.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.strip():
            yield text


def _print_json(text: str, hits: Sequence[Hit]) -> None:
    for rank, hit in enumerate(hits, 1):
        print(json.dumps(hit_record(text, rank, hit), ensure_ascii=False), flush=False)
    sys.stdout.flush()
