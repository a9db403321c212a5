"""Whether the pages of every post, put together again, are what `matome export` says about it."""

import asyncio
import gc
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.figures import Figure, at_most
from benchmarks.limits import LIMITS
from benchmarks.processes import run
from bot.chat.fitting import pages
from bot.content.quotes import quote_of
from bot.content.shown import shown
from bot.model import Comment, Post
from bot.view import Block, Limits, Quote, Run, Text, View
from storage.index.reader import open_reader
from tests.fitted import over

SHOWN = 20
REPEATS, QUICK_REPEATS = 20, 5
FOLD = 30
# With --quick the absurd limits, which make 60 times as many pages, are tried on every tenth post.
QUICK_STEP = 10


def measure(bench: Bench) -> Iterator[Figure]:
    """Differences and broken limits over all posts; the time for a long post and for a fold."""
    posts = asyncio.run(_posts(bench.index))
    bodies = exported_bodies(bench)
    differing: list[str] = []
    broken: list[str] = []
    counts: list[str] = []
    for name, limits in LIMITS.items():
        bench.say(f"pages: {name}")
        step = QUICK_STEP if bench.quick and name == "absurd" else 1
        count = 0
        for post in posts[::step]:
            spread = pages([quote_of(post.slug, comment) for comment in post.comments], limits)
            count += len(spread)
            found = differences(bodies[post.path], spread)
            differing += [f"{name}: {post.path}: {difference}" for difference in found]
            broken += [f"{name}: {post.path}: {fault}" for fault in broken_limits(spread, limits)]
        counts.append(f"{name}: {count} pages of {len(posts[::step])} posts")
    note = "; ".join(counts)
    yield Figure(
        "pages against export: differences", len(differing), goal=at_most(0),
        note="".join([note, *(f"\n  {line}" for line in differing[:SHOWN])]),
        details={"differences": differing},
    )  # fmt: skip
    yield Figure(
        "pages: limits broken", len(broken), goal=at_most(0),
        note="".join(f"\n  {line}" for line in broken[:SHOWN]), details={"broken": broken},
    )  # fmt: skip
    longest = max(posts, key=lambda post: len(post.comments)).comments
    repeats = QUICK_REPEATS if bench.quick else REPEATS
    comments = len(longest)
    yield Figure(
        f"pages of {comments} comments", _milliseconds(longest, repeats), "ms", goal=at_most(5)
    )
    yield Figure(
        f"pages of {FOLD} comments", _milliseconds(longest[:FOLD], repeats), "ms", goal=at_most(1)
    )


def differences(
    bodies: Sequence[tuple[int, str]], spread: Sequence[Sequence[Block]]
) -> Iterator[str]:
    """In what pages of comments, put together, are not the bodies (number, body), one line each.

    The spans must follow each other from the body's start to its end, the characters be those that
    the whole body shows, and the comments come in order.
    """
    texts: dict[int, Text] = {}
    for block in (block for page in spread for block in page):
        assert isinstance(block, Quote)
        if block.continues != (block.number in texts):
            yield f"#{block.number}: continues: {block.continues}"
        texts[block.number] = (*texts.get(block.number, ()), *block.text)
    if list(texts) != [number for number, _ in bodies]:
        yield f"comments {list(texts)}"
        return
    for number, body in bodies:
        pieces: list[str] = []
        at = 0
        for run_ in texts[number]:
            assert isinstance(run_, Run)
            assert run_.source is not None
            start, end = run_.source
            if start != at:
                yield f"#{number}: goes on at {start} instead of {at}"
            at = end
            pieces.append(body[start:end])
        if "".join(pieces) != body:
            yield f"#{number}: {''.join(pieces)!r} instead of {body!r}"
        if _string(texts[number]) != _string(shown(body)):
            yield f"#{number}: shows {_string(texts[number])!r}"


def broken_limits(spread: Sequence[Sequence[Block]], limits: Limits) -> Iterator[str]:
    """Every limit that a page breaks."""
    for number, page in enumerate(spread, 1):
        for fault in over(View("", tuple(page)), limits):
            yield f"page {number}: {fault}"


def _string(text: Text) -> str:
    return "".join(run.text for run in text if isinstance(run, Run))


def exported_bodies(bench: Bench) -> dict[str, list[tuple[int, str]]]:
    exported = run((*MATOME, "export"), bench.environment(bench.data), PROJECT).output
    # Not splitlines(): a body may hold other characters that end a line for it.
    posts = [json.loads(line) for line in exported.split("\n") if line]
    return {
        post["path"]: [(comment["number"], comment["body"]) for comment in post["comments"]]
        for post in posts
    }


async def _posts(index: Path) -> list[Post]:
    async with open_reader(index) as reader:
        return [post async for post in reader.export()]


def _milliseconds(comments: Sequence[Comment], repeats: int) -> float:
    """The shortest of several runs, by the first limits; the quotes are there already."""
    limits = next(iter(LIMITS.values()))
    quotes = [quote_of("", comment) for comment in comments]
    taken: list[float] = []
    gc.disable()
    try:
        for _ in range(repeats):
            started = time.perf_counter()
            pages(quotes, limits)
            taken.append(time.perf_counter() - started)
    finally:
        gc.enable()
    return min(taken) * 1000
