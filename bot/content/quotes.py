"""From a comment of the archive to the block that shows it."""

from bot.content.shown import shown
from bot.model import Comment
from bot.view import Quote


def quote_of(post_key: str, comment: Comment) -> Quote:
    """The whole comment; an empty body gives an empty text."""
    return Quote(
        post=post_key,
        number=comment.number,
        user=comment.user,
        created_at=comment.created_at,
        colour=comment.colour,
        text=shown(comment.body),
    )
