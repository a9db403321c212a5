"""Which of a forum's tags a new post there gets."""

from collections.abc import Iterable, Sequence
from itertools import islice

import discord

from bot.search.text import normalise
from bot.search.tokens import tag_key

# As many tags as a post of a forum may have.
_MOST = 5


def chosen_tags(forum: discord.ForumChannel, topics: Iterable[str]) -> Sequence[int]:
    """The ids of the tags that are called like a topic, in the order of those; five at most.

    Where none is but one is demanded, the first one that is not for moderators, else the first.
    """
    return chosen(forum.available_tags, topics, demanded=forum.flags.require_tag)


def chosen(
    tags: Sequence[discord.ForumTag], topics: Iterable[str], *, demanded: bool
) -> Sequence[int]:
    """See `chosen_tags`."""
    free = [tag for tag in tags if not tag.moderated]
    by_name = {_name(tag.name): tag.id for tag in reversed(free)}
    wanted = dict.fromkeys(map(_name, topics))
    found = list(islice((by_name[name] for name in wanted if name in by_name), _MOST))
    if found or not demanded:
        return found
    return [tag.id for tag in (free or tags)[:1]]


def _name(name: str) -> str:
    """How tags are compared, here and in the archive."""
    return tag_key(normalise(name))
