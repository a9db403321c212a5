"""Which comments hold all of some terms, from a structure in memory that owes nothing to search."""

from array import array
from collections.abc import Sequence
from operator import add

from benchmarks.bench import Entry
from benchmarks.words import stands_alone


class Holders:
    """All pairs of neighbouring characters, with the comments that they stand in."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._pairs: dict[str, array[int]] = {}
        pairs = self._pairs
        for number, entry in enumerate(entries):
            text = entry.text
            for pair in set(map(add, text, text[1:])):
                known = pairs.get(pair)
                if known is None:
                    known = pairs[pair] = array("I")
                known.append(number)

    def count(self, terms: Sequence[str], title_term: str | None = None) -> int:
        """How many comments hold every (normalised) term, and one more in their body or title."""
        rarest: Sequence[int] | None = None
        for term in terms:
            for pair in map(add, term, term[1:]):
                places = self._pairs.get(pair, ())
                if rarest is None or len(places) < len(rarest):
                    rarest = places
        assert rarest is not None, "one of the terms has two characters or more"
        found = 0
        for number in rarest:
            entry = self._entries[number]
            if all(holds(entry.text, term) for term in terms) and (
                title_term is None
                or holds(entry.text, title_term)
                or holds(entry.title_text, title_term)
            ):
                found += 1
        return found


def holds(text: str, term: str) -> bool:
    """Whether a term stands in a text, words of Latin script as a whole."""
    start = text.find(term)
    while start >= 0:
        if stands_alone(text, start, start + len(term)):
            return True
        start = text.find(term, start + 1)
    return False
