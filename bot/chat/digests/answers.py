"""The one place that knows which answer belongs to which intent about digests."""

from dataclasses import replace
from typing import assert_never

from structlog.stdlib import get_logger

from bot.chat.context import Context
from bot.chat.digests import changing, looking, sending
from bot.chat.digests.changing import Changed
from bot.chat.digests.desk import Desk
from bot.chat.views.parts import small_print
from bot.chat.views.subscription import (
    forget_view,
    remove_view,
    removed_view,
    said_view,
    settings_view,
)
from bot.errors import IndexFileError, StateError, UserError
from bot.intent import (
    AddDigest,
    DigestIntent,
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    ListDigests,
    PauseDigest,
    PreviewDigest,
    ReadDigest,
    RemoveDigest,
    SendDigest,
)
from bot.view import Divider, View

_log = get_logger(__name__)


async def answer(desk: Desk, intent: DigestIntent | ReadDigest, context: Context) -> View:
    """Do what somebody asks for, and say what came of it. Raises UserError and StateError."""
    match intent:
        case ListDigests():
            return await looking.listing(desk, intent, context)
        case AddDigest():
            return await _shown(desk, await changing.add(desk, intent, context), context)
        case EditDigest():
            return await _shown(desk, await changing.edit(desk, intent, context), context)
        case DigestSettings():
            return await looking.settings(desk, intent, context)
        case PauseDigest():
            return await _shown(desk, await changing.pause(desk, intent, context), context)
        case RemoveDigest():
            found = await changing.remove(desk, intent, context)
            if not intent.sure:
                return remove_view(found, context.frame)
            return removed_view(ListDigests(found.personal), context.frame)
        case PreviewDigest():
            return await sending.preview(desk, intent, context)
        case SendDigest():
            return await sending.send(desk, intent, context)
        case DigestStatus():
            return await looking.status(desk, intent, context)
        case ForgetMe():
            if not intent.sure:
                return forget_view(context.frame)
            count = await changing.forget(desk, context)
            return said_view(context.texts("digest.forgotten", count=count), context.frame)
        case ReadDigest():
            return await sending.read(desk, intent, context)
        case _:
            assert_never(intent)


async def _shown(desk: Desk, changed: Changed, context: Context) -> View:
    """What a digest is set to now, and what it would have in it if that is of interest.

    The latter only where there is room for it.
    """
    said = context.texts(changed.said)
    view = settings_view(changed.subscription, said, context.frame, desk.now())
    if not changed.previewed:
        return view
    above = (*view.blocks, Divider(), small_print(context.texts("digest.would_be")))
    # Whatever keeps it from being shown: it is set up all the same, and that has to be told.
    try:
        stores = await desk.get_stores()
        below = await sending.previewed(desk, stores, changed.subscription, context, above)
    except UserError as error:
        why = small_print(context.texts.of(error))
        return replace(view, blocks=(*view.blocks, Divider(), why))
    except (StateError, IndexFileError) as error:
        _log.warning("what a digest would have in it cannot be shown", cause=error)
        return view
    return view if below.blocks == above else replace(view, blocks=below.blocks)
