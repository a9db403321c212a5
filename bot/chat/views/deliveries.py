"""What became of a digest: the last deliveries, the next one, what is wrong, who changed it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat.context import OPERATOR, Frame
from bot.chat.views.parts import (
    LISTED,
    heading,
    listed,
    plain,
    shaped,
    small_print,
    text_of,
    window,
)
from bot.chat.views.subscription import called, next_line
from bot.content.cutting import shortened
from bot.intent import DigestSettings, DigestStatus, ReadDigest, ShowDigest
from bot.locales import Texts
from bot.model import PostSummary
from bot.outbox import Cause, Outcome, Row
from bot.subscription import Change, QuietDay, Subscription
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Effect,
    Item,
    Moment,
    Paragraph,
    Run,
    Text,
    View,
)

# What the titles of a delivery's posts have together, in characters.
_TITLES = 160
# What is told of a failure in the platform's or the database's words, in characters.
_CAUSE = 200

# str() of an error of ours, whose end may be cut off; what is kept of one nobody thought of.
_ERROR = re.compile(r"(?P<key>[a-z_.]+)\(")
_INCIDENT = re.compile(r"incident (?P<number>[0-9a-f]{8}): ")

_SAID: Mapping[Outcome, str] = {
    Outcome.DONE: "digest.outcome.done",
    Outcome.MISSED: "digest.outcome.missed",
    Outcome.GONE: "digest.outcome.gone",
    Outcome.FORBIDDEN: "digest.outcome.forbidden",
    Outcome.DROPPED: "digest.outcome.dropped",
}
# What the state keeps as the cause where somebody has ended what was waiting.
_ENDED: Mapping[str, str] = {
    Cause.PAUSED.value: "digest.outcome.paused",
    Cause.REMOVED.value: "digest.outcome.removed",
}
# All other causes of our own, and errors of which the key alone says enough.
_CAUSES: Mapping[str, str] = {
    Cause.ASKED_TO_WAIT.value: "digest.cause.asked_to_wait",
    Cause.NO_ANSWER.value: "digest.cause.no_answer",
    Cause.OLDER_ARCHIVE.value: "digest.cause.older_archive",
    Cause.NEWER_ARCHIVE.value: "digest.cause.newer_archive",
    Cause.AFTER_A_FAILURE.value: "digest.cause.after_a_failure",
    Cause.UNREADABLE.value: "digest.cause.unreadable",
    "announcement.gone": "announcement.gone",
    "delivery.gone": "digest.place_gone",
    "index.fetching": "digest.cause.no_index",
    "index.reading": "digest.cause.no_index",
    "index.unreadable": "digest.cause.no_index",
}
_CHANGED: Mapping[str, str] = {
    "add": "digest.change.add",
    "edit": "digest.change.edit",
    "pause": "digest.change.pause",
    "resume": "digest.change.resume",
    "remove": "digest.change.remove",
    "stop": "digest.change.stop",
}


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What is known of a digest's deliveries.

    `rows` are those of the window of the page, the newest first, `posts` those that they show by
    their keys, as far as they are there. `wrong` is what keeps the next one from coming.
    """

    subscription: Subscription
    rows: Sequence[Row]
    posts: Mapping[str, PostSummary]
    changes: Sequence[Change]
    wrong: str | None = None


def status_view(deliveries: Deliveries, intent: DigestStatus, frame: Frame, person: str) -> View:
    """Why a digest came or did not; `person` is who asks."""
    texts = frame.texts
    subscription = deliveries.subscription
    title = texts("digest.status.title", name=called(subscription, texts))
    facts: list[Block] = [Paragraph(next_line(subscription, texts))]
    if subscription.wishes.quiet_day is QuietDay.SKIP:
        facts.append(small_print(texts("digest.status.skips")))
    if deliveries.wrong is not None:
        facts.append(text_of(deliveries.wrong))
    settings = Button(texts("digest.button.settings"), Action(DigestSettings(subscription.id)))
    foot: list[Block] = [
        *(Paragraph(_change(change, texts, person), quiet=True) for change in deliveries.changes),
        Buttons((settings,)),
    ]
    if not deliveries.rows and not intent.start:
        nothing = text_of(texts("digest.status.none"))
        return View(title, shaped([heading(title), *facts, nothing, *foot], frame.limits))
    items = [
        delivery_item(row, deliveries.posts, texts, to_operator=person == OPERATOR)
        for row in deliveries.rows
    ]
    if intent.start:
        foot = foot[-1:]
    return listed(frame, intent, title, items, above=facts, foot=foot)


