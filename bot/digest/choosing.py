"""Which of a post's comments are worth reading, chosen when the post is indexed.

The comments are taken that together stand for most of the discussion, one after the other: a word
that other comments of the post hold as well counts for the first chosen comment that holds it, and
no further. Each has to stand alone. Signs such as a colour settle what is nearly equal.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heapify, heappop, heapreplace
from itertools import chain

from bot.content.patterns import ADDRESS
from bot.digest.common_terms import COMMON_TERMS
from bot.digest.standing import asks, stands_alone
from bot.model import Comment, Post
from bot.search.text import normalise

# Raised whenever another choice may come of the same post, so that every index is built anew.
CHOOSER_VERSION = 1

FEWEST, MOST = 3, 5

# A comment that is read at a glance has so many characters (addresses aside, at least) and lines.
SHORTEST, GLANCE, GLANCE_LINES = 60, 280, 8

# What has fewer characters says nothing by itself.
TINY = 20

# Of two comments that overlap more than this one is enough.
MOST_OVERLAP = 0.2

# A fourth and a fifth comment add at least this share of what the best one could.
ENOUGH = 0.15

# What a word is worth for each other comment that holds it. Whole numbers, so that a sum is the
# same in whichever order a set gives its words.
WORTH, COMMON_WORTH = 10, 1

# What a comment stands for is seen beside the room it takes, which for a short one is that of so
# many characters: else the shortest would always win.
ROOM = 100

# Words of kanji, of katakana and of Latin letters in a normalised text; what is written in
# hiragana is mostly grammar.
_TERM = re.compile(r"[\u4e00-\u9fff々]{2,}|[\u30a1-\u30fa][\u30a1-\u30fa\u30fc]+|[a-z][a-z0-9+#]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts, where 1 is to stand for as much as the best comment does.

    `glance`: neither too short nor too long; `translated`: in Japanese; `statement`: asks nothing;
    `evidence`: links to something; `colour`: has one; `position`: the post's first comment has it
    whole, the last hardly. `overlap` is taken away for sharing all its text with a chosen comment.
    """

    glance: float = 2.0
    translated: float = 1.0
    statement: float = 0.15
    evidence: float = 0.05
    colour: float = 0.05
    position: float = 0.05
    overlap: float = 4.0


WEIGHTS = Weights()


def choose(
    post: Post, texts: Sequence[str] | None = None, weights: Weights = WEIGHTS
) -> tuple[int, ...]:
    """The numbers of the comments worth reading, best first: three to five.

    Fewer where fewer stand alone, none where none does. `texts` are the normalised bodies of all
    comments, from a caller who has them already.
    """
    if texts is None:
        texts = [normalise(comment.body) for comment in post.comments]
    terms = [frozenset(_TERM.findall(_prose(text))) for text in texts]
    worth = _worth(terms)
    several = frozenset(worth)
    all_of_them = [
        (comment, text, held & several)
        for comment, text, held in zip(post.comments, texts, terms, strict=True)
        if len(text) >= TINY
    ]

    def best_of(some: Iterable[tuple[Comment, str, frozenset[str]]]) -> list[_Candidate]:
        candidates = [
            _Candidate(*each, _gain(*each[1:], worth), _signs(*each[:2], len(texts), weights))
            for each in some
        ]
        return _best(candidates, worth, weights.overlap)

    found = best_of(each for each in all_of_them if at_a_glance(*each[:2]))
    if len(found) < FEWEST:
        found = best_of(all_of_them)
    return tuple(candidate.comment.number for candidate in found)


def at_a_glance(comment: Comment, text: str) -> bool:
    """Whether a comment, with its normalised body, says something and can be shown whole."""
    body = comment.body
    return len(body) <= GLANCE and body.count("\n") < GLANCE_LINES and len(_prose(text)) >= SHORTEST


def shingles(text: str) -> AbstractSet[str]:
    """Each three characters that stand beside each other."""
    return {text[at : at + 3] for at in range(len(text) - 2)}


