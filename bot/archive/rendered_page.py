"""The reader of a rendered page's text, as a browser's "save as text" leaves it.

Its grammar (B = blank line):

    page    = "メインコンテンツへスキップ" B title B meta B title B "引用元:" url B
              comments [B "記事一覧へ"] B footer
    meta    = "·" minutes " 分" NL month (SP tag)*
    comment = [summary NL] user SP stamp [B body]
    footer  = site NL "著者" NL site NL about
"""

import re
from collections import Counter
from collections.abc import Collection
from datetime import datetime

from bot.archive.reading import MAX_COMMENTS, Findings, ReadPost, item_id, slug_of, timestamp
from bot.errors import PostRefused
from bot.model import Comment, Post, Section

FIRST_LINE = "メインコンテンツへスキップ"

_AUTHOR = "著者"
_BACK = "記事一覧へ"
_MINUTES = re.compile(r"·\s*\d+ ?分")
_META = re.compile(r"([0-9]{4})/([0-9]{2})((?: \S+)*)")
_SOURCE = re.compile(r"引用元[:：]\s*(\S+)")
_HEAD = re.compile(
    r"([A-Za-z0-9_-]{1,15}) (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)",
    re.ASCII,
)
_SUMMARY = re.compile(r"もっとコメントを表示(?:[(（]\d+[)）])?|もっと読む")


def is_rendered(text: str) -> bool:
    """Whether the text is that of a rendered page."""
    start = text.removeprefix("\ufeff").lstrip("\r\n")
    return start.startswith(FIRST_LINE) and start[len(FIRST_LINE) :][:1] in ("", "\r", "\n")


def read(text: str, path: str, known_tags: Collection[str] = ()) -> ReadPost:
    """Read a rendered page; tags with a space inside are recognised among `known_tags`.

    Colours, the end of a fold and the day of the date are gone. Raises PostRefused.
    """
    findings = Findings()
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    filled = [number for number, line in enumerate(lines) if line.strip()][:6]
    start = filled[0]
    if len(filled) < 5 or not _MINUTES.fullmatch(lines[filled[2]].strip()):
        raise PostRefused("refused.page_head", start + 1)
    title = lines[filled[1]].strip()
    meta = _META.fullmatch(lines[filled[3]].strip())
    if meta is None:
        raise PostRefused("refused.page_month", filled[3] + 1)
    if lines[filled[4]].strip() != title:
        raise PostRefused("refused.page_head", filled[4] + 1)
    source = _SOURCE.fullmatch(lines[filled[5]].strip()) if len(filled) > 5 else None
    if source is None:
        findings.add("finding.no_source", filled[4] + 2)
    first = (filled[5] if source else filled[4]) + 1
    end = _footer(lines, first)
    comments, summaries = _comments(lines, first, end)
    if not comments:
        findings.add("finding.no_comments")
    source_url = source[1] if source else None
    return ReadPost(
        Post(
            slug=slug_of(path),
            path=path,
            title=title,
            date=_first_day(meta[1], meta[2], filled[3] + 1),
            date_exact=False,
            month=f"{meta[1]}/{meta[2]}",
            tags=split_tags(meta[3].split(), known_tags),
            draft=False,
            thumbnail=None,
            source_url=source_url,
            item_id=item_id(source_url),
            sections=_sections(comments, summaries),
            comments=tuple(comments),
        ),
        rendered=True,
        findings=tuple(findings.by_key.values()),
    )


def split_tags(words: list[str], known: Collection[str]) -> tuple[str, ...]:
    """Join the words of a tag line into the longest tags that are known."""
    longest = max((tag.count(" ") + 1 for tag in known), default=1)
    tags: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            tag = " ".join(words[at : at + length])
            if length == 1 or tag in known:
                tags.append(tag)
                at += length
                break
    return tuple(dict.fromkeys(tags))


def _first_day(year: str, month: str, line: int) -> datetime:
    try:
        return datetime.fromisoformat(f"{year}-{month}-01")
    except ValueError as error:
        raise PostRefused("refused.page_month", line) from error


def _footer(lines: list[str], first: int) -> int:
    """The index of the line at which the comments end; a page without its footer was cut off."""
    for at in range(len(lines) - 2, first, -1):
        if lines[at] == _AUTHOR and lines[at - 1] and lines[at - 1] == lines[at + 1]:
            end = at - 1
            while end > first and (not lines[end - 1].strip() or lines[end - 1] == _BACK):
                end -= 1
            return end
    raise PostRefused("refused.page_cut_off", len(lines))


def _comments(lines: list[str], first: int, end: int) -> tuple[list[Comment], list[str | None]]:
    heads = [(at, head) for at in range(first, end) if (head := _HEAD.fullmatch(lines[at]))]
    if not heads and any(line.strip() for line in lines[first:end]):
        raise PostRefused("refused.page_head", first + 1)
    summaries: list[str | None] = [None]
    comments: list[Comment] = []
    if len(heads) > MAX_COMMENTS:
        at = heads[MAX_COMMENTS][0] + 1
        raise PostRefused("refused.too_many_comments", at, limit=MAX_COMMENTS)
    following = [*(at for at, _ in heads), end][1:]
    for (at, head), behind in zip(heads, following, strict=True):
        if _SUMMARY.fullmatch(lines[at - 1]):
            summaries.append(lines[at - 1])
        last = behind - 1 if behind < end and _SUMMARY.fullmatch(lines[behind - 1]) else behind
        body = lines[at + 1 : last]
        if body and not body[0]:
            del body[0]
        if body and not body[-1] and behind < end:
            del body[-1]
        comments.append(
            Comment(
                number=len(comments) + 1,
                section=len(summaries) - 1,
                user=head[1],
                created_at=timestamp(head[2]),
                colour=None,
                body="\n".join(body),
            )
        )
    return comments, summaries


def _sections(comments: list[Comment], summaries: list[str | None]) -> tuple[Section, ...]:
    counts = Counter(comment.section for comment in comments)
    return tuple(
        Section(number, summary, counts[number]) for number, summary in enumerate(summaries)
    )
