"""How long an answer takes from intent to view, beside the search or fetch that it contains."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal, Row, at_most, median, quantile
from benchmarks.latency import steady
from benchmarks.limits import DISCORD_LIKE
from benchmarks.queries import Asked, draw
from bot.chat.compose import compose
from bot.chat.context import Frame
from bot.chat.library import Library
from bot.chat.views.search import DEPTHS
from bot.intent import Intent, OpenPost, ReadComments, Search
from bot.locales import Texts
from bot.model import Post
from bot.search.query import parse
from bot.search.search import find
from storage.index.reader import IndexReader, open_reader

POSTS, QUICK_POSTS = 200, 50
REPEATS = 5

Ask = Callable[[], Awaitable[object]]


def measure(bench: Bench) -> Iterator[Row]:
    """The p99 of all answers beside what they contain, and of each kind by itself."""
    asked = draw(bench.entries)
    with steady():
        yield from asyncio.run(_measure(bench, asked))


async def _measure(bench: Bench, asked: Sequence[Asked]) -> list[Row]:
    rows: list[Row] = []
    all_ours: list[float] = []
    all_theirs: list[float] = []
    async with open_reader(bench.index) as reader:
        library = Library(reader, None, Random(1))  # noqa: S311
        frame = Frame(Texts("ja"), DISCORD_LIKE, can_share=True, can_thread=True)

        def answer(intent: Intent) -> Ask:
            return lambda: compose(library, intent, frame)

        posts = await _posts(reader, QUICK_POSTS if bench.quick else POSTS)
        fetches = [_fetch(reader, post) for post in posts]
        whole_posts = [_whole(reader, post) for post in posts]
        opened = [answer(OpenPost(post.key)) for post in posts]
        pages = [answer(ReadComments(post.key, len(post.comments))) for post in posts]
        searches = [_search(reader, one.text) for one in asked]
        results = [answer(Search(one.text)) for one in asked]
        for name, answers, contained, what in (
            ("a post", opened, fetches, "fetching it"),
            ("a page of comments", pages, whole_posts, "fetching the post"),
            ("results", results, searches, "the search"),
        ):
            bench.say(f"answers: {name}")
            ours, theirs = await _times(answers, contained)
            rows.append(_figure(f"of that {name}", ours, theirs, what))
            all_ours += ours
            all_theirs += theirs
    name = "searches, posts and pages alike"
    whole = _figure(name, all_ours, all_theirs, "search or fetch", at_most(3, "ratio"))
    return [whole, *rows]


def _figure(
    name: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    what: str,
    goal: Goal | None = None,
) -> Figure:
    return Figure(
        f"intent to view, p99: {name}",
        quantile(ours, 0.99),
        "ms",
        quantile(theirs, 0.99),
        what,
        goal,
        details={"p50": quantile(ours, 0.5), "p50 of reference": quantile(theirs, 0.5)},
    )


async def _posts(reader: IndexReader, count: int) -> Sequence[Post]:
    every = [post async for post in reader.export() if not post.draft]
    return Random(7).sample(every, min(count, len(every)))  # noqa: S311 (the same posts each time)


def _fetch(reader: IndexReader, post: Post) -> Ask:
    return lambda: reader.post_with_choice(post.key)


def _whole(reader: IndexReader, post: Post) -> Ask:
    return lambda: reader.post(post.key)


def _search(reader: IndexReader, text: str) -> Ask:
    query = parse(text)
    return lambda: find(reader, query, limit=DEPTHS[0])


async def _times(*groups: Sequence[Ask]) -> list[list[float]]:
    """The median time in ms of each call; the groups take turns, so that noise hits them alike."""
    taken: list[list[list[float]]] = [[[] for _ in group] for group in groups]
    for _ in range(REPEATS):
        for group, times in zip(groups, taken, strict=True):
            for call, known in zip(group, times, strict=True):
                started = time.perf_counter()
                await call()
                known.append((time.perf_counter() - started) * 1000)
    return [list(map(median, times)) for times in taken]
