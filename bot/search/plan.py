"""From a query to what the index is asked, first exactly, then more and more relaxed.

An index expression is written in the match syntax of SQLite's FTS5; every string in it is a token
of ours in quotation marks, never text that a person typed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.search import tokens as marks
from bot.search.query import Query
from bot.search.ranking import Match
from bot.search.term import Span, Term, make_term, one_edit_apart, stems
from bot.search.tokens import marked, tag_key

TITLE_QUALITY = 0.35
RELAXED_QUALITY = 0.5
MIN_PREFIX = 3
MIN_REPAIR = 4


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a term may stand in a text."""

    expression: str
    term: Term
    quality: float
    prefix: bool = False
    gap: tuple[str, str] | None = None

    def spans(self, text: str) -> list[Span]:
        """Where this form stands in a normalised text."""
        if self.gap is not None:
            return _repaired_spans(self.term.text, *self.gap, text)
        if self.prefix:
            return _prefix_spans(self.term.literal, text)
        return self.term.spans(text)


@dataclass(frozen=True, slots=True)
class TermPlan:
    """All forms that are accepted for one term, best first, and whether the title may hold it."""

    forms: tuple[Form, ...]
    title: Term | None = None
    covers: int = 1

    def match(self, text: str, title: Callable[[], str]) -> Match | None:
        """How a text matches, or else the normalised title of its post; None where none does."""
        for form in self.forms:
            spans = form.spans(text)
            if spans:
                return Match(spans, form.quality)
        if self.title is not None and self.title.spans(title()):
            return Match((), TITLE_QUALITY)
        return None

    def expression(self) -> str:
        """What leads to the documents that may match; empty where no token does."""
        options = [form.expression for form in self.forms]
        if self.title is not None:
            options.append(all_of(marks.TITLE + token for token in self.title.tokens))
        return any_of(options) if all(options) else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the index in one step, and how its answers are verified."""

    terms: tuple[TermPlan, ...]
    alternatives: tuple["Plan", ...] = field(default=())

    def matches(self, text: str, title: Callable[[], str] = str) -> tuple[Match, ...] | None:
        """The match of every term, at least one of them in the text itself."""
        if self.alternatives:
            for plan in self.alternatives:
                found = plan.matches(text, title)
                if found is not None:
                    return found
            return None
        found_terms: list[Match] = []
        for term in self.terms:
            match = term.match(text, title)
            if match is None:
                return None
            found_terms.append(match)
        return tuple(found_terms) if any(match.spans for match in found_terms) else None

    def partial(self, text: str) -> tuple[Match, ...]:
        """What a text holds of the terms, for showing it."""
        plans = self.alternatives or (self,)
        return max(
            (
                tuple(match for term in plan.terms if (match := term.match(text, str)))
                for plan in plans
            ),
            key=len,
        )

    def expression(self) -> str:
        """The index expression, empty where every document must be looked at."""
        if self.alternatives:
            options = [plan.expression() for plan in self.alternatives]
            return any_of(options) if all(options) else ""
        return " AND ".join(part for term in self.terms if (part := term.expression()))


def is_vocabulary(literal: str) -> bool:
    """Whether a term is a word that the vocabulary may have: katakana, or of another script."""
    words = list(marks.vocabulary(literal))
    return len(words) == 1 and words[0] == literal[: marks.MAX_WORD]


def is_word(literal: str) -> bool:
    """Whether a term is one word of another script than Japanese."""
    return is_vocabulary(literal) and marks.is_word_character(literal[0])


def quoted(token: str) -> str:
    """A token as FTS5 takes it; tokens hold no quotation marks."""
    return f'"{token}"'


def all_of(tokens: Iterable[str]) -> str:
    """Documents with all of the tokens; empty for none."""
    listed = [quoted(token) for token in tokens]
    return f"({' AND '.join(listed)})" if len(listed) > 1 else "".join(listed)


def any_of(expressions: Sequence[str]) -> str:
    """Documents that match one of the expressions."""
    distinct = list(dict.fromkeys(expressions))
    return f"({' OR '.join(distinct)})" if len(distinct) > 1 else "".join(distinct)


def exact(query: Query) -> Plan:
    """Every term as it was typed, in the text itself."""
    return Plan(tuple(TermPlan((_exact_form(term),)) for term in query.terms))


def relaxed(query: Query) -> Plan:
    """Every term also in the title, as a beginning, without its inflection; neighbours joined."""
    separate = Plan(tuple(_relaxed_term(term) for term in query.terms))
    joined = _joined(query.terms)
    if joined is None:
        return separate
    return Plan((), alternatives=(separate, Plan(tuple(_relaxed_term(term) for term in joined))))


def repaired(query: Query, similar: Mapping[str, Sequence[str]]) -> Plan | None:
    """One term with one edit; `similar` has the archive's own words next to each typed one."""
    plans: list[Plan] = []
    relaxed_terms = [_relaxed_term(term) for term in query.terms]
    for number, term in enumerate(query.terms):
        forms = _repaired_forms(term, similar.get(term.literal, ()))
        if forms:
            fixed = TermPlan(tuple(forms))
            plans.append(Plan((*relaxed_terms[:number], fixed, *relaxed_terms[number + 1 :])))
    return Plan((), alternatives=tuple(plans)) if plans else None


