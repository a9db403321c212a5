"""The reader of raw posts: front matter, the source's link, comments and folds."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from bot.archive import frontmatter, shortcodes
from bot.archive.reading import (
    MAX_COMMENTS,
    Findings,
    ReadPost,
    colour,
    item_id,
    slug_of,
    timestamp,
)
from bot.archive.shortcode_tokens import ShortcodeError
from bot.archive.shortcodes import Shortcode
from bot.errors import PostRefused
from bot.model import Comment, Post, Section

# A tag `br` in the spellings that Markdown takes for one; its spaces are those of ASCII.
_LINE_BREAK = re.compile(r"<br(?:[ \t\r\n]+[a-zA-Z_:][^<>]*|[ \t\r\n]*/?)>", re.IGNORECASE)
_SOURCE = re.compile(
    # Neither a label nor an address runs over what another could begin with: this stays linear.
    r"引用元\s*[：:]\s*(?:\[[^\[\]\n]*\]\(\s*<?([^()\s<>]+)>?\s*\)|<?(https?://[^\s<>]+))"
)
_SLUG_DATE = re.compile(r"(\d{4})_(\d{2})_(\d{2})(?:_|$)", re.ASCII)
_MONTH = re.compile(r"(\d{4})[/-](0?[1-9]|1[0-2])", re.ASCII)
_OFFSET = r"[+-](?:[01]\d|2[0-4]):?(?:[0-5]\d|60)"
_OFFSET_AND_ZONE = r"[+-](?:[01]\d|2[0-4])(?:[0-5]\d|60) (?:[A-Z]{3}|[A-Z]{3,4}T|WITA)"
# The forms of ISO 8601 that Hugo's own conversion takes (spf13/cast).
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    rf"(?:T(\d{{2}}:\d{{2}}:\d{{2}})(?:\.\d+)?(?:Z|{_OFFSET})?"
    rf"| (\d{{2}}:\d{{2}}:\d{{2}})(?:\.\d+)?(?:Z| ?{_OFFSET}| {_OFFSET_AND_ZONE})?)?",
    re.ASCII,
)


def read(text: str, path: str) -> ReadPost:
    """Read a raw post; raises PostRefused with the reason where Hugo would refuse it, and more."""
    findings = Findings()
    front = frontmatter.split(text)
    slug = slug_of(path)
    title = _text(front.values.get("title"))
    if not title.strip():
        raise PostRefused("refused.no_title", 1)
    when, exact = _date(front.values, slug, findings)
    tags = _tags(front.values.get("tags"))
    if not tags:
        findings.add("finding.no_tags")
    source = _SOURCE.search(front.body)
    source_url = (source[1] or source[2]) if source else None
    if source_url is None:
        findings.add("finding.no_source")
    body = _read_body(front, findings)
    return ReadPost(
        Post(
            slug=slug,
            path=path,
            title=title,
            date=when,
            date_exact=exact,
            month=_month(front.values.get("months")),
            tags=tags,
            draft=_truth(front.values.get("draft")),
            thumbnail=_text(front.values.get("featureimage")) or None,
            source_url=source_url,
            item_id=item_id(source_url),
            sections=body.sections(),
            comments=tuple(body.comments),
        ),
        rendered=False,
        findings=tuple(findings.by_key.values()),
    )


def _text(value: object) -> str:
    """A value as the text that Hugo makes of it; nothing for lists and tables."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return shortcodes.printed_float(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return ""
    if isinstance(value, date | time):
        written = value.isoformat()
        return written.rstrip("0") if "." in written else written
    return str(value) if isinstance(value, int) else ""


def _truth(value: object) -> bool:
    if isinstance(value, str):
        return value in ("1", "t", "T", "true", "TRUE", "True")
    return bool(value) if isinstance(value, bool | int | float) else False


