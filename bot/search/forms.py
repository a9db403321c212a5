"""The forms in which a term may stand in a text: as typed, inflected, as a beginning, repaired."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.search.expression import all_of, any_of, beginning, quoted
from bot.search.inflection import Stem, short_stem, stem
from bot.search.term import Span, Term, make_term, one_edit_apart
from bot.search.tokens import MAX_WORD, is_word_character, telling, tokens, vocabulary

INFLECTED_QUALITY = 0.35
RELAXED_QUALITY = 0.5
MIN_PREFIX = 3
MIN_REPAIR = 4
# A longer one is no word in which somebody mistyped, and there would be an edit for each character.
MAX_REPAIR = 100


@dataclass(frozen=True, slots=True)
class Form:
    """One form: what leads to the documents that may hold it, and where it stands in a text.

    `quality` is 1 for the term as typed and less for what only may have been meant.
    """

    expression: str
    quality: float
    spans: Callable[[str], list[Span]]


def own(term: Term) -> list[Form]:
    """The term as it was typed, and in its other inflections, if it has any."""
    found = None if term.phrase else stem(term.text)
    if found is None:
        return [Form(all_of(telling(term.tokens)), 1.0, term.spans)]
    # All forms have the pairs of the stem, and a single kanji at least a pair with what follows.
    pairs = [token for token in telling(tokens(found.text)) if len(token) > 1]
    expression = all_of(pairs) or any_of([quoted(found.text + char) for char in found.following])
    return [
        Form(expression, 1.0, term.spans),
        Form(expression, INFLECTED_QUALITY, lambda text: _stem_spans(found, text)),
    ]


def short_inflections(term: Term) -> list[Form]:
    """The inflections of a short verb in kana."""
    found = None if term.phrase else short_stem(term.text)
    if found is None:
        return []
    expression = any_of([quoted(found.text + char) for char in found.following])
    return [Form(expression, INFLECTED_QUALITY, lambda text: _stem_spans(found, text))]


def beginnings(term: Term) -> list[Form]:
    """The term as the beginning of a longer word."""
    if not may_begin(term):
        return []
    prefix = term.literal
    return [Form(beginning(prefix), RELAXED_QUALITY, lambda text: _prefix_spans(prefix, text))]


def repaired(term: Term, similar: Sequence[str]) -> list[Form]:
    """The term with one edit; `similar` has the words of the archive that are one edit away."""
    if term.phrase or not MIN_REPAIR <= len(term.literal) <= MAX_REPAIR:
        return []
    if is_vocabulary(term.literal):
        return [
            Form(all_of(telling(near.tokens)), RELAXED_QUALITY, near.spans)
            for near in map(make_term, similar)
            if near is not None
        ]
    return [
        form
        for cut in (1, 2)
        for at in range(len(term.literal) + 1 - cut)
        if (form := _edited(term.literal, at, cut))
    ]


def may_begin(term: Term) -> bool:
    """Whether a term counts as the beginning of a longer word."""
    return not term.phrase and len(term.literal) >= MIN_PREFIX and is_word(term.literal)


def is_vocabulary(literal: str) -> bool:
    """Whether a term is a word that the vocabulary may have: katakana, or of another script."""
    words = list(vocabulary(literal))
    return len(words) == 1 and words[0] == literal[:MAX_WORD]


def is_word(literal: str) -> bool:
    """Whether a term is one word of another script than Japanese."""
    return is_vocabulary(literal) and is_word_character(literal[0])


def _prefix_spans(prefix: str, text: str) -> list[Span]:
    """Where a word begins with the prefix, to the word's end."""
    spans = []
    start = text.find(prefix)
    while start >= 0:
        end = start + len(prefix)
        if start == 0 or not is_word_character(text[start - 1]):
            while end < len(text) and is_word_character(text[end]):
                end += 1
            spans.append((start, end))
        start = text.find(prefix, end)
    return spans


def _stem_spans(found: Stem, text: str) -> list[Span]:
    """Where a stem stands with something behind it that may follow."""
    spans = []
    start = text.find(found.text)
    while start >= 0:
        end = start + len(found.text)
        if not found.following:
            spans.append((start, end))
        elif end < len(text) and text[end] in found.following:
            spans.append((start, end + 1))
        start = text.find(found.text, end)
    return spans


def _edited(typed: str, at: int, cut: int) -> Form | None:
    """The edit is within `cut` characters (two for a swap): what stands around them is right."""
    head, tail = typed[:at], typed[at + cut :]
    right = [token for part in (head, tail) if (known := make_term(part)) for token in known.tokens]
    if not any(len(token) > 1 for token in right):
        # Single kanji lead to too much.
        return None
    return Form(
        all_of(telling(right)), RELAXED_QUALITY, lambda text: _edited_spans(typed, head, tail, text)
    )


def _edited_spans(typed: str, head: str, tail: str, text: str) -> list[Span]:
    """Where a text holds something one edit from what was typed; looks around the longer part."""
    spans = []
    anchor = max(head, tail, key=len)
    start = text.find(anchor)
    while start >= 0:
        for size in (len(typed), len(typed) + 1, len(typed) - 1):
            first = start if anchor is head else start + len(anchor) - size
            if first >= 0 and one_edit_apart(text[first : first + size], typed):
                spans.append((first, first + size))
                break
        start = text.find(anchor, start + 1)
    return spans