def shortened(query: Query) -> Plan | None:
    """One term left out, the last one first."""
    if len(query.terms) < 2:
        return None
    every = [_relaxed_term(term) for term in query.terms]
    plans = [
        Plan((*every[:number], *every[number + 1 :])) for number in reversed(range(len(every)))
    ]
    return Plan((), alternatives=tuple(plans))


def comment_expression(query: Query, plan: Plan) -> str:
    """Comments that may match; empty where every comment must be looked at."""
    parts = [all_of(_wanted(query)), plan.expression() if query.terms else ""]
    return _without_excluded(query, [part for part in parts if part])


def post_expression(query: Query) -> str:
    """Posts whose title or tags may hold every term."""
    parts = [all_of([marks.POST, *_wanted(query)])]
    for term in query.terms:
        options = [quoted(marked(marks.TAG, tag_key(term.text)))]
        if term.tokens:
            options.append(all_of(marks.TITLE + token for token in term.tokens))
        parts.append(any_of(options))
    return _without_excluded(query, parts)


def mention_expression(term: Term, tag: str) -> str:
    """Comments that hold all tokens of a term, in posts without a tag; empty for no tokens."""
    if not term.tokens:
        return ""
    return f"{all_of(term.tokens)} NOT {quoted(marked(marks.TAG, tag))}"


def _wanted(query: Query) -> list[str]:
    """The tokens that the operators ask for."""
    wanted = [marked(marks.TAG, tag) for tag in query.tags]
    wanted += [marked(marks.USER, user) for user in query.users]
    return [*wanted, marks.HIGHLIGHT] if query.highlights else wanted


def _without_excluded(query: Query, parts: Sequence[str]) -> str:
    """All parts, but for documents that the index itself can exclude; the rest is verified."""
    expression = " AND ".join(parts)
    unwanted = [marked(marks.TAG, tag) for tag in query.excluded_tags]
    unwanted += [term.tokens[0] for term in query.excluded if len(term.tokens) == 1]
    if not expression or not unwanted:
        return expression
    return f"({expression}) NOT {any_of([quoted(token) for token in unwanted])}"


def _exact_form(term: Term) -> Form:
    return Form(all_of(term.tokens), term, 1.0)


def _relaxed_term(term: Term) -> TermPlan:
    forms = [_exact_form(term)]
    if is_word(term.literal) and len(term.literal) >= MIN_PREFIX:
        forms.append(Form(quoted(term.tokens[0]) + " *", term, RELAXED_QUALITY, prefix=True))
    for number, stem in enumerate(stems(term)):
        forms.append(Form(all_of(stem.tokens), stem, RELAXED_QUALITY * 0.8**number))
    return TermPlan(tuple(forms), title=term if term.tokens else None)


def _joined(terms: Sequence[Term]) -> list[Term] | None:
    """The terms with neighbouring words put together ("open ai" → "openai")."""
    joined: list[Term] = []
    for term in terms:
        if joined and is_word(term.literal) and is_word(joined[-1].literal):
            together = make_term(joined[-1].literal + term.literal)
            if together is not None:
                joined[-1] = together
                continue
        joined.append(term)
    return joined if len(joined) < len(terms) else None


def _repaired_forms(term: Term, similar: Sequence[str]) -> list[Form]:
    if len(term.literal) < MIN_REPAIR:
        return []
    if is_vocabulary(term.literal):
        terms = (make_term(word) for word in similar)
        return [Form(all_of(near.tokens), near, RELAXED_QUALITY) for near in terms if near]
    forms = []
    for at in range(len(term.literal)):
        # The edit is somewhere around this character: what stands before and behind it is right.
        head, tail = term.literal[:at], term.literal[at + 1 :]
        tokens = [
            token for part in (head, tail) if (known := make_term(part)) for token in known.tokens
        ]
        if tokens:
            forms.append(Form(all_of(tokens), term, RELAXED_QUALITY, gap=(head, tail)))
    return forms


def _prefix_spans(prefix: str, text: str) -> list[Span]:
    """Where a word begins with the prefix, to the word's end."""
    spans = []
    start = text.find(prefix)
    while start >= 0:
        end = start + len(prefix)
        if start == 0 or not marks.is_word_character(text[start - 1]):
            while end < len(text) and marks.is_word_character(text[end]):
                end += 1
            spans.append((start, end))
        start = text.find(prefix, end)
    return spans


def _repaired_spans(typed: str, head: str, tail: str, text: str) -> list[Span]:
    """Where a text holds something one edit from what was typed."""
    spans = []
    anchor, other = (head, tail) if len(head) >= len(tail) else (tail, head)
    start = text.find(anchor)
    while start >= 0:
        for size in range(len(typed) - 1, len(typed) + 2):
            first = start if anchor is head else start + len(anchor) - size
            piece = text[max(0, first) : first + size] if first >= 0 else ""
            if len(piece) == size and one_edit_apart(piece, typed):
                spans.append((first, first + size))
                break
        start = text.find(anchor, start + 1)
    return spans if other or spans else []