def _tags(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    names = (" ".join(_text(tag).split()) for tag in listed)
    return tuple(dict.fromkeys(name for name in names if name))


def _month(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    found = _MONTH.fullmatch(_text(first).strip())
    return f"{found[1]}/{int(found[2]):02}" if found else None


def _date(values: Mapping[str, object], slug: str, findings: Findings) -> tuple[datetime, bool]:
    """The date and whether its day is known; a post without one takes that of its slug."""
    value = values.get("date")
    if value not in (None, ""):
        parsed = _parsed_date(value)
        if parsed is None:
            raise PostRefused("refused.date", 1, date=_text(value)[:60])
        return parsed, True
    findings.add("finding.no_date")
    if (found := _SLUG_DATE.match(slug)) is not None:
        parsed = _parsed_date("-".join(found.groups()))
        if parsed is not None:
            return parsed, True
    month = _month(values.get("months"))
    parsed = _parsed_date(month.replace("/", "-") + "-01") if month else None
    if parsed is None:
        raise PostRefused("refused.no_date", 1)
    return parsed, False


def _parsed_date(value: object) -> datetime | None:
    """The time as written; a zone is dropped, since the day is what counts."""
    try:
        if isinstance(value, str):
            found = _DATE.fullmatch(value)
            return (
                datetime.fromisoformat(f"{found[1]}T{found[2] or found[3] or '00:00:00'}")
                if found
                else None
            )
        if isinstance(value, datetime):
            return value.replace(tzinfo=None, microsecond=0)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return None


@dataclass(slots=True)
class _Body:
    """What the walk over the shortcodes gathers."""

    comments: list[Comment] = field(default_factory=list)
    summaries: list[str | None] = field(default_factory=lambda: [None])

    def sections(self) -> tuple[Section, ...]:
        counts = [0] * len(self.summaries)
        for comment in self.comments:
            counts[comment.section] += 1
        return tuple(
            Section(number, summary, counts[number])
            for number, summary in enumerate(self.summaries)
        )


def _read_body(front: frontmatter.FrontMatter, findings: Findings) -> _Body:
    def line(position: int) -> int:
        return front.body_line + front.body.count("\n", 0, position)

    try:
        nodes = shortcodes.parse(front.body)
    except ShortcodeError as error:
        key = f"refused.shortcode.{error.key}"
        raise PostRefused(key, line(error.position), name=error.name[:60]) from error
    body = _Body()
    for shortcode, section in _walk(nodes, 0, body):
        if len(body.comments) >= MAX_COMMENTS:
            at = line(shortcode.position)
            raise PostRefused("refused.too_many_comments", at, limit=MAX_COMMENTS)
        body.comments.append(_comment(shortcode, len(body.comments) + 1, section, findings, line))
    if not body.comments:
        findings.add("finding.no_comments")
    return body


def _walk(
    nodes: list[str | Shortcode], section: int, body: _Body
) -> Iterator[tuple[Shortcode, int]]:
    """Every comment in the order of the page, with the number of the fold it lies in."""
    for node in nodes:
        if isinstance(node, str) or node.name == "comment":
            continue
        if node.name == "matomequote":
            yield node, section
        elif node.name == "details":
            body.summaries.append(node.named.get("summary"))
            yield from _walk(node.inner, len(body.summaries) - 1, body)
        else:
            yield from _walk(node.inner, section, body)


def _comment(
    shortcode: Shortcode, number: int, section: int, findings: Findings, line: Callable[[int], int]
) -> Comment:
    named = shortcode.named
    body = named.get("body")
    user = named.get("userName", "")
    created = named.get("createdAt", "")
    hue = named.get("color", "")
    created_at = timestamp(created)
    highlight = colour(hue) if hue else None
    faults = []
    if body is None:
        faults.append("finding.no_body")
        body = ""
    if not user:
        faults.append("finding.no_user")
    if created_at is None:
        faults.append("finding.no_time")
    if hue and highlight is None:
        faults.append("finding.colour")
    for key in faults:
        # Counting lines is slow; only where a kind of fault is first is kept.
        findings.add(key, None if key in findings.by_key else line(shortcode.position))
    return Comment(
        number=number,
        section=section,
        user=user,
        created_at=created_at,
        colour=highlight,
        body=_LINE_BREAK.sub("\n", body) if "<" in body else body,
    )
