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
        "refused.front_matter",  # Python's parsers are stricter; PARSERS_DIFFER lists how
        "refused.too_many_comments",
        "refused.shortcode.too_deep",
        "refused.shortcode.inline",  # a template within a post; Hugo builds it to nothing
    }
)

# Front matter that Hugo's parsers take and Python's do not, by what it has.
PARSERS_DIFFER = {
    "TOML 1.1, a time without seconds": '+++\ntitle = "x"\ndate = 2025-01-01T07:32\n+++\n',
    "TOML 1.1, a comma at the end": '+++\ntitle = "x"\na = { b = 1, }\n+++\n',
    "TOML 1.1, more escapes": '+++\ntitle = "\\e"\n+++\n',
    "TOML, the year 0": '+++\ntitle = "x"\ndate = 0000-01-01\n+++\n',
    "TOML, a key of many parts": '+++\ntitle = "x"\n' + "a." * 300 + "b = 1\n+++\n",
    "YAML, a tab before a value": "---\ntitle: \tx\n---\n",
    "YAML, a key that begins with a bracket": "---\ntitle: x\n}a: b\n---\n",
    "YAML, a tag that is not known": "---\ntitle: !own x\n---\n",
    "YAML, a value that is not of its type": '---\ntitle: !!int ""\n---\n',
    "YAML, an escape out of range": '---\ntitle: "\\Uffffffff"\n---\n',
    "YAML, a merge key": "---\na: &a {b: c}\n<<: *a\ntitle: x\n---\n",
    "YAML, more after the end": "---\ntitle: x\n...\ndate: 2025-01-01\n---\n",
}

# Hugo's date of a post that gives none.
NO_DATE = "0001-01-01T00:00:00"

_BREAK = re.compile(r"<br *[/]?>", re.IGNORECASE)
_TIME = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
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
    """A time in one of the archive's two forms; strptime alone takes `2025/6/1` as well."""
    if not _TIME.fullmatch(text):
        return None
    for form in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _tags(tags: list[str]) -> tuple[str, ...]:
    """Tags as Hugo has them, with the readers' own tidying: no doubles, single spaces."""
    names = (" ".join(tag.split()) for tag in tags)
    return tuple(dict.fromkeys(name for name in names if name))
