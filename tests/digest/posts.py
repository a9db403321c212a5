"""Posts to choose from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.model import Comment, Post, Section

COLOUR = "#45d325"


def comment(body: str, user: str = "alice", colour: str | None = None, minute: int = 0) -> Comment:
    """A comment that has no place yet."""
    return Comment(0, 0, user, datetime(2025, 6, 1, 10, minute, tzinfo=UTC), colour, body)


def post(comments: Sequence[Comment | str]) -> Post:
    """A post of comments, numbered in their order."""
    made = [comment(given) if isinstance(given, str) else given for given in comments]
    return Post(
        slug="2025_06_01_post",
        path="content/posts/2025_06/2025_06_01_post/index.md",
        title="題名",
        date=datetime(2025, 6, 1),  # noqa: DTZ001 (a day has no zone)
        date_exact=True,
        month=None,
        tags=("GPU",),
        draft=False,
        thumbnail=None,
        source_url=None,
        item_id=None,
        sections=(Section(0, None, len(made)),),
        comments=tuple(replace(each, number=number) for number, each in enumerate(made, 1)),
    )
