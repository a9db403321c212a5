"""「もしかして」: what a person may have meant, from the archive's own words and tags."""

import re
from collections.abc import Iterable, Mapping

from bot.model import TagCount
from bot.search.term import one_edit_apart
from bot.search.text import normalise
from bot.search.tokens import tag_key

MAX_SUGGESTIONS = 3
MAX_REPAIRS = 5


def nearest_words(typed: str, known: Iterable[tuple[str, int]]) -> list[str]:
    """The words one edit away, the most used first; none for a word that is known itself.

    `known` has words of the archive with their counts.
    """
    known = list(known)
    if any(word == typed for word, _ in known):
        return []
    near = [(count, word) for word, count in known if one_edit_apart(typed, word)]
    return [word for _, word in sorted(near, reverse=True)[:MAX_REPAIRS]]


def corrected(query: str, literal: str, word: str) -> str:
    """The query with a word in place of the one that was typed; `literal` is its normalised form.

    The word alone where the query does not have it as a word of its own.
    """
    pieces = re.split(r"(\s+)", query)
    for at, piece in enumerate(pieces):
        if normalise(piece).strip("ー") == literal.strip("ー"):
            return "".join([*pieces[:at], word, *pieces[at + 1 :]])
    return word


def similar_tags(typed: str, tags: Mapping[str, TagCount]) -> list[str]:
    """The names of tags one edit away from what was typed, or that it is the beginning of.

    `tags` has them by their keys.
    """
    wanted = tag_key(normalise(typed))
    if len(wanted) < 2:
        return []
    near: list[str] = []
    longer: list[str] = []
    for known, tag in tags.items():
        if abs(len(known) - len(wanted)) <= 1 and one_edit_apart(wanted, known):
            near.append(tag.name)
        elif len(wanted) > 2 and known.startswith(wanted):
            longer.append(tag.name)
    return list(dict.fromkeys(near + sorted(longer, key=len)))[:MAX_SUGGESTIONS]
