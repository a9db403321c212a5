"""From an intent to a view: the one place that knows which answer belongs to which intent."""

from typing import assert_never

from bot.chat.context import Context
from bot.chat.library import Library
from bot.chat.views import comments, lists, post
from bot.chat.views.help import show_help
from bot.chat.views.search import search
from bot.errors import UserError
from bot.intent import (
    Help,
    Intent,
    Month,
    Months,
    Newest,
    OpenPost,
    Random,
    ReadComments,
    Related,
    Search,
    Tags,
    Unfold,
)
from bot.view import View


async def compose(library: Library, intent: Intent, context: Context) -> View:
    """What an intent shows. Raises UserError where the person can put something right."""
    match intent:
        case Newest():
            return await lists.newest(library, intent, context)
        case Search():
            return await search(library, intent, context)
        case OpenPost():
            return await post.open_post(library, intent, context)
        case ReadComments():
            return await comments.read_comments(library, intent, context)
        case Related():
            return await lists.related(library, intent, context)
        case Tags():
            return await lists.tags(library, intent, context)
        case Months():
            return await lists.months(library, intent, context)
        case Month():
            return await lists.month(library, intent, context)
        case Random():
            return await _random(library, context)
        case Help():
            return show_help(context)
        case Unfold():
            return await comments.all_comments(library, intent, context)
        case _:
            assert_never(intent)


async def _random(library: Library, context: Context) -> View:
    count = await library.index.count_posts()
    found = await library.index.nth(library.random.randrange(count)) if count else None
    if found is None:
        raise UserError("chat.empty_archive")
    return await post.open_post(library, OpenPost(found.key), context)
