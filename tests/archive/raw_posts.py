"""Raw posts as the archive writes them, and what reading makes of them."""

import pytest

from bot.archive.hugo_post import read
from bot.archive.reading import (
    ReadPost,
)
from bot.errors import PostRefused
from bot.model import Comment, Post

PATH = "content/posts/2025_06/2025_06_24_slug/index.md"
ITEM = "https://news.ycombinator.com/item?id=44365320"


def text(
    body: str = "",
    *,
    title: str = "'題'",
    date: str = "'2025-06-24T00:00:00'",
    tags: str = '["GPU"]',
    source: str = f"引用元：[{ITEM}]({ITEM})",
    more: str = "",
) -> str:
    """A raw post; what is left out is as in any real post."""
    return (
        f"+++\ndate = {date}\nmonths = '2025/06'\ndraft = false\ntitle = {title}\ntags = {tags}\n"
        f"featureimage = 'thumbnails/color4.jpg'\n{more}+++\n\n> 題\n\n{source}\n\n{body}\n"
        '[記事一覧へ]({{% ref "/posts/" %}})\n'
    )


def quote(
    body: str = "本文", user: str = "u", created: str = "2025/06/24 01:02:03", hue: str = ""
) -> str:
    """A comment as the archive writes it."""
    attributes = f'body="{body}" userName="{user}" createdAt="{created}" color="{hue}"'
    return f"{{{{<matomeQuote {attributes}>}}}}\n"


def post(raw: str, path: str = PATH) -> Post:
    """The post that a raw text is read as."""
    return read(raw, path).post


def comment(raw: str) -> Comment:
    """The only comment of a post with this body."""
    [found] = post(text(raw)).comments
    return found


def findings(read_post: ReadPost) -> dict[str, tuple[int | None, int]]:
    """What is said of a post: the first line and the count by kind."""
    return {finding.key: (finding.line, finding.count) for finding in read_post.findings}


def refusal(raw: str, path: str = PATH) -> PostRefused:
    """Why a post is refused."""
    with pytest.raises(PostRefused) as refused:
        read(raw, path)
    return refused.value
