"""From an intent to a view: the one place that knows which answer belongs to which intent."""

from typing import assert_never

from bot.chat.context import Frame
from bot.chat.library import Library
from bot.chat.views import comments, lists, post
from bot.chat.views.help import show_help
from bot.chat.views.search import search
from bot.errors import UserError
from bot.intent import (
    AddDigest,
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    Help,
    Intent,
    ListDigests,
    Month,
    Months,
    Newest,
    OpenPost,
    PauseDigest,
    PreviewDigest,
    Random,
    ReadComments,
    ReadDigest,
    Related,
    RemoveDigest,
    Search,
    SendDigest,
    Tags,
    Unfold,
)
from bot.view import View


async def compose(library: Library, intent: Intent, frame: Frame) -> View:
    """What an intent shows. Raises UserError where the person can put something right."""
    match intent:
        case Newest():
            return await lists.newest(library, intent, frame)
        case Search():
            return await search(library, intent, frame)
        case OpenPost():
            return await post.open_post(library, intent, frame)
        case ReadComments():
            return await comments.read_comments(library, intent, frame)
        case Related():
            return await lists.related(library, intent, frame)
        case Tags():
            return await lists.tags(library, intent, frame)
        case Months():
            return await lists.months(library, intent, frame)
        case Month():
            return await lists.month(library, intent, frame)
        case Random():
            return await _random(library, frame)
        case Help():
            return show_help(intent, frame)
        case (
            Unfold()
            | ReadDigest()
            | ListDigests()
            | AddDigest()
            | EditDigest()
            | DigestSettings()
            | PauseDigest()
            | RemoveDigest()
            | PreviewDigest()
            | SendDigest()
            | DigestStatus()
            | ForgetMe()
        ):
            # Nothing that is shown to all, but something that is done for somebody
            # (bot/chat/delivery.py, bot/chat/digests/).
            raise UserError("code.damaged")
        case _:
            assert_never(intent)


async def _random(library: Library, frame: Frame) -> View:
    count = await library.index.count_posts()
    found = await library.index.nth(library.random.randrange(count)) if count else None
    if found is None:
        raise UserError("chat.empty_archive")
    return await post.open_post(library, OpenPost(found.key), frame)
