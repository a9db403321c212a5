"""The sample archive holds every oddity of a real one, so that whoever tries it meets them all."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.archive.pictures import ArchivePictures
from bot.archive.reading import ReadPost
from bot.archive.worker import read_post

CONTENT = Path(__file__).parents[2] / "examples/archive/content"


@cache
def raw() -> dict[str, str]:
    """The sample's raw posts by path."""
    return {
        path.relative_to(CONTENT).as_posix(): path.read_text("utf-8")
        for path in sorted(CONTENT.rglob("*.md"))
    }


@cache
def read() -> tuple[ReadPost, ...]:
    """All of the sample's files, read."""
    files = sorted([*CONTENT.rglob("*.md"), *CONTENT.rglob("*.txt")])
    return tuple(
        read_post(path.read_bytes(), path.relative_to(CONTENT).as_posix()) for path in files
    )


def all_bodies() -> list[str]:
    """The bodies of all comments."""
    return [comment.body for result in read() for comment in result.post.comments]


def test_it_has_a_dozen_posts_and_some_hundred_comments() -> None:
    assert len(read()) >= 12
    assert 270 <= sum(len(result.post.comments) for result in read()) <= 500
    assert len({result.post.slug for result in read()}) == len(read())


async def test_the_pictures_that_posts_name_are_there_and_small() -> None:
    pictures = ArchivePictures(CONTENT.parent)
    named = [result.post for result in read() if result.post.thumbnail is not None]
    assert len(named) >= 12
    for post in named:
        path = await pictures.find(f"content/{post.path}", post.thumbnail or "")
        assert path is not None, post.thumbnail
        picture = await pictures.read(path)
        assert picture is not None
        assert picture.kind == "jpg"
        assert len(picture.data) < 10_000


def test_every_file_is_read_without_a_fault() -> None:
    assert {result.post.path: result.findings for result in read() if result.findings} == {}


# An oddity of the archive's format, and a pattern that shows it in a raw post.
WRITTEN = {
    "a title in single quotes": r"(?m)^title = '",
    "a title in double quotes with single ones inside": r"(?m)^title = \"[^\"\n]*'",
    "a date a second past midnight": r"(?m)^date = '[^']*T00:00:01'",
    "a draft": r"(?m)^draft = true",
    "YAML front matter": r"\A---\n",
    "a source that is a link": r"引用元：\[https://news\.ycombinator\.com/item\?id=(\d+)\]\(",
    "a source that is a bare address": r"引用元：https://news\.ycombinator\.com/item\?id=\d+\n",
    "a comment's newer time": r"createdAt=\"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\"",
    "a comment's older time": r"createdAt=\"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\"",
    "a comment with its arguments in another order": r"<\s*matomeQuote\s+(?!body)\w+\s*=",
    "a comment with spaces where they may be": r"<\s+matomeQuote|<matomeQuote[^>]*?\w\s+=",
    "an escaped quote in a body": r"body=\"[^\"\n]*\\\"",
    "a backquoted argument": r"\w=`[^`]*`",
    "an empty body": r"body=\"\"",
    "a fold that is numbered": r"summary=\"もっとコメントを表示（\d+）\"",
    "a fold with other attributes and no number": r"summary=\"もっとコメントを表示\" class=",
    "a fold that says read on": r"summary=\"もっと読む\"",
    "a fold closed without spaces": r"\{\{</details>\}\}",
    "a fold closed with spaces": r"\{\{< /details >\}\}",
    "a list of other posts": r"\{\{< list limit=2 >\}\}",
    "a link back": r"\{\{% ref \"/posts/\" %\}\}",
    "a shortcode's comment": r"\{\{</\*",
    "braces as text": r"body=\"[^\"]*\{\{[^<%][^\"]*\}\}",
    "a line break": r"<br>",
    "a mistyped line break": r"‹br＞",
}


@pytest.mark.parametrize("pattern", WRITTEN.values(), ids=WRITTEN)
def test_each_oddity_of_a_raw_post_is_there(pattern: str) -> None:
    assert any(re.search(pattern, text) for text in raw().values())


# An oddity of bodies, and a pattern that shows it in one.
IN_BODIES = {
    "a literal \\n": r"\\n",
    "<word> as text": r"<(?!br)[a-z]+>",
    "<k, v> as text": r"<\w+, ?\w+>",
    "a quotation": r"(?m)^＞ ",
    "full-width characters in an address": r"https?：／／",
    "an address cut with dots": r"https?\S+(?:\.\.\.|…)",
    "references": r"\[1\]",
    "inline code": r"(?<!`)`[^`\n]+`(?!`)",
    "a fence": r"(?m)^```",
    "U+2028": r"\u2028",
    "a zero-width character": r"[\u200b-\u200d\ufeff]",
    "a C1 character": r"[\x80-\x9f]",
    "over 2,000 characters": r"(?s)\A.{2001}",
    "English only": r"\A[\x20-\x7e\n]{40,}\Z",
    "an empty body": r"\A\Z",
}


@pytest.mark.parametrize("pattern", IN_BODIES.values(), ids=IN_BODIES)
def test_each_oddity_of_a_body_is_there(pattern: str) -> None:
    assert any(re.search(pattern, body) for body in all_bodies())


def test_one_discussion_has_two_posts() -> None:
    items = Counter(result.post.item_id for result in read())
    assert max(items.values()) == 2


def test_folds_are_none_to_many() -> None:
    folds = {len(result.post.sections) - 1 for result in read()}
    assert {0, 1} < folds
    assert max(folds) >= 5


def test_highlights_are_of_six_colours_and_many_in_some_posts() -> None:
    posts = [result.post.comments for result in read() if not result.rendered]
    assert len({comment.colour for comments in posts for comment in comments} - {None}) == 6
    counts = [sum(comment.colour is not None for comment in comments) for comments in posts]
    assert any(count > 0.4 * len(comments) for count, comments in zip(counts, posts, strict=True))


def test_highlights_are_missing_in_some_posts() -> None:
    posts = [result.post.comments for result in read() if not result.rendered]
    assert any(all(comment.colour is None for comment in comments) for comments in posts)


def test_users_have_one_to_fifteen_characters_of_ascii() -> None:
    users = {comment.user for result in read() for comment in result.post.comments}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,15}", user) for user in users)
    assert 1 in {len(user) for user in users}


def test_tags_differ_only_in_spaces_or_have_some() -> None:
    tags = {tag for result in read() for tag in result.post.tags}
    assert {"Hacker News", "HackerNews"} <= tags
    assert sum(" " in tag for tag in tags) >= 2


def test_months_are_missing_in_some_posts() -> None:
    months = [result.post.month for result in read() if not result.rendered]
    assert None in months
    assert any(months)


def test_a_rendered_page_is_there_whose_raw_post_is_not() -> None:
    pages = [result.post for result in read() if result.rendered]
    assert pages
    raw_titles = {result.post.title for result in read() if not result.rendered}
    assert any(page.title not in raw_titles for page in pages)
