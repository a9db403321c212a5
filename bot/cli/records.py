"""Posts and search results as the JSON that `matome export` and `matome search --json` print."""

from datetime import datetime

from bot.model import Post, post_url
from bot.search.search import Hit


def post_record(post: Post, site_url: str | None) -> dict[str, object]:
    """A post for `matome export`; the order of the keys is part of the format."""
    return {
        "slug": post.slug,
        "path": post.path,
        "title": post.title,
        "date": post.date.isoformat(timespec="seconds"),
        "date_exact": post.date_exact,
        "month": post.month,
        "tags": list(post.tags),
        "draft": post.draft,
        "thumbnail": post.thumbnail,
        "source_url": post.source_url,
        "item_id": post.item_id,
        "url": post_url(site_url, post.path),
        "sections": [
            {"number": section.number, "summary": section.summary, "comments": section.comments}
            for section in post.sections
        ],
        "comments": [
            {
                "number": comment.number,
                "section": comment.section,
                "user": comment.user,
                "created_at": _iso(comment.created_at),
                "colour": comment.colour,
                "body": comment.body,
            }
            for comment in post.comments
        ],
    }


def hit_record(query: str, rank: int, hit: Hit) -> dict[str, object]:
    """A result for `matome search --json`; `rank` counts from 1."""
    return {
        "query": query,
        "rank": rank,
        "kind": hit.kind,
        "slug": hit.slug,
        "path": hit.path,
        "title": hit.title,
        "number": hit.number,
        "user": hit.user,
        "created_at": _iso(hit.created_at),
        "snippet": hit.snippet.text,
        "score": round(hit.score, 4),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
