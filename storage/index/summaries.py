"""What lists show of posts, out of the index."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.model import PostSummary

SUMMARY = """
    SELECT post.id, slug, path, title, date, date_exact, comments, item_id, source_url,
        (SELECT json_group_array(name) FROM
            (SELECT name FROM tag WHERE post_id = post.id ORDER BY position))
    FROM post
"""
SERVED_NEWEST_FIRST = "NOT draft ORDER BY date DESC, post.id DESC"


def summary_of(row: Sequence[Any]) -> PostSummary:
    """A post as a row of SUMMARY has it."""
    return PostSummary(
        slug=row[1],
        path=row[2],
        title=row[3],
        date=datetime.fromisoformat(row[4]),
        date_exact=bool(row[5]),
        tags=tuple(json.loads(row[9])),
        comments=row[6],
        item_id=row[7],
        source_url=row[8],
    )
