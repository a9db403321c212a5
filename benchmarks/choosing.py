"""The comments that are chosen of each post, beside the first coloured ones and beside random ones.

What the chooser takes for a word and for its weight is not used here: words are those of a
segmenter, and a word weighs as many comments as hold it, times the logarithm of how rare it is
among all posts. A word that only one comment holds stands for nothing but that comment.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import log
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_least, at_most, median
from benchmarks.words import content_words
from bot.digest.choosing import GLANCE, choose, overlap, shingles
from bot.model import Comment, Post
from bot.search.text import normalise
from storage.index.reader import open_reader

SEED = 20_250_604
QUICK_POSTS = 200

# With fewer comments there is nothing to choose.
ENOUGH_COMMENTS = 20

# How often three to five comments of each post are drawn.
DRAWS = 5

TIMED_REPEATS = 3

# Coarser than the chooser's own rule, and written down for itself.
_LEANING = re.compile(
    r"\s*[＞>›]|[\s「『“”\"’']*(?:これ|それ|あれ|この|その|あの|ここ|そこ|こう|そう|彼|同意|同感|返答|返信|"
    r"うん|いや|はい|いいえ|ああ|へえ|へー|なるほど|確かに|たしかに|ほんと|まさに|マジで|マジそれ|"
    r"でも|だけど|しかし|だって|だから|じゃあ|つまり|ありがとう|ごめん|君|あなた|お前)"
)
_QUESTION = re.compile(r"[^。！!\n]*[?？]\s*")

Words = Sequence[frozenset[str]]


def measure(bench: Bench) -> Iterator[Figure]:
    """What the chosen ones stand for, how they overlap, and which should not have been chosen."""
    posts = asyncio.run(_posts(bench.index))
    random = Random(SEED)  # noqa: S311 (the same posts every time)
    if bench.quick:
        posts = random.sample(posts, min(QUICK_POSTS, len(posts)))
    chosen = [choose(post) for post in posts]
    large = [
        (post, [post.comments[number - 1] for number in numbers])
        for post, numbers in zip(posts, chosen, strict=True)
        if len(post.comments) >= ENOUGH_COMMENTS and numbers
    ]
    bench.say("finding the words of all comments")
    yield from _stood_for(posts, large)
    yield from _overlaps(large, random)
    yield from _unfit([comment for _, found in large for comment in found])
    yield _costs(posts)


async def _posts(index: Path) -> list[Post]:
    async with open_reader(index) as reader:
        return [post async for post in reader.export() if not post.draft]


def _stood_for(
    posts: Sequence[Post], large: Sequence[tuple[Post, list[Comment]]]
) -> Iterator[Figure]:
    """The weight of the words of the chosen ones, and of as many characters of coloured ones."""
    words = {post.slug: [_words(comment.body) for comment in post.comments] for post in posts}
    spread = Counter(word for of_post in words.values() for word in frozenset().union(*of_post))
    ours: list[float] = []
    ratios: list[float] = []
    for post, found in large:
        weights = _weights(words[post.slug], spread, len(posts))
        held = [words[post.slug][comment.number - 1] for comment in found]
        ours.append(_weight(held, weights))
        room = sum(len(comment.body) for comment in found)
        theirs = _weight(map(_words, _first_coloured(post, room)), weights)
        ratios.append(ours[-1] / theirs if theirs else 2.0)
    sizes = Counter(len(found) for _, found in large)
    note = ", ".join(f"{count} posts with {size}" for size, count in sorted(sizes.items()))
    yield Figure(
        "chosen: stand for more than the first coloured ones",
        sum(ratio > 1 for ratio in ratios) / len(ratios) * 100,
        "% of posts",
        goal=at_least(95),
        note=f"of {len(large)} posts; chosen: {note}",
    )
    yield Figure(
        "chosen: what they stand for / the first coloured ones",
        sum(ratios) / len(ratios),
        goal=at_least(1.5),
        note=f"mean of the posts' ratios at the same number of characters; "
        f"median {median(ratios):.2f}, lowest {min(ratios):.2f}",
    )


def _words(body: str) -> frozenset[str]:
    return frozenset((word.base or word.surface).casefold() for word in content_words(body))


def _weights(words: Words, spread: Counter[str], posts: int) -> dict[str, float]:
    held = Counter(word for of_comment in words for word in of_comment)
    return {word: n * log(posts / spread[word]) for word, n in held.items() if n > 1}


def _weight(
    words: Iterator[frozenset[str]] | Sequence[frozenset[str]], weights: dict[str, float]
) -> float:
    return sum(weights.get(word, 0) for word in frozenset().union(*words))


def _first_coloured(post: Post, room: int) -> Iterator[str]:
    """As many characters of the first coloured comments, then of the first others, as are given."""
    for comment in sorted(post.comments, key=lambda comment: comment.colour is None):
        if room <= 0:
            return
        # The last is cut, so that both have the same number.
        yield comment.body[:room]
        room -= len(comment.body)


def _overlaps(large: Sequence[tuple[Post, list[Comment]]], random: Random) -> Iterator[Figure]:
    ours: list[float] = []
    drawn: list[float] = []
    for post, found in large:
        ours += _overlap_of_pairs(found)
        others = [comment for comment in post.comments if comment.body.strip()]
        for _ in range(DRAWS):
            drawn += _overlap_of_pairs(random.sample(others, min(len(found), len(others))))
    yield Figure(
        "chosen: overlap of two of a post, mean",
        sum(ours) / len(ours),
        "",
        sum(drawn) / len(drawn),
        "a random choice",
        at_most(1, "ratio"),
        "Jaccard index of character 3-grams",
    )
    yield Figure("chosen: overlap of two of a post, highest", max(ours), goal=at_most(0.25))


def _overlap_of_pairs(comments: Sequence[Comment]) -> list[float]:
    sets = [shingles(normalise(comment.body)) for comment in comments]
    return [overlap(one, other) for one, other in combinations(sets, 2)]


def _unfit(found: Sequence[Comment]) -> Iterator[Figure]:
    """Those that answer another comment, only ask, or would have to be cut."""
    unfit = {
        "lean on another comment": [c for c in found if _LEANING.match(c.body)],
        "only ask": [c for c in found if _QUESTION.fullmatch(c.body)],
        "too long": [c for c in found if len(c.body) > GLANCE],
    }
    numbers = {comment for comments in unfit.values() for comment in comments}
    coloured = sum(comment.colour is not None for comment in found)
    lengths = [len(comment.body) for comment in found]
    counted = ", ".join(f"{len(comments)} {name}" for name, comments in unfit.items())
    yield Figure(
        "chosen: cannot stand alone or be shown whole",
        len(numbers) / len(found) * 100,
        "%",
        goal=at_most(3),
        note=f"of {len(found)}: {counted}; {coloured / len(found):.0%} have a colour, "
        f"median length {median(lengths):.0f}",
    )


def _costs(posts: Sequence[Post]) -> Figure:
    """The time beside that of normalising, which every sync does anyway."""
    texts = [[normalise(comment.body) for comment in post.comments] for post in posts]
    ours: list[float] = []
    others: list[float] = []
    for _ in range(TIMED_REPEATS):
        started = time.process_time()
        for post in posts:
            for comment in post.comments:
                normalise(comment.body)
        others.append(time.process_time() - started)
        started = time.process_time()
        for post, bodies in zip(posts, texts, strict=True):
            choose(post, bodies)
        ours.append(time.process_time() - started)
    return Figure(
        "choosing: time of the processor", min(ours), "s", min(others), "normalising the bodies"
    )
