"""Which posts are about the same things as one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from bot.search.text import normalise
from bot.search.tokens import tokens

TITLE_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class TaggedPost:
    """A post with the keys of its tags; `is_target` marks the one that others are compared with."""

    id: int
    title: str
    date: str
    tags: frozenset[str]
    is_target: bool = False


def most_related(target: TaggedPost, posts: Sequence[TaggedPost], limit: int) -> list[int]:
    """The ids of the posts most like the target, best first; of equals the newer one.

    Shared tags count the more the rarer they are among `posts`, likeness of titles (the Jaccard
    index of their tokens) comes on top.
    """
    used = Counter(tag for post in posts for tag in post.tags)
    title = set(tokens(normalise(target.title)))
    scored = []
    for post in posts:
        if post.is_target:
            continue
        shared = sum(log(1 + len(posts) / used[tag]) for tag in post.tags & target.tags)
        other = set(tokens(normalise(post.title)))
        alike = len(title & other) / max(1, len(title | other))
        scored.append((shared + TITLE_WEIGHT * alike, post.date, post.id))
    return [post_id for _, _, post_id in sorted(scored, reverse=True)[:limit]]
