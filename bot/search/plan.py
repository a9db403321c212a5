"""From a query to what the index is asked, first exactly, then more and more relaxed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.search import forms
from bot.search import tokens as marks
from bot.search.expression import all_of, any_of, quoted
from bot.search.forms import Form, is_word
from bot.search.query import Query
from bot.search.ranking import Match
from bot.search.term import Term, make_term
from bot.search.tokens import marked, tag_key, telling

TITLE_QUALITY = 0.35


@dataclass(frozen=True, slots=True)
class TermPlan:
    """All forms that are accepted for one term, best first, and whether the title may hold it."""

    forms: tuple[Form, ...]
    title: Term | None = None

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
            options.append(all_of(marks.TITLE + token for token in telling(self.title.tokens)))
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


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive has of a query's terms beside the comments that hold them as typed.

    `in_titles` are the terms that may stand in a title, `begun` those that longer words begin with,
    `ways` the query's terms with two neighbours joined to one that there is.
    """

    in_titles: Collection[Term]
    begun: Collection[Term]
    ways: Sequence[Sequence[Term]]


def exact(query: Query) -> Plan:
    """Every term as it was typed or in another inflection, in the text itself."""
    return Plan(tuple(TermPlan(tuple(forms.own(term))) for term in query.terms))


def relaxed(query: Query, known: Known) -> Plan | None:
    """Every term also in the title or as a beginning, or two neighbours joined to one word.

    None where the archive has none of that, so that no more can be found than exactly.
    """
    has_short_verb = any(forms.short_inflections(term) for term in query.terms)
    if not (known.in_titles or known.begun or known.ways or has_short_verb):
        return None
    ways = [query.terms, *known.ways]
    plans = [Plan(tuple(_relaxed_term(term, known) for term in terms)) for terms in ways]
    return plans[0] if len(plans) == 1 else Plan((), alternatives=tuple(plans))


def repaired(query: Query, known: Known, similar: Mapping[str, Sequence[str]]) -> Plan | None:
    """One term with one edit; `similar` has the archive's own words next to each typed one."""
    plans: list[Plan] = []
    relaxed_terms = [_relaxed_term(term, known) for term in query.terms]
    for number, term in enumerate(query.terms):
        accepted = forms.repaired(term, similar.get(term.literal, ()))
        if accepted:
            fixed = TermPlan(tuple(accepted))
            plans.append(Plan((*relaxed_terms[:number], fixed, *relaxed_terms[number + 1 :])))
    return Plan((), alternatives=tuple(plans)) if plans else None


def shortened(query: Query, known: Known) -> Plan | None:
    """One term left out, the last one first; a phrase never is."""
    if len(query.terms) < 2:
        return None
    every = [_relaxed_term(term, known) for term in query.terms]
    plans = [
        Plan((*every[:number], *every[number + 1 :]))
        for number in reversed(range(len(every)))
        if not query.terms[number].phrase
    ]
    return Plan((), alternatives=tuple(plans)) if plans else None


def inflects(query: Query) -> bool:
    """Whether a term has other inflections."""
    return any(len(forms.own(term)) > 1 for term in query.terms)


def typed_expression(query: Query) -> str:
    """Comments that may hold every term just as it was typed; empty for no tokens."""
    with_tokens = [term for term in query.terms if term.tokens]
    return _comments(query, " AND ".join(all_of(telling(term.tokens)) for term in with_tokens))


def comment_expression(query: Query, plan: Plan) -> str:
    """Comments that may match; empty where every comment must be looked at."""
    return _comments(query, plan.expression() if query.terms else "")


def _comments(query: Query, of_terms: str) -> str:
    parts = [all_of(_wanted(query)), of_terms]
    # What the index can exclude itself; the rest is verified.
    unwanted = [marked(marks.TAG, tag) for tag in query.excluded_tags]
    unwanted += [term.tokens[0] for term in query.excluded if len(term.tokens) == 1]
    return _without(unwanted, [part for part in parts if part])


def post_expression(query: Query) -> str:
    """Posts whose title or tags may hold every term."""
    parts = [all_of([marks.POST, *(marks.POST + token for token in _wanted(query))])]
    for term in query.terms:
        options = [quoted(marks.POST + marked(marks.TAG, tag_key(term.text)))]
        if term.tokens:
            options.append(title_expression(term))
        parts.append(any_of(options))
    unwanted = [marks.POST + marked(marks.TAG, tag) for tag in query.excluded_tags]
    return _without(unwanted, parts)


def title_expression(term: Term) -> str:
    """Posts whose title may hold a term; empty for no tokens."""
    if not term.tokens:
        return ""
    return all_of(marks.POST + marks.TITLE + token for token in term.tokens)


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


def _without(unwanted: Sequence[str], parts: Sequence[str]) -> str:
    """All parts, but for documents with one of the unwanted tokens."""
    expression = " AND ".join(parts)
    if not expression or not unwanted:
        return expression
    return f"({expression}) NOT {any_of([quoted(token) for token in unwanted])}"


def joined(terms: Sequence[Term]) -> Iterator[tuple[Term, Sequence[Term]]]:
    """Each pair of neighbouring words put together ("open ai" → "openai"), and all terms then."""
    for at, (first, second) in enumerate(pairwise(terms)):
        if _joinable(first) and _joinable(second):
            together = make_term(first.literal + second.literal)
            if together is not None:
                yield together, [*terms[:at], together, *terms[at + 2 :]]


def _relaxed_term(term: Term, known: Known) -> TermPlan:
    begun = forms.beginnings(term) if term in known.begun else []
    accepted = (*forms.own(term), *forms.short_inflections(term), *begun)
    return TermPlan(accepted, title=term if term in known.in_titles else None)


def _joinable(term: Term) -> bool:
    return not term.phrase and is_word(term.literal)