def status_window(intent: DigestStatus) -> tuple[int, int]:
    """Where to begin reading deliveries for a page, and how many to read."""
    return window(intent.start, LISTED)


def delivery_item(
    row: Row, posts: Mapping[str, PostSummary], texts: Texts, *, to_operator: bool = False
) -> Item:
    """One delivery: when, how it ended, why, and with which posts."""
    lines: list[Text] = []
    names = [posts[each.post].title for each in row.posts if each.post in posts]
    if names:
        lines.append(shortened(plain(" / ".join(names)), _TITLES))
    if row.cause and row.outcome is not Outcome.DONE and row.cause not in _ENDED:
        cause = cause_text(row.cause, texts, to_operator=to_operator)
        lines.append(shortened(plain(cause), _CAUSE))
    button = None
    if row.outcome is Outcome.DONE and names:
        button = Button(texts("chat.read"), Action(ReadDigest(row.id), Effect.OPEN))
    when = Moment(row.due_at or row.created_at)
    return Item((when, Run(f"　{_outcome(row, texts)}")), tuple(lines), button)


def cause_text(cause: str, texts: Texts, *, to_operator: bool = False) -> str:
    """What the state keeps as the cause of a row, in words for people.

    Of what they cannot do anything about it says only where it lies; an operator has it as it is.
    """
    error = _ERROR.match(cause)
    match error["key"] if error is not None else cause:
        case key if key in _CAUSES:
            return texts(_CAUSES[key])
        case "delivery.forbidden":
            missing = _detail(cause, "missing")
            key = "digest.cannot_post" if missing else "digest.not_allowed"
            return texts(key, missing=missing)
        case "delivery.try_later":
            return texts("digest.cause.busy", cause=_detail(cause, "cause"))
    incident = _INCIDENT.match(cause)
    if incident is not None:
        return texts("chat.internal_error", incident=incident["number"])
    if to_operator:
        return texts("digest.outcome.cause", cause=cause)
    return texts("digest.cause.ours")


def _detail(error: str, name: str) -> str:
    found = re.search(rf"{name}=(?:'([^']*)|\"([^\"]*))", error)
    return "" if found is None else found[1] or found[2] or ""


def _state(row: Row) -> str:
    """What is told of a row that has not ended."""
    if not row.tries:
        return "digest.outcome.waiting"
    is_first = row.tries == 1 and row.cause is None
    return "digest.outcome.sending" if is_first else "digest.outcome.trying"


def _outcome(row: Row, texts: Texts) -> str:
    if row.outcome is None:
        return texts(_state(row))
    if row.outcome is not Outcome.DONE:
        return texts(_ENDED.get(row.cause or "", _SAID[row.outcome]))
    if not row.posts:
        return texts("digest.outcome.nothing")
    shown = row.said.shown if isinstance(row.said, ShowDigest) else len(row.posts)
    if (others := len(row.posts) - shown) > 0:
        return texts("digest.outcome.done_and_named", shown=shown, others=others)
    return texts("digest.outcome.done", shown=len(row.posts))


def _change(change: Change, texts: Texts, person: str) -> Text:
    """Who did what, and when."""
    who = change.person or texts("digest.change.nobody")
    if change.person == OPERATOR:
        who = texts("digest.change.operator")
    elif change.person == person:
        who = texts("digest.change.you")
    what = texts(_CHANGED[change.what]) if change.what in _CHANGED else change.what
    return (Moment(change.at), Run("　".join(["", who, what, change.details]).rstrip("　")))
