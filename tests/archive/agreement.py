"""Whether a reader and Hugo agree on a post, and where they may differ."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.archive.reading import ReadPost
from bot.archive.worker import read_post
from bot.errors import PostRefused
from tests.hugo.judge import Refusal

# What the readers refuse although Hugo takes it, on purpose:
STRICTER_THAN_HUGO = frozenset(
    {
        "refused.no_front_matter",  # a page, but not a post: it has no title
        "refused.no_title",
        "refused.no_date",  # neither a date, nor one in the directory's name
        "refused.date",  # not ISO 8601
        "refused.not_utf8",  # Hugo puts U+FFFD into the text
        "refused.too_large",
        "refused.front_matter_too_long",
        "refused.too_many_comments",
        "refused.shortcode.too_deep",
        "refused.shortcode.inline",  # a template within a post; Hugo builds it to nothing
    }
)

# Hugo's date of a post that gives none.
NO_DATE = "0001-01-01T00:00:00"

_BREAK = re.compile(r"<br *[/]?>", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def read(data: bytes, path: str) -> ReadPost | PostRefused:
    """What the readers make of a file."""
    try:
        return read_post(data, path)
    except PostRefused as refused:
        return refused


def differences(ours: ReadPost | PostRefused, hugo: dict[str, Any] | Refusal) -> list[str]:
    """Everything in which the two differ, in words; empty where they agree."""
    if isinstance(hugo, Refusal):
        return [] if isinstance(ours, PostRefused) else [f"only Hugo refuses it: {hugo.message}"]
    if isinstance(ours, PostRefused):
        return [] if ours.key in STRICTER_THAN_HUGO else [f"Hugo takes it, we say {ours}"]
    post = ours.post
    folds = _folds(hugo)
    ours_by_name: dict[str, object] = {
        "title": post.title,
        "tags": post.tags,
        "draft": post.draft,
        "thumbnail": post.thumbnail or "",
        "folds": [section.summary or "" for section in post.sections[1:]],
        "comments": [
            (comment.user, comment.created_at, comment.colour, comment.section, comment.body)
            for comment in post.comments
        ],
    }
    hugos_by_name: dict[str, object] = {
        "title": hugo["title"],
        "tags": _tags(hugo["tags"]),
        "draft": hugo["draft"],
        "thumbnail": hugo["featureimage"] or ours_by_name["thumbnail"],
        "folds": [summary for _, summary in folds],
        "comments": _comments(hugo, [place for place, _ in folds]),
    }
    if hugo["date"] != NO_DATE:
        ours_by_name["date"] = post.date.isoformat()
        hugos_by_name["date"] = hugo["date"]
    return [
        f"{name}: {mine!r}, but Hugo has {hugos_by_name[name]!r}"
        for name, mine in ours_by_name.items()
        if mine != hugos_by_name[name]
    ]


# Where a shortcode stands: the ordinals and names of what encloses it, and its own.
Place = tuple[tuple[int, str], ...]


def _place(text: str) -> Place:
    steps = (step.split(" ", 1) for step in text.split(","))
    return tuple((int(ordinal), name.lower()) for ordinal, name in steps)


def _shown(place: Place) -> bool:
    """What lies in Hugo's own `comment` is run, but nobody sees it."""
    return all(name != "comment" for _, name in place[:-1])


def _folds(hugo: dict[str, Any]) -> list[tuple[Place, str]]:
    folds = [(_place(fold["place"]), fold["summary"]) for fold in hugo["folds"] or ()]
    return sorted(fold for fold in folds if _shown(fold[0]))


def _comments(hugo: dict[str, Any], folds: list[Place]) -> list[tuple[object, ...]]:
    numbers = {place: number for number, place in enumerate(folds, 1)}
    placed = sorted(
        ((_place(comment["place"]), comment) for comment in hugo["comments"] or ()),
        key=lambda pair: pair[0],
    )
    return [
        (
            comment["userName"],
            _time(comment["createdAt"]),
            comment["color"].lower() if _COLOUR.fullmatch(comment["color"]) else None,
            _section(place, numbers),
            _BREAK.sub("\n", comment["body"]),
        )
        for place, comment in placed
        if _shown(place)
    ]


def _section(place: Place, numbers: dict[Place, int]) -> int:
    for length in range(len(place) - 1, 0, -1):
        if place[:length] in numbers:
            return numbers[place[:length]]
    return 0


def _time(text: str) -> datetime | None:
    for form in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _tags(value: object) -> tuple[str, ...]:
    """Tags as Hugo has them, with the readers' own tidying: no doubles, single spaces."""
    listed = value if isinstance(value, list) else [value]
    names = (" ".join(_printed(tag).split()) for tag in listed)
    return tuple(dict.fromkeys(name for name in names if name))


def _printed(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""