def overlap(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """The Jaccard index of two sets: 0 where they share nothing, 1 where they are the same."""
    shared = len(one & other)
    return shared / max(1, len(one) + len(other) - shared)


def _prose(text: str) -> str:
    """A normalised text without its addresses."""
    return ADDRESS.sub(" ", text) if "://" in text else text


def _worth(terms: Iterable[AbstractSet[str]]) -> dict[str, int]:
    """What each word is worth that several comments hold: less where it is common."""
    return {
        term: (held - 1) * (COMMON_WORTH if term in COMMON_TERMS else WORTH)
        for term, held in Counter(chain.from_iterable(terms)).items()
        if held > 1
    }


def _gain(text: str, terms: Iterable[str], worth: Mapping[str, int]) -> float:
    """What a comment stands for by these of its words, seen beside the room it takes."""
    return float(sum(map(worth.__getitem__, terms)) / max(ROOM, len(text)) ** 0.5)


def _signs(comment: Comment, text: str, comments: int, weights: Weights) -> float:
    """What a comment has whichever others are chosen."""
    return (
        weights.glance * at_a_glance(comment, text)
        + weights.translated * (_KANA.search(text) is not None)
        + weights.statement * (not asks(text))
        + weights.evidence * ("://" in text)
        + weights.colour * (comment.colour is not None)
        + weights.position * (1 - comment.number / comments)
    )


@dataclass(slots=True)
class _Candidate:
    """A comment that may be chosen, with what the comments chosen so far leave of its worth.

    `gain` is as of the first `covered` chosen comments, `overlap` as of the first `compared`, which
    is -1 until it is known that the comment stands alone.
    """

    comment: Comment
    text: str
    terms: frozenset[str]
    gain: float
    signs: float
    overlap: float = 0.0
    covered: int = 0
    compared: int = -1
    shingles: AbstractSet[str] = frozenset()


def _best(
    candidates: Sequence[_Candidate], worth: Mapping[str, int], overlap_weight: float
) -> list[_Candidate]:
    """Take the best candidate again and again, as long as it adds enough.

    A score only falls as others are chosen. So the first that is still on top when its score is
    brought up to date is the best one, and most others need not be looked at again.
    """
    top = max((candidate.gain for candidate in candidates), default=0) or 1

    def entry(candidate: _Candidate) -> _Entry:
        score = candidate.gain / top + candidate.signs - overlap_weight * candidate.overlap
        comment = candidate.comment
        when = comment.created_at or _LATEST
        return -score, when, comment.user, comment.body, comment.number, candidate

    heap = [entry(candidate) for candidate in candidates]
    heapify(heap)
    chosen: list[_Candidate] = []
    said: set[str] = set()
    while heap and len(chosen) < MOST:
        candidate = heap[0][-1]
        if candidate.covered < len(chosen):
            candidate.covered = len(chosen)
            candidate.gain = _gain(candidate.text, candidate.terms - said, worth)
            heapreplace(heap, entry(candidate))
        elif candidate.compared < len(chosen):
            if _can_be_beside(candidate, chosen):
                heapreplace(heap, entry(candidate))
            else:
                heappop(heap)
        elif len(chosen) >= FEWEST and candidate.gain < ENOUGH * top:
            break
        else:
            heappop(heap)
            chosen.append(candidate)
            said |= candidate.terms
    return chosen


# The score (negative, since a heap has the lowest first), what settles ties, and the candidate.
_Entry = tuple[float, datetime, str, str, int, _Candidate]


def _can_be_beside(candidate: _Candidate, chosen: Sequence[_Candidate]) -> bool:
    """Whether it stands alone and says something else than those chosen; notes its overlap."""
    if candidate.compared < 0:
        if not stands_alone(candidate.text):
            return False
        candidate.shingles = shingles(candidate.text)
    for other in chosen[max(0, candidate.compared) :]:
        candidate.overlap = max(candidate.overlap, overlap(candidate.shingles, other.shingles))
    candidate.compared = len(chosen)
    return candidate.overlap <= MOST_OVERLAP
